# What the benchmarks share: medians, and the seconds and CPU seconds that a command takes; sourced by them.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   now, median          seconds with a fraction; the middle one of the numbers on standard input
#   ratio A B            A / B, two digits
#   peer_version PEER    of a makedumpfile
#   costs FILE COMMAND...   runs COMMAND, whose output is thrown away, and adds a line `WALL CPU` to FILE: the CPU seconds of it
#                        and all its children that ended

now() { date +%s.%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
peer_version() { "$1" -v 2>/dev/null | sed -n 's/^makedumpfile: version \([^ ]*\).*/\1/p'; }

costs() {
	local file=$1 TIMEFORMAT='%R %U %S'
	shift
	{ time "$@" >/dev/null 2>"$file.said"; } 2>"$file.time" || { cat "$file.said" >&2; echo "failed: ${*##*/}" >&2; return 1; }
	awk '{ print $1, $2 + $3 }' "$file.time" >>"$file"
}
