#!/bin/bash
# wire.sh: bytes on the wire and in the dump beside makedumpfile's, for the real vmcore of the transfers, and how well it compresses.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No time is taken: one run says it. Wire bytes are judged against the stream of makedumpfile -F -l, dumps against makedumpfile's with the same
# codec; of kferry's the larger one of size and blocks counts. BENCH_DIR (/dev/shm) is a tmpfs for both.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-bench.sh"
send=$root/build/kferry-send recv=$root/build/kferry-recv
peer=$("$root/tests/judge/makedumpfile.sh" reader)
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
trap 'rm -rf "$tmp"' EXIT
vmcore=$("$here/input.sh")

peer_stream() { "$peer" -F -l -d "$1" --message-level 4 "$vmcore" 2>/dev/null | wc -c; }
peer_file() { # LEVEL REST
	"$peer" "$2" -d "$1" --message-level 4 "$vmcore" "$tmp/peer" >/dev/null 2>&1
	stat -c %s "$tmp/peer"
	rm "$tmp/peer"
}
stream() { # LEVEL WIRE; what the pages were is in $tmp/report
	"$send" -l -d "$1" --wire "$2" --message-level 20 --to file:- "$vmcore" 2>"$tmp/report" | wc -c
}
file() { # LEVEL REST
	mkdir "$tmp/dir"
	"$send" "$2" -d "$1" --message-level 4 --to file:- "$vmcore" | "$recv" --dir "$tmp/dir" --message-level 4 --replay - >/dev/null
	stat -c '%s %b %B' "$tmp"/dir/*/vmcore | awk '{ print ($1 > $2 * $3) ? $1 : $2 * $3 }'
	rm -r "$tmp/dir"
}

# row WHAT OURS PEER BOUND
row() {
	printf '%-32s %10.1f %10.1f  %-14s %14.2f\n' "$1" "$(mega "$2")" "$(mega "$3")" "$(judged "$2" "$3" "$4")" "$(ratio "$pages" "$2")"
}
mega() { awk -v n="$1" 'BEGIN { print n / 1e6 }'; }

for level in ${LEVELS:-1 31}; do
	them=$(peer_stream "$level")
	lz4=$(stream "$level" lz4) zstd=$(stream "$level" zstd)
	pages=$(sed -n 's/^Page bytes *: //p' "$tmp/report")
	[ "$level" = 1 ] && bounds=(0.92 0.72) || bounds=(1.00 0.82)
	printf '%-32s %10s %10s  %-14s %14s\n' "Level $level: $(mega "$pages") MB of pages" 'kferry MB' 'peer MB' ratio 'pages / kferry'
	row "on the wire, lz4 (peer -F -l)" "$lz4" "$them" "${bounds[0]}"
	row "on the wire, zstd (peer -F -l)" "$zstd" "$them" "${bounds[1]}"
	row "dump, -l (lzo)" "$(file "$level" -l)" "$(peer_file "$level" -l)" 1.01
	row "dump, -z (zstd)" "$(file "$level" -z)" "$(peer_file "$level" -z)" 1.01
	row "dump, -c (zlib)" "$(file "$level" -c)" "$(peer_file "$level" -c)" 1.01
	echo
done
