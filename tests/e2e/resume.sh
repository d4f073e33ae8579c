#!/bin/bash
# resume.sh: a dump whose receiver is killed or whose connection breaks goes on, and ends as if nothing had been.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Between sender and receiver is tests/relay, which makes the transfer slow enough for what is done to it and records it. Each dump must
# equal, in the judge's eyes, that of the same stream taken without interruption, and the record must show that nothing
# that was acknowledged as durable was sent again. The long series are in tests/all/resume.sh and tests/all/cut-dumps.sh.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"
. "$here/lib-resume.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1)
OFTEN=(--durable-bytes 2000000 --durable-seconds 1) # bytes of pages as they rest
mkdir "$TMP/whole"
cd "$TMP/whole"
"$SEND" -d 31 --message-level 4 --to file:stream "$VMCORE"
REFERENCE=$PWD/$(reference stream)
SIZE=$(stat -c %s stream)
cd - >/dev/null

# What reads the record must find it when a connection is repeated.
record_tells_lies() {
	cp record/4.up record/99.up
	cp record/4.down record/99.down
	if "$LIB_RESUME/record.py" record >lies.said; then fail "a connection that came twice is not found out"; fi
	grep -c ' came again, ' lies.said
}

# The receiver is killed, and comes back at the same address.
kills() {
	local i
	mkdir dumps record
	server_start "${OFTEN[@]}"
	relay_start "$URL" --record record --buffer 262144 '* up 0 rate 20M'
	begin_sending "$RELAY_URL" -- --wire lz4 -d 31 "$VMCORE"
	for ((i = 1; i <= 5; i++)); do
		sleep_ms "$(moment 400 1000 "$i")"
		server_kill
		server_start "${OFTEN[@]}"
	done
	sent_whole
	relay_end >/dev/null
	recorded
	[ "$(record_has resumed)" -ge 4 ] || { cat record.said; fail "it was not resumed"; }
	record_tells_lies
	whole_as "$REFERENCE"
	server_end
}

# The connection breaks; each time some MB further on.
cuts() {
	local total
	mkdir dumps record
	server_start
	relay_start "$URL" --record record --buffer 262144 '1 up 5M~8M fin' '2-9 up 4M~8M rst' '10 up 4M~8M fin'
	begin_sending "$RELAY_URL" -- --wire lz4 -d 31 "$VMCORE"
	sent_whole
	relay_end >/dev/null
	recorded
	total=$(record_has bytes)
	echo "$total bytes in $(record_has connections) connections, $((total * 1000 / SIZE))/1000 of an uninterrupted transfer's $SIZE"
	[ "$(record_has resumed)" -ge 9 ] || fail "it was not resumed so often"
	[ "$total" -le $((SIZE * 13 / 10)) ] || fail "more than 1.3 times the bytes"
	whole_as "$REFERENCE"
	server_end
}

# Nothing passes for a while: the receiver ends it, and the sender comes back.
silence() {
	mkdir dumps record
	server_start --idle-timeout 2
	relay_start "$URL" --record record --buffer 262144 '1 up 30M hold 5000'
	begin_sending "$RELAY_URL" -- --wire lz4 -d 31 "$VMCORE"
	sent_whole
	relay_end >/dev/null
	recorded
	grep 'no byte came for 2 seconds' sender.log server.log
	[ "$(record_has resumed)" -ge 1 ] || fail "it was not resumed"
	whole_as "$REFERENCE"
	server_end
}

# The first receiver is gone for good: the second one has all. Both manifests tell of it.
failover() {
	local first second
	mkdir dumps second
	server_start --resume-for 1 "${OFTEN[@]}"
	first=$URL
	relay_start "$URL" --buffer 262144 '* up 0 rate 20M' '1 up 20M silent'
	URL=
	SERVER_DIR=second receiver_start second
	second=$URL URL=$first
	begin_sending "$RELAY_URL" "$second" -- --wire lz4 -d 31 --give-up 4 "$VMCORE"
	relay_did 'did 1 up [0-9]* silent'
	server_kill
	relay_end >/dev/null # who comes now finds nobody
	sent_whole
	receiver_end 0 ': whole: '
	whole_as "$REFERENCE" second
	manifest "$(dump_in second)" sender
	manifest "$(dump_in second)" sender | grep -Eq "anew after $RELAY_URL: ." || fail "the second manifest does not tell of the first"
	server_start --resume-for 1
	sleep 2.5
	server_end
	lies_incomplete "$(dump_in dumps)" '(killed|power).*did not come back within 1 s'
	readable_part "$(dump_in dumps)/vmcore-incomplete" "$VMCORE" 1
}

# The command that carries the stream loses its input half-way; the next one goes on with what lies on the disk.
command_cut() {
	mkdir dumps
	cat >carry.sh <<-COMMAND
		[ ! -e first ] || exec '$RECV' --stdio --dir dumps
		touch first
		stdbuf -o0 head -c 30000000 | '$RECV' --stdio --dir dumps | cat
	COMMAND
	begin_sending "exec:. ./carry.sh" -- --wire lz4 -d 31 "$VMCORE"
	sent_whole
	whole_as "$REFERENCE"
	[ "$(manifest "$(dump_in dumps)" connections)" = 2 ] || fail "the manifest does not count two connections"
}

begin resume-receiver-killed kills
begin resume-connection-cut cuts
begin resume-silence silence
begin resume-failover failover
begin resume-exec command_cut
cases_end
