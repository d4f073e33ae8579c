#!/bin/bash
# cut-dumps.sh [CASE...]: a 4 GiB dump, interrupted at 20 places in each of three ways and looked at while it grows.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The ways: the sender is killed; the receiver is killed, comes back and recovers what lies there; the network is silent until the
# receiver ends it. The places are uniform in bytes from the end of the vital pages on. At each of them
#   libkdumpfile opens the dump, each page that it gives is as in the vmcore, and is one that came by the relay's record;
#   the manifest says incomplete, why, how many pages there are, and from which pfn on nothing is known;
#   crash --minimal shows the whole log, and libkdumpfile reads init_uts_ns through the page tables that came.
# Where the sender is killed crash is asked more, and must open behind 95 %; at how many places it opens is printed. The other two
# ways interrupt one and the same dump 20 times, which is resumed: so each is also one whole dump in the end.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
"$(dirname "$0")/../deps.sh" crash
here=$(cd "$(dirname "$0")/../e2e" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"
. "$here/lib-resume.sh"
. "$here/lib-crash.sh"
. "$here/lib-cutstream.sh"
CRASH=$(tests/vm/foreign.sh trixie crash)
VMLINUX=$(tests/crash/vmlinux.sh 6.1)
VMCORE=$(tests/vm/vmcore.sh 6.1 4096)
LOG4M=$(CMDLINE=log_buf_len=4M tests/vm/vmcore.sh 6.1 1024)
SHARED=$TMP/shared
mkdir "$SHARED"
N=${PLACES:-20} # fewer, to try something

# whole_answers VMCORE LEVEL DIR: DIR has ./stream of this level, and what crash says of the whole dump.
whole_answers() {
	mkdir -p "$3"
	(
		cd "$3"
		mkdir whole
		"$SEND" -d 31 --message-level 4 --to file:stream "$1"
		"$RECV" --dir whole --replay stream >said 2>&1
		crash_says "$VMLINUX" "$PWD/$(dump_in whole)/vmcore" 'set scroll off;log' whole.log --minimal || fail "crash --minimal and the whole dump"
		grep -q 'Kernel panic - not syncing: sysrq triggered crash' whole.log || fail "the whole dump has no log"
		crash_says "$VMLINUX" "$PWD/$(dump_in whole)/vmcore" "$ASKED" whole.answers || fail "crash and the whole dump"
		rm -r whole
		[ "$2" = 31 ] || { rm stream; "$SEND" -d "$2" --message-level 4 --to file:stream "$1"; }
	)
}

# honest DUMPDIR VMCORE REASON ANSWERS NAME: all that a cut dump must be, but for what full crash says.
honest() {
	local file=$1/vmcore-incomplete lacking
	lies_incomplete "$1" "$3" >manifest.said
	"$LIB_RESUME/record.py" record --arrived arrived >record.said || { cat record.said; fail "the record"; }
	judge_but "$INCOMPLETE" --against-vmcore "$file" "$2" --arrived arrived >judge.said || { cat judge.said; fail "$file"; }
	[ "$(manifest "$1" pages.stored)" = "$(pages_compared)" ] || fail "the manifest counts other pages"
	lacking=$(manifest "$1" lacking.not_received)
	# A byte before the end all windows are there, and only END lacks: that the reason says.
	if [ -z "$lacking" ]; then
		[ "$(manifest "$1" pages.stored)" = "$(manifest "$1" pages.kept)" ] || fail "the manifest does not say what is lacking"
		lacking="END alone"
	fi
	"$JUDGE" --release "$file" | grep -q 'release in memory: 6\.1\.' || fail "init_uts_ns"
	crash_says "$VMLINUX" "$PWD/$file" 'set scroll off;log' cut.log --minimal || fail "crash --minimal does not open"
	cmp "$4/whole.log" cut.log || fail "crash --minimal does not show the whole log"
	echo "$5: $(pages_compared) pages, all right; lacking $lacking"
}

killed_senders() { # VMCORE LEVEL NAME
	local size place n=0 opened=0 all=$SHARED/$3
	[ -e "$all/whole.answers" ] || whole_answers "$1" "$2" "$all"
	size=$(stat -c %s "$all/stream")
	"$LIB_CUTSTREAM/streamcut.py" "$all/stream" "$N" | tail -n +2 >places
	while read -r place; do
		n=$((n + 1))
		rm -rf dumps record
		mkdir dumps record
		receiver_start dumps
		relay_start "$URL" --record record "1 up $place swallow"
		"$SEND" --replay --message-level 4 --to "$RELAY_URL" "$all/stream" 2>sender.log &
		SENDER=$!
		relay_did "did 1 up $place swallow"
		kill -KILL "$SENDER"
		wait "$SENDER" || true
		receiver_end 3 'incomplete: ' >receiver.said
		relay_end >/dev/null
		truncate -s "$place" record/1.up # behind it the sender spoke to nobody
		honest "$(dump_in dumps)" "$1" 'the stream ends|the connection broke' "$all" "sender killed at byte $place of $size"
		if crash_says "$VMLINUX" "$PWD/$(dump_in dumps)/vmcore-incomplete" "$ASKED" cut.answers && cmp -s "$all/whole.answers" cut.answers; then
			opened=$((opened + 1))
		else
			echo "crash does not open:"
			diff "$all/whole.answers" cut.answers | head -n 5 || true
			[ $((place * 100)) -lt $((size * 95)) ] || fail "behind 95 %"
		fi
	done <places
	[ "$n" = "$N" ] || fail "$n places"
	echo "sender killed, $3: crash opens at $opened of $n, --minimal shows the whole log at $n" | tee -a "$TMP/summary"
}

# The rules that do something each time another N-th of the stream has come.
steps() { # ACTION...
	local vital size i
	vital=$("$LIB_CUTSTREAM/streamcut.py" "$SHARED/4g/stream" 0 | head -n 1)
	size=$(stat -c %s "$SHARED/4g/stream")
	echo "1 up $((vital + (size - vital) / N / 2)) $*" # what is not yet on the disk is lost with a killed receiver
	for ((i = 2; i <= N; i++)); do echo "$i up $(((size - vital) / N)) $*"; done
}

killed_receivers() {
	local i dump
	[ -e "$SHARED/4g/whole.answers" ] || whole_answers "$VMCORE" 1 "$SHARED/4g"
	mkdir dumps record
	server_start
	relay_start "$URL" --record record "$(steps swallow)"
	begin_sending "$RELAY_URL" -- --wire lz4 -d 1 --give-up 600 "$VMCORE"
	for ((i = 1; i <= N; i++)); do
		relay_did "did $i up [0-9]* swallow"
		kill -STOP "$SENDER"
		server_kill # the relay may see only now, or when the sender goes on, that the connection is over: nothing went up behind the place
		truncate -s "$(sed -n "s/^did $i up \([0-9]*\) .*/\1/p" relay.said)" "record/$i.up"
		server_start
		dump=$(dump_in dumps)
		honest "$dump" "$VMCORE" 'the receiver was killed' "$SHARED/4g" "receiver killed, $i"
		kill -CONT "$SENDER"
	done
	sent_whole >sender.said
	server_end
	relay_end >/dev/null
	[ "$(manifest "$dump" state)" = complete ] || fail "it is not whole in the end"
	judge_but nothing --against-vmcore "$dump/vmcore" "$VMCORE"
	echo "receiver killed at $N places: each dump honest, whole in the end" | tee -a "$TMP/summary"
}

silences() {
	local i dump
	[ -e "$SHARED/4g/whole.answers" ] || whole_answers "$VMCORE" 1 "$SHARED/4g"
	mkdir dumps record
	server_start --idle-timeout 1
	relay_start "$URL" --record record "$(steps hold 3600000)"
	begin_sending "$RELAY_URL" -- --wire lz4 -d 1 --give-up 600 "$VMCORE"
	for ((i = 1; i <= N; i++)); do
		relay_did "did $i up [0-9]* hold"
		kill -STOP "$SENDER" # it would come back before its dump was looked at
		until [ "$(grep -c 'incomplete: no byte came for 1 second' server.log)" = "$i" ]; do sleep 0.05; done
		sleep 0.2
		dump=$(dump_in dumps)
		honest "$dump" "$VMCORE" 'no byte came for 1 second' "$SHARED/4g" "silence, $i"
		kill -CONT "$SENDER"
	done
	sent_whole >sender.said
	server_end
	relay_end >/dev/null
	[ "$(manifest "$dump" state)" = complete ] || fail "it is not whole in the end"
	echo "silence at $N places: each dump honest, whole in the end" | tee -a "$TMP/summary"
}

# Readers while it grows. A checkpoint may come under a reader's feet, and one more may not: the transfer is slow.
growing() {
	local i dump all=$SHARED/4g
	[ -e "$all/whole.answers" ] || whole_answers "$VMCORE" 1 "$all"
	mkdir dumps record
	receiver_start dumps
	relay_start "$URL" --record record --buffer 262144 '1 up 100M rate 4M'
	"$SEND" --replay --message-level 4 --to "$RELAY_URL" "$all/stream" 2>sender.log &
	SENDER=$!
	relay_did 'did 1 up [0-9]* rate'
	for ((i = 1; i <= 6; i++)); do
		sleep_ms "$(moment 2000 6000 "$i")"
		dump=$(dump_in dumps)
		"$JUDGE" --release "$dump/vmcore-incomplete" | grep -q 'release in memory: 6\.1\.' || fail "init_uts_ns"
		judge_but "$INCOMPLETE" --against-vmcore "$dump/vmcore-incomplete" "$VMCORE" >judge.said || { cat judge.said; fail "reader $i"; }
		[ "$(manifest "$dump" state)" = receiving ] || fail "it is not received any more"
		echo "reader $i: $(pages_compared) pages, all right"
		crash_says "$VMLINUX" "$PWD/$dump/vmcore-incomplete" 'set scroll off;log' cut.log --minimal || fail "crash --minimal does not open"
		cmp "$all/whole.log" cut.log || fail "crash --minimal does not show the whole log"
	done
	kill -KILL "$SENDER"
	receiver_end 3 'incomplete: ' >receiver.said
	relay_end >/dev/null
	echo "6 readers while it grows: each page right" | tee -a "$TMP/summary"
}

begin sender-killed killed_senders "$VMCORE" 1 4g
begin receiver-killed killed_receivers
begin silence silences
begin growing growing
rm -rf "$SHARED/4g"
begin large-log killed_senders "$LOG4M" 31 log4m
cat "$TMP/summary" 2>/dev/null || true
cases_end
