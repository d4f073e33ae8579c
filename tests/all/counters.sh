#!/bin/bash
# counters.sh: kferry-send counts pages by class as makedumpfile does, at all 32 levels, on every kernel of the table.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both only count: their dry runs read and judge everything and write nothing. --work-dir is makedumpfile's mode that has
# the fractional last page of a PT_LOAD in its bitmaps. The makedumpfile is the newest one for every kernel. It does not see
# the compound tails of some (expected-differences has them): there its numbers must be those of the judge's own decision
# without an eye for tails, and kferry-send's those of the decision that sees them.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
send=${KFERRY_BUILD:-$here/../../build}/kferry-send
judge=$("$here/../judge/build.sh")
peer=$("$here/../judge/makedumpfile.sh" reader)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

lines() { tr '\r' '\n' | grep -E '^    [A-Z].*: 0x' || true; }

blind() { awk -v k="$1" '$1 == k && $3 == "compound-tail" { found = 1 } END { exit !found }' "$here/../judge/expected-differences"; }

counted() { # VMCORE LEVEL
	"$send" -d "$2" --dry-run --message-level 16 "$1" 2>&1 | lines >"$tmp/ours"
	"$peer" -l -d "$2" --dry-run --message-level 16 --work-dir "$tmp" "$1" "$tmp/none" 2>&1 | lines >"$tmp/theirs"
	[ "$(wc -l <"$tmp/ours")" = 7 ]
}

for kernel in $(awk '!/^#/ { print $1 }' "$here/../vm/kernels"); do
	vmcore=$("$here/../vm/vmcore.sh" "$kernel" 1024)
	for level in {0..31}; do
		good=1
		counted "$vmcore" "$level" || good=
		if blind "$kernel"; then
			"$judge" --counts "$vmcore" --level "$level" >"$tmp/seeing"
			"$judge" --counts "$vmcore" --level "$level" --blind >"$tmp/blind"
			diff "$tmp/ours" "$tmp/seeing" >"$tmp/diff" && diff "$tmp/theirs" "$tmp/blind" >>"$tmp/diff" || good=
		else
			diff "$tmp/ours" "$tmp/theirs" >"$tmp/diff" || good=
		fi
		if [ -n "$good" ]; then
			echo "ok counters $kernel level $level"
		else
			echo "not ok counters $kernel level $level"
			cat "$tmp/diff"
			status=1
		fi
	done
done
exit "$status"
