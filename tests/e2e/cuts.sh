#!/bin/bash
# cuts.sh: either side is killed, stopped or cut off in the middle; what came by the last checkpoint opens, marked incomplete.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Level 0 and no compression on the wire, so that the receiver has made checkpoints long before the end. An incomplete dump
# must open with libkdumpfile, have status INCOMPLETE and no other fault, and give no page that differs from the vmcore's;
# the manifest tells why it ended. A receiver that is killed cannot tell: its last manifest says "receiving".
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1)
CUT='the stream ends after [0-9]+ bytes, .* without END|the connection broke: '
LOST='^kferry-send: tcp://127.0.0.1:[0-9]+: (the receiver closed the connection|(sending|receiving): (Connection reset by peer|Broken pipe))$'

big_dump() { # TARGET
	exec "$SEND" -d 0 --wire none --message-level 4 --give-up 0 --to "$1" "$VMCORE"
}

# Until the manifest counts pages in the file: then a checkpoint has been made that has them.
await_checkpoint() {
	local i stored
	for ((i = 0; i < 600; i++)); do
		stored=$(sed -sn 's/^ *"stored": \([0-9]*\),$/\1/p' dumps/*/manifest.json 2>/dev/null | head -n 1 || true)
		if [ "${stored:-0}" -gt 0 ]; then
			echo "a checkpoint has $stored pages"
			return 0
		fi
		sleep 0.02
	done
	fail "no checkpoint with pages in 12 s"
}

begin_big_dump() { # OPTION...
	mkdir dumps
	receiver_start dumps "$@"
	big_dump "$URL" 2>sender.log &
	SENDER=$!
	await_checkpoint
}

sender_end() { # STATUS PATTERN
	local got=0
	wait "$SENDER" || got=$?
	cat sender.log
	[ "$got" = "$1" ] || fail "the sender exits $got, not $1"
	[ "$(wc -l <sender.log)" = 1 ] || fail "the sender does not say one line"
	grep -Eq -- "$2" sender.log || fail "the sender does not say '$2'"
}

# What is left: incomplete, for this reason, and each page that is there is right.
left_readable() { # REASON
	local dump
	dump=$(dump_in dumps)
	ls -l "$dump"
	lies_incomplete "$dump" "$1"
	readable_part "$dump/vmcore-incomplete" "$VMCORE" 1
	[ "$(manifest "$dump" pages.stored)" = "$(pages_compared)" ] || fail "the manifest counts other pages"
}

lacks_pages() {
	[ -n "$(manifest "$(dump_in dumps)" lacking.not_received)" ] || fail "the manifest does not say which pages did not come"
}

sender_killed() {
	begin_big_dump
	kill -KILL "$SENDER"
	receiver_end 3 "incomplete: ($CUT)"
	left_readable "$CUT"
	lacks_pages
}

receiver_killed() {
	local dump
	begin_big_dump
	kill -KILL "$RECEIVER"
	sender_end 1 "$LOST"
	dump=$(dump_in dumps)
	ls -l "$dump"
	nothing_whole dumps
	readable_part "$dump/vmcore-incomplete" "$VMCORE" 1
	echo "the manifest says '$(manifest "$dump" state)' and $(manifest "$dump" pages.stored) pages"
	[ "$(manifest "$dump" state)" = receiving ] || fail "the manifest knows more than it can"
	[ "$(manifest "$dump" pages.stored)" -le "$(pages_compared)" ] || fail "the manifest counts pages that are not there"
}

receiver_stopped() { # SIGNAL
	begin_big_dump
	kill -"$1" "$RECEIVER"
	sender_end 1 "^kferry-send: the receiver ended it \\(stopped\\): the receiver was stopped \\(SIG$1\\)\$"
	receiver_end 3 "incomplete: the receiver was stopped \\(SIG$1\\)"
	left_readable "the receiver was stopped \\(SIG$1\\)"
	lacks_pages
}

sender_hangs() {
	begin_big_dump --idle-timeout 2
	kill -STOP "$SENDER"
	receiver_end 3 'incomplete: no byte came for 2 seconds'
	kill -CONT "$SENDER"
	sender_end 1 '^kferry-send: (the receiver ended it \(refused\): no byte came for 2 seconds|tcp://.*: sending: )'
	left_readable 'no byte came for 2 seconds'
	lacks_pages
}

connection_cut() { # HOW
	mkdir dumps
	receiver_start dumps
	relay_start "$URL" "1 up 250000000 $1"
	big_dump "$RELAY_URL" 2>sender.log &
	SENDER=$!
	sender_end 1 "$LOST"
	receiver_end 3 "incomplete: ($CUT)"
	left_readable "$CUT"
	lacks_pages
}

# All is sent and stored, but the sender does not hear so: it must not say that it is.
answers_lost() {
	mkdir dumps
	receiver_start dumps
	relay_start "$URL" '1 down 104 swallow' # behind the preface and WELCOME
	says 1 "$LOST" "$SEND" --message-level 4 --give-up 0 --to "$RELAY_URL" "$VMCORE"
	receiver_end 0 ': whole: '
	[ "$(manifest "$(dump_in dumps)" state)" = complete ] || fail "the manifest does not say complete"
}

# A stream that is being saved has another name than one that is whole.
saving_killed() {
	big_dump file:stream 2>/dev/null &
	SENDER=$!
	until [ -s stream-incomplete ] && [ "$(stat -c %s stream-incomplete)" -gt 100000000 ]; do sleep 0.02; done
	kill -KILL "$SENDER"
	wait "$SENDER" || true
	[ ! -e stream ] || fail "the stream looks finished"
	mkdir dumps
	say 3 "$RECV" --dir dumps --replay stream-incomplete
	left_readable "$CUT"
	lacks_pages
}

# Saved streams, cut: in the preface, in each of the first messages and behind them, in a batch, in END.
before_pages() {
	local at edges
	"$SEND" --message-level 4 --to file:stream "$VMCORE"
	edges=$(python3 - <<-'PYTHON'
		import struct
		stream = open("stream", "rb").read(1 << 20)
		at = 32
		print(0, 1, 31, 32)
		while stream[at + 2] < 8: # up to the first BATCH
		    length, = struct.unpack_from("<I", stream, at + 4)
		    print(at + 1, at + 24, at + 24 + length // 2, at + 24 + length)
		    at += 24 + length
	PYTHON
	)
	mkdir dumps
	for at in $edges; do
		head -c "$at" stream >cut.stream
		say '[13]' "$RECV" --dir dumps --replay cut.stream
		nothing_whole dumps
		rm -rf dumps/*
	done
}

stream_cut() { # BYTES FROM THE END
	mkdir dumps
	"$SEND" --message-level 4 --to file:stream "$VMCORE"
	truncate -s -"$1" stream
	say 3 "$RECV" --dir dumps --replay stream
	grep -E "^kferry-recv: replay of stream: incomplete: ($CUT)" words
	left_readable "$CUT"
}

begin cuts-sender-killed sender_killed
begin cuts-receiver-killed receiver_killed
begin cuts-receiver-SIGTERM receiver_stopped TERM
begin cuts-receiver-SIGINT receiver_stopped INT
begin cuts-sender-hangs sender_hangs
begin cuts-connection-closed connection_cut fin
begin cuts-connection-reset connection_cut rst
begin cuts-answers-lost answers_lost
begin cuts-saving-killed saving_killed
begin cuts-stream-before-pages before_pages
begin cuts-stream-in-a-batch stream_cut 10000000
begin cuts-stream-in-END stream_cut 1
cases_end
