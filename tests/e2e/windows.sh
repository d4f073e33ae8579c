#!/bin/bash
# windows.sh: the size of the bitmap window (--cyclic-buffer) changes nothing in the dump, also where it cuts a 1 GiB page.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel that crashed has one hugetlb page of 1 GiB. It is excluded by its head alone, so that windows of 1 KiB of
# bitmap (32 MiB of memory) and of 3 KiB must carry it over their edges: 31 times, as the page begins at a multiple of
# 1 GiB, and 10 or 11 times. The edges of 64 KiB (the default) lie at multiples of 2 GiB, which no page of a real x86_64
# kernel crosses; tests/unit has a made-up larger one. 4096 KiB hold the whole.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"

SIZES=(1 3 64 4096)
VMCORE=$(CMDLINE="hugepagesz=1G hugepages=1" MESS=256 tests/vm/vmcore.sh 6.1 2560)
JUDGE=$(tests/judge/build.sh)
JUDGED_BY=$PWD/tests/judge/judge.sh
streams=$TMP/streams
mkdir "$streams"

stream() { # KIB
	"$SEND" -d 31 --cyclic-buffer "$1" --message-level 20 --to "file:$streams/$1" "$VMCORE" 2>"$streams/$1.report" ||
		{ cat "$streams/$1.report"; fail "window of $1 KiB"; }
	grep '^Cyclic buffer' "$streams/$1.report"
}

crossings() { # KIB
	sed -n 's/^Cyclic buffer .*(\([0-9]*\) ranges crossed.*/\1/p' "$streams/$1.report"
}

edges_are_crossed() {
	for kib in "${SIZES[@]}"; do stream "$kib"; done
	[ "$(crossings 1)" = 31 ] || fail "the 1 GiB page does not cross 31 edges of 1 KiB"
	[ "$(crossings 3)" = 10 ] || [ "$(crossings 3)" = 11 ] || fail "the 1 GiB page does not cross 10 or 11 edges of 3 KiB"
	[ "$(crossings 64)$(crossings 4096)" = 00 ] || fail "what can have crossed an edge there?"
}

# The last frame is END: 24 bytes of header, of which the last 8 are checksums, and 176 of payload, of which the last 24
# are the times that it took.
END_BYTES=200
same_but_for_times() { # A B
	local size end
	size=$(stat -c %s "$1")
	end=$((size - END_BYTES))
	[ "$(stat -c %s "$2")" = "$size" ] || fail "$1 has $size bytes, $2 has $(stat -c %s "$2")"
	[ "$(od -An -t x1 -j "$end" -N 4 "$1")" = " 4b 46 0a 00" ] || fail "the last $END_BYTES bytes of $1 are no END"
	cmp -n $((end + 16)) "$1" "$2"
	cmp -i $((end + 24)) -n $((END_BYTES - 24 - 24)) "$1" "$2"
}

same_stream() {
	local kib
	for kib in "${SIZES[@]:1}"; do
		same_but_for_times "$streams/${SIZES[0]}" "$streams/$kib"
		echo "$kib KiB: $(stat -c %s "$streams/$kib") bytes, equal but for END's times"
	done
}

# Each over a connection, as dumps go.
received() { # KIB
	mkdir "$streams/dump$1"
	receiver_start "$streams/dump$1"
	"$SEND" -d 31 --cyclic-buffer "$1" --message-level 4 --to "$URL" "$VMCORE"
	receiver_end 0 ': whole: '
}

dump_of() { # KIB
	echo "$(dump_in "$streams/dump$1")/vmcore"
}

same_dump() {
	local kib
	for kib in "${SIZES[@]}"; do received "$kib"; done
	for kib in "${SIZES[@]:1}"; do
		"$JUDGE" "$(dump_of "${SIZES[0]}")" "$(dump_of "$kib")" --level 31
	done
}

makedumpfile_agrees() {
	"$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_of "${SIZES[0]}")"
}

begin windows-cross-a-1GiB-page edges_are_crossed
begin windows-same-stream same_stream
begin windows-same-dump same_dump
begin windows-judged makedumpfile_agrees
cases_end
