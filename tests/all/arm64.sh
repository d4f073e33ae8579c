#!/bin/bash
# arm64.sh [CASE...]: dumps of arm64 kernels, real and made, judged page for page by makedumpfile and libkdumpfile.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's makedumpfile (1.7.8) knows no kernel that was made for 52 bits of addresses with pages of 4 or 16 KiB. If the
# machine had fewer bits, it gets VMCOREINFO in older words (tests/judge/arm64-foreign.py): then these words differ, and
# nothing else may. If the machine had 52, the crashed kernel's own counts in its last /proc/meminfo judge.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/../deps.sh" arm64
. "$here/../vm/cache.sh"
. "$here/../e2e/lib-cases.sh"
. "$here/../e2e/lib-dumps.sh"
. "$here/../e2e/lib-receiver.sh"

MAKEDUMPFILE=$(tests/judge/arm64-makedumpfile.sh)
FOREIGN=$PWD/tests/judge/arm64-foreign.py
PAGES=$PROGRAMS/tests/arm64_pages
[ -x "$PAGES" ] || make -s unit
# What the older words change: themselves, and what readers derive from them.
WORDS='phys_base: |notes: |VMCOREINFO: |attribute linux\.(phys_base|vmcoreinfo\.(raw|(NUMBER\.|lines\.NUMBER\()(PHYS_OFFSET|VA_BITS)\)?))$'

quietly() { # ARG...: makedumpfile's words only if it fails
	mkdir -p work
	"$MAKEDUMPFILE" --message-level 7 --work-dir work "$@" >said 2>&1 || { tr '\r' '\n' <said | tail -n 5; fail "makedumpfile $*"; }
}

dump() { # LEVEL VMCORE: makes dump/.../vmcore; DIR is its directory
	mkdir dumps
	"$SEND" -d "$1" --to file:stream --message-level 20 "$2" >report 2>&1 || { cat report; fail "kferry-send"; }
	if grep '^kferry-send: ' report; then fail "it was not understood"; fi
	"$RECV" --dir dumps --replay stream >said 2>&1 || { cat said; fail "kferry-recv --replay"; }
	rm stream
	DIR=$(echo dumps/*)
	"$JUDGE" --against-vmcore "$DIR/vmcore" "$2"
}

# makedumpfile's dump of VMCORE at LEVEL, kept in the cache with the log that it reads; PEER is its path.
peer() { # VMCORE LEVEL
	local version id
	version=$("$MAKEDUMPFILE" -v 2>/dev/null | sed -n 's/^makedumpfile: version \([^ ]*\).*/\1/p')
	id=$(basename "$1" .vmcore)-$(cat "$FOREIGN" <(stat -c '%n %s %Y' "$1") | sha256sum | cut -c 1-8)
	PEER=$CACHE/peers/$id-d$2-$version.dump
	locked "peer-${PEER##*/}"
	if [ -e "$PEER" ]; then return; fi
	mkdir -p "$CACHE/peers"
	cp --sparse=always "$1" foreign
	python3 "$FOREIGN" foreign >"$PEER.words"
	quietly -f --dump-dmesg foreign "$PEER.log"
	quietly -f -l -d "$2" foreign "$PEER.new"
	rm foreign
	mv "$PEER.new" "$PEER"
}

equal() { # LEVEL VMCORE
	local may_differ='nothing$'
	dump "$1" "$2"
	peer "$2" "$1"
	if grep -q reworded "$PEER.words"; then may_differ=$WORDS; fi
	judge_but "$may_differ" "$DIR/vmcore" "$PEER" --level "$1"
	diff -u "$PEER.log" "$DIR/vmcore-dmesg.txt"
}

# VALUE lies within PERCENT of WANTED.
near() { # NAME VALUE WANTED PERCENT
	echo "$1: $2, /proc/meminfo said $3"
	[ $((($2 - $3) * 100)) -le $(($3 * $4)) ] && [ $((($3 - $2) * 100)) -le $(($3 * $4)) ] || fail "too far off"
}

counts_fit() { # VMCORE
	local meminfo page
	dump 31 "$1"
	meminfo() { tr -d '\r' <"${1%.vmcore}.serial" | sed -n "s/^$2: *\([0-9]*\)\( kB\)\?$/\1/p"; }
	of_report() { sed -n "s/^ *$1 *: \(0x[0-9a-f]*\)$/\1/p" report; }
	page=$(($(manifest "$DIR" dump.page_size) / 1024))
	near "user pages, kB" $(($(of_report "User process data pages") * page)) \
		$(($(meminfo "$1" AnonPages) + $(meminfo "$1" HugePages_Total) * (page == 4 ? 2048 : 32768))) 2
	near "free pages, kB" $(($(of_report "Free pages") * page)) "$(meminfo "$1" MemFree)" 5
	# The console has each line of the log too, without the column of callers.
	sed 's/^\(\[ *[0-9.]*\] \)\[ *[TC][0-9]*\] /\1/' "$DIR/vmcore-dmesg.txt" | tail -n 20 >log
	tr -d '\r' <"${1%.vmcore}.serial" | tail -n 20 | diff -u - log
}

made() { # PLAN [judged]
	TMPDIR=$PWD "$PAGES" "$1" made || fail "no such plan"
	dump 31 made
	if [ $# = 1 ]; then return; fi
	quietly -f -l -d 31 made peer
	judge_but 'nothing$' "$DIR/vmcore" peer --level 31
}

real() { # NAME CPU [MEM_MB]
	if [ $# = 3 ]; then MESS=128 tests/vm/arm64-vmcore.sh "$@"; else tests/vm/arm64-vmcore.sh "$@"; fi
}

for plan in "4K, 48 bits" "4K, 39 bits, before 5.4" "16K, 47 bits" "64K, 48 bits" "64K, 52 bits" "64K, 52 bits on a machine with 48"; do
	begin "made-${plan//[ ,]/}" made "$plan" judged
done
for plan in "4K, 52 bits" "16K, 52 bits"; do begin "made-${plan//[ ,]/}" made "$plan"; done

vmcore=$(real 6.1 max)
for level in 0 1 17 31; do begin "6.1-level-$level" equal "$level" "$vmcore"; done
begin 6.1-cortex-a57 equal 31 "$(real 6.1 cortex-a57)"
vmcore=$(real 6.12 cortex-a57)
for level in 0 1 17 31; do begin "6.12-cortex-a57-level-$level" equal "$level" "$vmcore"; done
begin 6.12-52-bits counts_fit "$(real 6.12 max)"
vmcore=$(real 6.12-16k neoverse-n1 2048)
for level in 0 1 17 31; do begin "6.12-16k-neoverse-n1-level-$level" equal "$level" "$vmcore"; done
begin 6.12-16k-52-bits counts_fit "$(real 6.12-16k max 2048)"
cases_end
