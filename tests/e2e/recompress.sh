#!/bin/bash
# recompress.sh: a dump that comes faster than it can be packed is stored quickly, whole at once, and packed anew when nobody waits.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same pages before and after, in the judge's eyes; killed or stopped in between, the dump stays whole, and the next receiver
# goes on.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"
. "$here/lib-resume.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1 512)
JUDGE=$(tests/judge/build.sh)
export JUDGE

same_as() { # REFERENCE: the pages of the dump, and it is whole in all ways
	local dump
	dump=$(dump_in dumps)
	"$JUDGE" "$dump/vmcore" "$1" >judged 2>&1 || { cat judged; fail "it has other pages"; }
	tail -n 1 judged
	"$RECV" --verify "$dump"
	[ "$(manifest "$dump" state)" = complete ] || fail "the manifest does not say complete"
}

reference_dump() { # LEVEL [OPTION...]
	local level=$1
	shift
	"$SEND" -d "$level" --message-level 4 "$@" --to file:stream "$VMCORE"
	reference stream
}

is_packed_anew() {
	local dump
	dump=$(dump_in dumps)
	ls -l "$dump"
	[ "$(manifest "$dump" recompress.state)" = "done" ] || fail "the manifest does not say that it was packed anew"
	[ "$(manifest "$dump" recompress.bytes)" = "$(stat -c %s "$dump/vmcore")" ] || fail "the manifest tells another size"
	if [ -e "$dump/recompress" ] || [ -e "$dump/vmcore-recompressing" ]; then fail "something is left over"; fi
}

waits_for_it() {
	local dump
	dump=$(dump_in dumps)
	[ "$(manifest "$dump" recompress.state)" = waiting ] || fail "the manifest does not say that it is to be packed anew"
	[ -e "$dump/recompress" ] || fail "it is not marked"
	[ -n "$(manifest "$dump" pages.quick)" ] || fail "the manifest does not tell how many pages are packed quickly"
}

# STORED comes before, and the receiver ends after it is done. The old file stays what it is for who has it open.
always() { # LEVEL [OPTION...]
	local reference dump old
	reference=$(reference_dump "$@")
	mkdir dumps
	receiver_start dumps --recompress always --num-threads 1
	"$SEND" -d "$1" --message-level 4 "${@:2}" --to "$URL" "$VMCORE"
	kill -STOP "$RECEIVER"
	dump=$(dump_in dumps)
	waits_for_it
	exec 9<"$dump/vmcore"
	cat "$dump/vmcore" >before
	same_as "$reference"
	kill -CONT "$RECEIVER"
	receiver_end 0 ': packed anew in '
	is_packed_anew
	same_as "$reference"
	cmp /dev/fd/9 before
	old=$(stat -c %s before)
	echo "$old bytes before, $(stat -c %s "$dump/vmcore") after, $(stat -c %s "$reference") when it was not packed twice"
	[ "$(stat -c %s "$dump/vmcore")" -le "$(stat -c %s "$reference")" ] || fail "it is larger than one that was packed once"
}

# One worker, which the slowest codec keeps busy: the sender is stored sooner, and the dump comes to be the same.
lags() {
	local dump
	mkdir dumps
	receiver_start dumps --num-threads 1 --recompress-after 1
	"$SEND" -d 1 -c --wire none --message-level 4 --to "$URL" "$VMCORE"
	receiver_end 0 ': packed anew in '
	is_packed_anew
	same_as "$(reference_dump 1 -c)"
}

# Where the link is what everybody waits for nothing is packed twice, and there is no trace of it.
keeps_up() {
	local dump
	mkdir dumps
	receiver_start dumps
	relay_start "$URL" '* up 0 rate 10M'
	"$SEND" -d 31 --wire zstd --message-level 4 --to "$RELAY_URL" "$VMCORE"
	receiver_end 0 ': whole: '
	dump=$(dump_in dumps)
	[ -z "$(manifest "$dump" recompress)$(manifest "$dump" pages.quick)" ] || { cat "$dump/manifest.json"; fail "it was packed quickly"; }
	[ ! -e "$dump/recompress" ] || fail "it is marked"
}

# With SIGNAL in the middle: whole as it is, and the next receiver begins once more. Another one is told to leave it.
interrupted() { # SIGNAL
	local reference dump
	reference=$(reference_dump 1 -c)
	mkdir dumps
	server_start --recompress always --num-threads 1
	"$SEND" -d 1 -c --message-level 4 --to "$URL" "$VMCORE"
	dump=$(dump_in dumps)
	sleep 0.3
	[ -s "$dump/vmcore-recompressing" ] || fail "it has not begun"
	kill -"$1" "$SERVER"
	wait "$SERVER" || true
	ls -l "$dump"
	[ -e "$dump/vmcore-recompressing" ] || fail "it has ended before it was ended"
	waits_for_it
	same_as "$reference"
	server_start --num-threads 1
	wait_for 30 "$dump"
	is_packed_anew
	same_as "$reference"
	server_end
}

wait_for() { # SECONDS DUMP: until nothing is marked any more
	local i
	for ((i = 0; i < 10 * $1; i++)); do
		[ -e "$2/recompress" ] || return 0
		sleep 0.1
	done
	fail "it is not packed anew"
}

not_wanted() {
	local dump
	mkdir dumps
	server_start --recompress always --num-threads 1
	"$SEND" -d 1 -c --message-level 4 --to "$URL" "$VMCORE"
	server_kill
	dump=$(dump_in dumps)
	server_start --recompress never
	wait_for 10 "$dump"
	server_end
	[ "$(manifest "$dump" recompress.state)" = "given up" ] || fail "the manifest does not tell"
	manifest "$dump" recompress.reason
	[ ! -e "$dump/vmcore-recompressing" ] || fail "something is left over"
	same_as "$(reference_dump 1 -c)"
}

# What SSH starts for one sender: it hears STORED, and goes; the rest is done after it.
stdio() {
	mkdir dumps
	"$SEND" -d 31 --message-level 4 --to "exec:$RECV --dir dumps --recompress always --stdio 2>said" "$VMCORE"
	wait_for 20 "$(dump_in dumps)"
	cat said
	is_packed_anew
	same_as "$(reference_dump 31)"
}

begin recompress-zstd always 1
begin recompress-zlib always 1 -c
begin recompress-lags lags
begin recompress-keeps-up keeps_up
begin recompress-killed interrupted KILL
begin recompress-stopped interrupted TERM
begin recompress-not-wanted not_wanted
begin recompress-stdio stdio
cases_end
