#!/bin/bash
# scan.sh: what looking at the struct pages costs, for kferry and makedumpfile, on made-up machines of 64 GiB to 16 TiB.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Medians of RUNS=5 runs in turn, in ns per struct page, on one thread: kferry's scan alone (build/tests/scanner, the sender's own code) with its
# smallest and its largest buffer, makedumpfile's `Excluding unnecessary pages`. Of makedumpfile one pass over all memory is timed, before it
# copies pages: with a buffer for all bits (peer), and with one of 1 KiB (cyclic). The cyclic mode makes two such passes, so the last
# column has twice the second. The vmcores lie on a tmpfs of huge pages, so that a window of them is mapped as cheaply as one of /proc/vmcore; SCAN_ON=DIR takes the page cache of DIR instead.
# GIBS="64 256", BIG="1024 4096 16384", MIXTURES and LEVELS choose less. Every scan's counts must be those of the generator.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-bench.sh"
runs=${RUNS:-5}
read -ra gibs <<<"${GIBS-64 256}"
read -ra big <<<"${BIG-1024 4096 16384}"
read -ra mixtures <<<"${MIXTURES:-coalesced fragmented single}"
read -ra levels <<<"${LEVELS:-31 30 16 1}"
smallest=1 largest=1024 peer_holds=65536 # KiB
cap=16777216
scanner=$root/build/tests/scanner
make -s -C "$root" build/tests/scanner >/dev/null
peer=$("$here/../judge/makedumpfile.sh" reader)
tmp=$(mktemp -d)
mounted=
cleanup() { [ -z "$mounted" ] || umount "$mounted"; rm -rf "$tmp"; }
trap cleanup EXIT

place() { # in DIR, or on a tmpfs of huge pages if we may mount one
	if [ -n "${SCAN_ON:-}" ]; then
		SYNTHETIC_DIR=$SCAN_ON
	elif mkdir "$tmp/huge" && mount -t tmpfs -o huge=always,size=6g synthetic "$tmp/huge" 2>/dev/null; then
		mounted=$tmp/huge SYNTHETIC_DIR=$tmp/huge
	else
		SYNTHETIC_DIR=$tmp
	fi
	export SYNTHETIC_DIR
	echo "vmcores in $(stat -f -c %T "$SYNTHETIC_DIR")${mounted:+ of huge pages}, $(nproc) CPUs, peer makedumpfile $(peer_version "$peer")"
}

image() { # GIB MIXTURE: sets VMCORE and PAGES; the one before goes
	rm -f "$SYNTHETIC_DIR"/[0-9]*
	vmcore=$("$here/synthetic.sh" "$1" "$2")
	counts=${vmcore%.vmcore}.counts
	cycles=$((($1 + 2) * 32)) # of 32 MiB each
	pages=$(awk '{ s += $2 } END { print s }' "$counts")
}

ours() { # LEVEL BUFFER: seconds
	prlimit --data="$cap" "$scanner" "$vmcore" "$1" "$2" 1 >"$tmp/said"
	[ "$1" != 31 ] || grep -v '^seconds\|^verdicts\|^no-data' "$tmp/said" | diff - "$counts" >&2 || { echo "scan.sh: other pages than were made" >&2; exit 1; }
	sed -n 's/^seconds //p' "$tmp/said"
}

# One pass, behind which its pipe ends: a line for each cycle, and one more when it begins anew.
theirs() { # LEVEL BUFFER CYCLES: seconds
	{ stdbuf -oL "$peer" -d "$1" --cyclic-buffer "$2" --dry-run --message-level 16 "$vmcore" "$tmp/none" 2>&1 || true; } |
		perl -ne 'if (/STEP \[Excluding[^\]]*\] : ([0-9.]+)/) { $s += $1; if (++$n == '"$3"') { printf "%.6f\n", $s; exit } }'
}

ns() { awk -v s="$(median <"$1")" -v p="$pages" 'BEGIN { printf "%.2f", s * 1e9 / p }'; }

# A row: ours at both buffers, and the peer's two modes if there are such.
row() { # TITLE LEVEL PEER
	local i small large once='' cyclic=''
	rm -f "$tmp"/t.*
	for ((i = 0; i < runs; i++)); do
		ours "$2" "$smallest" >>"$tmp/t.small"
		ours "$2" "$largest" >>"$tmp/t.large"
		[ -z "$3" ] || theirs "$2" "$peer_holds" 1 >>"$tmp/t.once"
		[ -z "$3" ] || theirs "$2" "$smallest" "$cycles" >>"$tmp/t.cyclic"
	done
	small=$(ns "$tmp/t.small") large=$(ns "$tmp/t.large")
	[ -z "$3" ] || once=$(ns "$tmp/t.once") cyclic=$(ns "$tmp/t.cyclic")
	printf '%-30s %5s %8.3f %8.2f %8.2f %8s' "$1" "$2" "$(median <"$tmp/t.large")" "$small" "$large" "$(ratio "$small" "$large")"
	[ -z "$3" ] || printf ' %8s %8s %8s %8s' "$once" "$cyclic" "$(ratio "$once" "$large")" "$(awk -v c="$cyclic" -v o="$small" 'BEGIN { printf "%.2f", 2 * c / o }')"
	echo
}

place
printf '%-30s %5s %8s %8s %8s %8s %8s %8s %8s %8s\n' '' '' seconds 'ns, 1K' 'ns, 1M' '1K/1M' 'ns, peer' 'cyclic' 'peer/we' 'cyclic/we'
for gib in "${gibs[@]}"; do
	for mixture in "${mixtures[@]}"; do
		image "$gib" "$mixture"
		for level in "${levels[@]}"; do
			row "$gib GiB, $mixture" "$level" "$([ "$level" != 31 ] || echo peer)"
		done
	done
done
for gib in "${big[@]}"; do
	image "$gib" fragmented
	row "$((gib / 1024)) TiB, fragmented" 31 ''
done
