#!/bin/bash
# verify.sh: kferry-recv --verify says of streams and dumps what is true: whole, cut, damaged.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1 1024)
VECTORS=$PWD/tests/vectors/v1
"$SEND" --message-level 4 -z --to "file:$TMP/stream" "$VMCORE"
SIZE=$(stat -c %s "$TMP/stream")

flip() { # FILE BYTE
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

streams() {
	"$RECV" --verify "$TMP/stream" | grep -E '^.*/stream: whole: [0-9]+ pages kept of '
	"$RECV" --verify - <"$TMP/stream" | grep '^-: whole: '
	head -c $((SIZE / 2)) "$TMP/stream" >half
	says 3 '^kferry-recv: half: incomplete: the stream ends after ' "$RECV" --verify half
	cp "$TMP/stream" flipped
	flip flipped $((SIZE * 2 / 3))
	says 1 '^kferry-recv: flipped: wrong: frame [0-9]+: its payload is damaged' "$RECV" --verify flipped
	says 1 ': neither a saved stream nor a dump' "$RECV" --verify "$VMCORE"
	[ "$(ls)" = "$(printf '%s\n' flipped half said words)" ] || fail "it left something: $(ls)"
}

# The digest of a dump is that of the stream it was made of.
one_dump() { # OPTION
	rm -rf dumps stream && mkdir dumps
	"$SEND" --message-level 4 "$1" --to file:stream "$VMCORE"
	"$RECV" --dir dumps --replay stream 2>/dev/null
	"$RECV" --verify dumps/* | tee whole
	"$RECV" --verify stream >of-stream
	[ "$(sed 's/.*digest //' whole)" = "$(sed 's/.*digest //' of-stream)" ] || fail "the digests differ"
}

dumps() { for how in -c -l -p -z --raw; do one_dump "$how"; done; }

# A byte of page data, of the page table, of a bitmap, of the header: each is noticed.
damage() {
	local dump at table bitmaps page
	one_dump -c
	dump=$(echo dumps/*/vmcore)
	read -r table bitmaps page <<-PLACES
		$(python3 -c 'import struct, sys
		b = open(sys.argv[1], "rb").read()
		table, bitmaps = (struct.unpack_from("<i", b, 432)[0] + 1) * 4096, struct.unpack_from("<I", b, 436)[0] * 4096
		offset, size = struct.unpack_from("<QI", b, table + bitmaps + 24 * 3000)
		print(table, bitmaps, offset + size // 2)' "$dump")
	PLACES
	for at in 424 432 436 4104 4192 $((page)) $((table + 700)) $((table + bitmaps / 2 + 1200)) $((table + bitmaps)) $((table + bitmaps + 24008)); do
		flip "$dump" "$at"
		says 1 "^kferry-recv: $dump: " "$RECV" --verify "$dump"
		flip "$dump" "$at"
	done
	"$RECV" --verify "$dump"
	sed -i 's/"stored": \([0-9]*\)/"stored": 1\1/' dumps/*/manifest.json
	says 1 'its manifest says ' "$RECV" --verify "$dump"
	rm dumps/*/manifest.json
	says 1 'nothing to verify it against' "$RECV" --verify "$dump"
}

incomplete() {
	mkdir dumps
	head -c $((SIZE / 2)) "$TMP/stream" >half
	"$RECV" --dir dumps --replay half 2>/dev/null || true
	says 3 ': incomplete \(the stream ends after .*\): its [0-9]+ pages can be unpacked$' "$RECV" --verify dumps/*
}

vectors() {
	local v status
	for v in $(find "$VECTORS" -name 'ok-*.stream') $(find "$VECTORS" -name 'should-fail-*.stream'); do
		status=0
		timeout 20 "$RECV" --verify "$v" >out 2>&1 || status=$?
		case ${v##*/}:$status in
		ok-ended-early*:3 | ok-half-by-deadline*:3 | ok-abort*:3 | ok-refusal*:1 | ok-replies*:1 | ok-*:0) ;;
		should-fail-*:[13]) ;;
		*) fail "$v: status $status: $(cat out)" ;;
		esac
	done
}

begin verify-streams streams
begin verify-dumps dumps
begin verify-damage damage
begin verify-incomplete incomplete
begin verify-vectors vectors
cases_end
