#!/bin/bash
# profile.sh: where the time of the transfers goes: of what both CPUs could do meanwhile, the percent that each kind of work took.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Level 1, in memory, once for each row, with perf looking at the whole machine; the kinds are told by the names of functions
# (kinds.awk). `best` is what the row would take if both CPUs were always busy with the same work. Without perf, or the right
# to look, there is no such piece of the table. REST="-l -z", WIRE, WAYS choose rows; RAW=DIR keeps perf's samples there.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-ends.sh"
read -r -a rests <<<"${REST:--l -z}"
read -r -a wires <<<"${WIRE:-auto}"
read -r -a ways <<<"${WAYS:-tls ssh+tls ssh tcp ssh-peer pipe-peer}"
perf record -q -a -e cpu-clock -o /dev/null -- true 2>/dev/null || { echo "profile.sh: skipped, no perf here" >&2; exit 77; }
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")

fail() {
	echo "profile.sh: $*" >&2
	exit 1
}
leave() {
	ends_stop
	rm -rf "$tmp"
}
trap leave EXIT

profile() { # WAY REST WIRE
	local perf control answer
	rm -f "$tmp"/perf.{control,answer} "$tmp/took"
	mkfifo "$tmp/perf.control" "$tmp/perf.answer"
	exec {control}<>"$tmp/perf.control" {answer}<>"$tmp/perf.answer"
	perf record -q -a -g -F 999 -e cpu-clock -D -1 --control "fifo:$tmp/perf.control,$tmp/perf.answer" -o "$tmp/perf.data" -- sleep 600 2>/dev/null &
	perf=$!
	echo enable >&"$control"
	read -r -u "$answer"
	transfer "$tmp/took" "$1" "$2" "$3" 1
	echo disable >&"$control"
	read -r -u "$answer"
	kill -INT "$perf" && wait "$perf" || true
	exec {control}>&- {answer}>&-
	perf script -i "$tmp/perf.data" -F comm,ip,sym,dso 2>/dev/null >"$tmp/list"
	[ -z "${RAW:-}" ] || cp "$tmp/list" "$RAW/$1$2.$3"
	awk '{ printf "%8.2f %8.2f", $1, $4 / 2 }' "$tmp/took"
	awk -f "$here/kinds.awk" "$tmp/list"
}

vmcore=$("$here/input.sh" "$tmp")
ends_start
ends_keep "$tmp/store"
echo "Where the time goes at level 1, in memory: seconds, and % of two CPUs"
printf '%-24s %8s %8s %s\n' 'at rest, way, wire' took best "$(awk -f "$here/kinds.awk" -v heading=1 </dev/null)"
for rest in "${rests[@]}"; do
	for way in "${ways[@]}"; do
		if [[ $way = *-peer ]]; then of=(-); else of=("${wires[@]}"); fi
		for wire in "${of[@]}"; do
			printf '%-24s ' "$rest $way, $wire"
			profile "$way" "$rest" "$wire"
		done
	done
done
