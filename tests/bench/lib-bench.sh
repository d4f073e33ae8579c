# What the benchmarks share: medians and ratios, what a command takes, the rows of the table; sourced by them.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   now, median, ratio A B   seconds with a fraction; the middle one of the numbers on standard input; A / B, two digits
#   busy                 CPU seconds that this machine has spent on everything since it started
#   judged A B BOUND     A / B and its bound: "0.47  <= 0.50", "0.53! <= 0.50" if it is above, "0.53" if the bound is -
#   peer_version PEER    of a makedumpfile
#   costs FILE COMMAND...   runs COMMAND, whose output is thrown away, and adds a line `WALL CPU` to FILE: the CPU seconds of it
#                        and all its children that ended
#   column FILE N        the median of the Nth words of its lines
# All that a benchmark runs shares two CPUs: of a machine with more it takes the first two.

[ "$(nproc)" -le 2 ] || exec taskset -c 0,1 "$0" "$@"

now() { date +%s.%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
busy() { awk -v hz="$(getconf CLK_TCK)" '$1 == "cpu" { print ($2 + $3 + $4 + $7 + $8) / hz }' /proc/stat; }
peer_version() { "$1" -v 2>/dev/null | sed -n 's/^makedumpfile: version \([^ ]*\).*/\1/p'; }
column() { cut -d' ' -f"$2" "$1" | median; }

judged() {
	awk -v a="$1" -v b="$2" -v bound="$3" 'BEGIN {
		r = a / b
		if (bound == "-")
			printf "%.2f         \n", r
		else
			printf "%.2f%s <= %s\n", r, (r > bound + 0) ? "!" : " ", bound
	}'
}

costs() {
	local file=$1 TIMEFORMAT='%R %U %S'
	shift
	{ time "$@" >/dev/null 2>"$file.said"; } 2>"$file.time" || { cat "$file.said" >&2; echo "failed: ${*##*/}" >&2; return 1; }
	awk '{ print $1, $2 + $3 }' "$file.time" >>"$file"
}
