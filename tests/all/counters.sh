#!/bin/bash
# counters.sh: kferry-send counts pages by class as makedumpfile does, at all 32 levels, on every kernel of the table.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both only count: their dry runs read and judge everything and write nothing. --work-dir is makedumpfile's mode that has
# the fractional last page of a PT_LOAD in its bitmaps. The judge is the newest makedumpfile for every kernel.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
send=${KFERRY_BUILD:-$here/../../build}/kferry-send
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

lines() { tr '\r' '\n' | grep -E '^    [A-Z].*: 0x' || true; }

for kernel in $(awk '!/^#/ { print $1 }' "$here/../vm/kernels"); do
	vmcore=$("$here/../vm/vmcore.sh" "$kernel" 1024)
	peer=$("$here/../judge/makedumpfile.sh" reader)
	for level in {0..31}; do
		"$send" -d "$level" --dry-run --message-level 16 "$vmcore" 2>&1 | lines >"$tmp/ours"
		"$peer" -l -d "$level" --dry-run --message-level 16 --work-dir "$tmp" "$vmcore" "$tmp/none" 2>&1 | lines >"$tmp/theirs"
		if [ "$(wc -l <"$tmp/ours")" = 7 ] && diff "$tmp/ours" "$tmp/theirs" >"$tmp/diff"; then
			echo "ok counters $kernel level $level"
		else
			echo "not ok counters $kernel level $level"
			cat "$tmp/diff"
			status=1
		fi
	done
done
exit "$status"
