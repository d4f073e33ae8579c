#!/bin/bash
# levels.sh: dumps of real vmcores at levels 0, 1, 17 and 31 are what makedumpfile makes of them, page for page.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vmcore -> kferry-send -> saved stream -> kferry-recv --replay -> dump -> tests/judge. LEVELS and KERNELS narrow it down.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${KFERRY_BUILD:-$here/../../build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

judged() { # KERNEL LEVEL
	local vmcore
	vmcore=$("$here/../vm/vmcore.sh" "$1" 1024) &&
		"$build/kferry-send" -d "$2" --message-level 4 --to "file:$tmp/stream" "$vmcore" &&
		"$build/kferry-recv" --dir "$tmp/dumps" --message-level 4 --replay "$tmp/stream" &&
		"$here/../judge/judge.sh" "$vmcore" "$1" "$2" "$tmp"/dumps/*/vmcore
}

for kernel in ${KERNELS:-6.1 6.12}; do
	for level in ${LEVELS:-0 1 17 31}; do
		rm -rf "$tmp/stream" "$tmp/dumps"
		mkdir "$tmp/dumps"
		if judged "$kernel" "$level" >"$tmp/log" 2>&1; then
			echo "ok $kernel level $level: $(grep -m 1 '^equal' "$tmp/log")"
		else
			echo "not ok $kernel level $level"
			sed 's/^/    /' "$tmp/log"
			status=1
		fi
	done
done
exit "$status"
