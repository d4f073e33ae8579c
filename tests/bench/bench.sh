#!/bin/bash
# bench.sh [VMCORE]: kferry beside makedumpfile on the same vmcore, in turn, medians and ratios.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The peer is what kdump does today without ssh: makedumpfile -F piped into makedumpfile -R. kferry goes over TCP on
# loopback. All processes of both sides share this machine's CPUs; both write to memory (/dev/shm). RUNS=5 runs of each,
# alternating. With -c both keep zlib pages at rest; -z is judged against a makedumpfile that was built with zstd. Then encrypted.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-bench.sh"
runs=${RUNS:-5}
vmcore=${1:-$("$here/../vm/vmcore.sh" 6.1 4096)}
send=$root/build/kferry-send recv=$root/build/kferry-recv
peer=$("$here/../judge/makedumpfile.sh" reader)
tmp=$(mktemp -d -p /dev/shm)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$tmp"' EXIT

# Seconds of one whole transfer, to the end of the last process.
kferry() {
	local start port
	mkdir "$tmp/dir"
	"$recv" --dir "$tmp/dir" --listen tcp://127.0.0.1:0 --once >"$tmp/port" 2>/dev/null &
	server=$!
	until port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$tmp/port") && [ -n "$port" ]; do sleep 0.01; done
	start=$(now)
	"$send" "$@" --message-level 4 --to "tcp://127.0.0.1:$port" "$vmcore"
	wait "$server"
	server=
	echo "$(now) $start" | awk '{ print $1 - $2 }'
	size=$(stat -c %s "$tmp"/dir/*/vmcore)
	rm -rf "$tmp/dir"
}

makedumpfile() {
	local start
	start=$(now)
	"$peer" -F "$@" --message-level 4 "$vmcore" 2>/dev/null | "$peer" --message-level 4 -R "$tmp/peer" >/dev/null 2>&1
	echo "$(now) $start" | awk '{ print $1 - $2 }'
	size=$(stat -c %s "$tmp/peer")
	rm -f "$tmp/peer"
}

scan_kferry() { "$send" -d 30 --cyclic-buffer "$1" --dry-run --message-level 16 "$vmcore" 2>&1 | sed -n 's/^STEP \[Excluding.*: \([0-9.]*\) .*/\1/p'; }
scan_peer() { "$peer" -d 30 --cyclic-buffer "$1" --dry-run --message-level 16 "$vmcore" "$tmp/none" 2>&1 | tr '\r' '\n' |
	sed -n 's/^STEP \[Excluding unnecessary.*: \([0-9.]*\) .*/\1/p' | awk '{ s += $1 } END { print s }'; }

row() { # TITLE KFERRY-COMMAND -- PEER-COMMAND
	local title=$1 ours=() theirs=() i
	shift
	while [ "$1" != -- ]; do ours+=("$1"); shift; done
	shift
	theirs=("$@")
	: >"$tmp/ours"; : >"$tmp/theirs"
	for ((i = 0; i < runs; i++)); do
		"${ours[@]}" >>"$tmp/ours"
		"${theirs[@]}" >>"$tmp/theirs"
	done
	printf '%-44s %9.3f %9.3f %8.2f\n' "$title" "$(median <"$tmp/ours")" "$(median <"$tmp/theirs")" \
		"$(ratio "$(median <"$tmp/ours")" "$(median <"$tmp/theirs")")"
}

echo "vmcore of $(($(stat -c %s "$vmcore") >> 20)) MiB, $(nproc) CPUs, medians of $runs runs, seconds; peer makedumpfile $(peer_version "$peer")"
printf '%-44s %9s %9s %8s\n' what kferry peer ratio
row "scan, smallest buffer (1 KiB)" scan_kferry 1 -- scan_peer 1
row "scan, largest buffer" scan_kferry 4096 -- scan_peer 4096
row "level 31, zlib at rest" kferry -c -d 31 -- makedumpfile -c -d 31
row "level 1, zlib at rest" kferry -c -d 1 -- makedumpfile -c -d 1
echo
"$here/encrypted.sh" ${1:+"$1"}
