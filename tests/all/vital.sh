#!/bin/bash
# vital.sh [CASE...]: streams cut at 20 places, uniform in bytes behind the vital pages, before crash and drgn.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# At each cut: every page that the dump promises is as in the vmcore, `crash --minimal` shows the whole log, libkdumpfile reads the
# kernel's release. Full crash must open at each cut behind 95 % of the bytes; at how many of the 20 it opens is printed. To open
# means that it says of tasks, modules and the system what it says of the whole dump. Before the end of the vital pages no cut is made:
# until then a debugger has nothing. One machine has a log of 4 MiB, which lies outside of the image.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
"$(dirname "$0")/../deps.sh" crash
here=$(cd "$(dirname "$0")/../e2e" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-cutstream.sh"
. "$here/lib-crash.sh"
TOP=$PWD

cuts() { # KERNEL VMCORE
	local vmlinux whole place size dump opened=0 n=0 log=0
	CRASH=$("$TOP/tests/vm/foreign.sh" trixie crash)
	vmlinux=$("$TOP/tests/crash/vmlinux.sh" "$1")
	stream_of "$2"
	size=$(stat -c %s stream)
	"$RECV" --dir . --replay stream >said 2>&1
	whole=$(dump_in .)/vmcore
	crash_says "$vmlinux" "$whole" 'set scroll off;log' whole.log --minimal || fail "crash --minimal and the whole dump"
	grep -q 'Kernel panic - not syncing: sysrq triggered crash' whole.log || fail "the whole dump has no log"
	crash_says "$vmlinux" "$whole" "$ASKED" whole.answers || fail "crash and the whole dump"
	cut_places 20 >places
	while read -r place; do
		n=$((n + 1))
		dump=$PWD/$(cut_at "$place")/vmcore-incomplete
		readable_part "$dump" "$2" 1 >judge.said || { cat judge.said; fail "cut $n"; }
		"$JUDGE" --release "$dump" >/dev/null
		if crash_says "$vmlinux" "$dump" 'set scroll off;log' cut.log --minimal && cmp -s whole.log cut.log; then
			log=$((log + 1))
		fi
		if crash_says "$vmlinux" "$dump" "$ASKED" cut.answers && cmp -s whole.answers cut.answers; then
			opened=$((opened + 1))
		elif [ $((place * 100)) -ge $((size * 95)) ]; then
			diff whole.answers cut.answers | head -n 20
			fail "crash does not open a dump cut behind 95 %"
		else
			echo "cut $n, at byte $place of $size: crash does not open"
			diff whole.answers cut.answers | head -n 5 || true
		fi
	done <places
	echo "$1: crash opens at $opened of $n cuts, from byte $(head -n 1 places) of $size on; --minimal shows the whole log at $log" | tee "$TMP/opens.$1"
	[ "$log" = "$n" ] || fail "crash --minimal does not show the whole log at each cut"
}

# The first cut, where nothing but vital pages came.
drgn_lists() { # KERNEL
	local vmlinux dump
	vmlinux=$("$TOP/tests/crash/vmlinux.sh" "$1")
	stream_of "$("$TOP/tests/vm/vmcore.sh" "$1")"
	dump=$(cut_at "$(cut_places 1)")/vmcore-incomplete
	"$TOP/tests/crash/tasks.py" "$vmlinux" "$dump" >tasks.cut
	"$RECV" --dir . --replay stream >said 2>&1
	"$TOP/tests/crash/tasks.py" "$vmlinux" "$(dump_in .)/vmcore" >tasks.whole
	diff tasks.whole tasks.cut
}

large_log() {
	cuts 6.1 "$(CMDLINE=log_buf_len=4M "$TOP/tests/vm/vmcore.sh" 6.1 1024)"
}

begin cuts-6.1 cuts 6.1 "$(tests/vm/vmcore.sh 6.1 4096)"
begin cuts-6.12 cuts 6.12 "$(tests/vm/vmcore.sh 6.12)"
begin drgn-6.1 drgn_lists 6.1
begin drgn-6.12 drgn_lists 6.12
begin large-log large_log
cat "$TMP"/opens.* 2>/dev/null || true
cases_end
