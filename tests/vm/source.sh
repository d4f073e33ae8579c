#!/bin/bash
# source.sh MIB: prints the path of a cached file of MIB MiB of real bytes (this machine's programs and libraries).
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"

out=$CACHE/source-$1
if [ ! -e "$out" ]; then
	locked "source-$1"
	rm -f "$CACHE"/.source-"$1".*
	tmp=$(mktemp "$CACHE/.source-$1.XXXXXX")
	trap 'rm -f "$tmp"' EXIT
	{ tar -c -C / --ignore-failed-read usr/share/doc usr/bin usr/lib usr/share 2>/dev/null || true; } |
		head -c "$1M" >"$tmp"
	truncate -s "$1M" "$tmp"
	mv "$tmp" "$out"
fi
echo "$out"
