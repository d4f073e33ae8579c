# Receivers that are killed and come back, and dumps that go on; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs lib-cases.sh, lib-receiver.sh, lib-dumps.sh, lib-relay.sh.
#   server_start [OPTION...]   a receiver that stays, of ./dumps (or $SERVER_DIR); $URL, $SERVER. Again: on the same port
#   server_kill                SIGKILL, and waits for its end
#   server_end                 SIGTERM; it must end with 0 and have complained of nothing but broken and killed streams
#   begin_sending TARGET... -- OPTION... VMCORE    starts the sender, $SENDER; what it says goes to sender.log
#   sent_whole                 waits for it: exit status 0, Stored
#   whole_as REFERENCE [DIR]   the one dump in ./dumps is whole, and equal to REFERENCE in the judge's eyes
#   reference STREAM           the dump of a saved stream that nobody interrupted: prints its path
#   recorded [DUMPS]           the relay's record shows nothing durable sent twice, of one dump (or so many)
#   moment LOW HIGH N          a number of ms between them, the N-th of a fixed row: random, and the same each time

server_start() {
	local i
	: >listening
	"$RECV" --dir "${SERVER_DIR:-dumps}" --listen "${URL:-tcp://127.0.0.1:0}" "$@" >listening 2>>server.log &
	SERVER=$!
	for ((i = 0; i < 400; i++)); do
		if grep -q '^listening on ' listening; then
			URL=$(sed -n 's/^listening on //p' listening)
			return 0
		fi
		kill -0 "$SERVER" 2>/dev/null || break
		sleep 0.02
	done
	cat server.log >&2
	fail "the receiver does not listen"
}

server_kill() {
	kill -KILL "$SERVER"
	wait "$SERVER" 2>/dev/null || true
}

server_end() {
	local got=0
	kill "$SERVER"
	wait "$SERVER" || got=$?
	if [ "$got" != 0 ]; then
		cat server.log >&2
		fail "the receiver exits $got"
	fi
}

begin_sending() {
	local targets=()
	while [ "$1" != -- ]; do
		targets+=(--to "$1")
		shift
	done
	shift
	"$SEND" --message-level 7 "${targets[@]}" "$@" 2>sender.log &
	SENDER=$!
}

sent_whole() {
	local got=0
	wait "$SENDER" || got=$?
	tr '\r' '\n' <sender.log | grep -v '^Copying data' || true
	[ "$got" = 0 ] || fail "the sender exits $got"
	grep -q '^Stored as ' sender.log || fail "the sender does not say Stored"
}

reference() {
	mkdir reference
	"$RECV" --dir reference --replay "$1" >reference.said 2>&1 || { cat reference.said >&2; fail "no reference"; }
	echo "$(dump_in reference)/vmcore"
}

whole_as() {
	local dump
	dump=$(dump_in "${2:-dumps}")
	[ "$(manifest "$dump" state)" = complete ] || fail "the manifest does not say complete"
	[ ! -e "$dump/vmcore-incomplete" ] || fail "an incomplete dump lies beside the whole one"
	"$JUDGE" "$dump/vmcore" "$1" >judged 2>&1 || { cat judged; fail "it is not the dump of an uninterrupted transfer"; }
	tail -n 1 judged
}

recorded() {
	"$LIB_RESUME/record.py" record >record.said || { cat record.said; fail "the record shows what should not be"; }
	tail -n 1 record.said
	grep -q " dumps ${1:-1} .* stored 1 " record.said || { cat record.said; fail "the record has not ${1:-1} dumps and one STORED"; }
}

record_has() { # NAME: a number of the record's last line
	sed -n "\$s/.* $1 \([0-9]*\).*/\1/p" record.said
}

moment() {
	echo $(($1 + 16#$(md5sum <<<"$3" | cut -c 1-7) % ($2 - $1 + 1)))
}

sleep_ms() { sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"; }

LIB_RESUME=$(cd tests/relay && pwd)
