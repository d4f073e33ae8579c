#!/bin/bash
# transfer.sh: 1.2 GB kept of a real vmcore become a dump on the other side: kferry beside makedumpfile, in memory and on disk.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Level 1. The peer is what kdump does today: makedumpfile -F | ssh | makedumpfile -R, with OpenSSH's fastest cipher, aes128-gcm; beside
# tcp:// it is makedumpfile -F | makedumpfile -R in a pipe, without a network. Both ends share two CPUs. RUNS=5 of each, in turn; the middle
# one counts. What comes in is written to a tmpfs (BENCH_DIR, /dev/shm), then to a disk (BENCH_DISK, build/bench/disk), where
# the peer's file is synced: kferry says "stored" of nothing else. REST="-l -z", WIRE="auto", WAYS, MEDIA="memory disk" choose rows.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-ends.sh"
read -r -a rests <<<"${REST:--l -z}"
read -r -a wires <<<"${WIRE:-auto}"
read -r -a ways <<<"${WAYS:-tls ssh+tls ssh tcp}"
read -r -a media <<<"${MEDIA:-memory disk}"
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
disk=

fail() {
	echo "transfer.sh: $*" >&2
	exit 1
}
leave() {
	ends_stop
	rm -rf "$tmp" ${disk:+"$disk"}
}
trap leave EXIT

mkdir -p "${BENCH_DISK:=$root/build/bench/disk}"
disk=$(mktemp -d -p "$BENCH_DISK")
vmcore=$("$here/input.sh" "$tmp")
ends_start

# What must be reached: time with -l, with -z; the sender's CPU with -l, with -z.
declare -A bound=([tls]="0.50 0.50 0.60 0.40" [ssh+tls]="0.50 0.50 0.60 0.40" [ssh]="- - - -" [tcp]="0.65 0.65 - -")

peer_of() { if [ "$1" = tcp ]; then echo pipe-peer; else echo ssh-peer; fi; }

table() { # MEDIUM
	local rest way wire us them i
	printf '%-24s %8s %8s  %-13s %8s %10s %8s  %-13s %12s %8s\n' 'at rest, way, wire' kferry peer ratio 'exits' \
		"CPU sent" peer ratio 'CPU of all' peer
	for rest in "${rests[@]}"; do
		[ "$rest" = -z ] && i=1 || i=0
		for way in "${ways[@]}"; do
			read -r -a must <<<"${bound[$way]}"
			for wire in "${wires[@]}"; do
				us=$tmp/$1.$way$rest.$wire them=$tmp/$1.$(peer_of "$way")$rest
				printf '%-24s %8.2f %8.2f  %-13s %8.2f %10.2f %8.2f  %-13s %12.2f %8.2f\n' "$rest $way, $wire" \
					"$(column "$us" 1)" "$(column "$them" 1)" "$(judged "$(column "$us" 1)" "$(column "$them" 1)" "${must[i]}")" \
					"$(column "$us" 2)" \
					"$(column "$us" 3)" "$(column "$them" 3)" "$(judged "$(column "$us" 3)" "$(column "$them" 3)" "${must[2 + i]}")" \
					"$(column "$us" 4)" "$(column "$them" 4)"
			done
		done
	done
}

for medium in "${media[@]}"; do
	case $medium in
	memory) SYNC='' && ends_keep "$tmp/store" ;;
	disk) SYNC=1 && ends_keep "$disk" ;;
	*) fail "MEDIA: memory, disk" ;;
	esac
	for ((run = 0; run < ${RUNS:=5}; run++)); do
		for rest in "${rests[@]}"; do
			for of in $(for way in "${ways[@]}"; do peer_of "$way"; done | sort -u); do
				transfer "$tmp/$medium.$of$rest" "$of" "$rest" - 1
			done
			for way in "${ways[@]}"; do
				for wire in "${wires[@]}"; do transfer "$tmp/$medium.$way$rest.$wire" "$way" "$rest" "$wire" 1; done
			done
		done
	done
done

for medium in "${media[@]}"; do
	echo "Level 1, until the dump is there, $([ "$medium" = disk ] && echo on disk || echo in memory): seconds, medians of $RUNS runs, ! where a bound is missed"
	table "$medium"
	echo
done
