#!/bin/bash
# arm64-makedumpfile.sh: prints the path of sid's makedumpfile for arm64, which runs here by user emulation; fetches it.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# makedumpfile understands only dumps of the architecture it was built for.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/cache.sh"
. "$here/../vm/debian.sh"
SUITE_ARCH=arm64

out=$CACHE/makedumpfile/sid-arm64
[ -x "$out/makedumpfile" ] || locked makedumpfile-sid-arm64
if [ ! -x "$out/makedumpfile" ]; then
	mkdir -p "$CACHE/makedumpfile"
	tmp=$(mktemp -d "$CACHE/makedumpfile/.sid-arm64.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	locked apt-sid-arm64
	suite_open sid
	mapfile -t libraries < <(suite_libraries makedumpfile)
	suite_unpack "$tmp/root" makedumpfile "${libraries[@]}"
	[ -e "$tmp/root/lib" ] || ln -s usr/lib "$tmp/root/lib" # where the loader is looked for
	cat >"$tmp/makedumpfile" <<-'WRAPPER'
		#!/bin/sh
		root=$(dirname "$(readlink -f "$0")")/root
		for program in "$root"/usr/bin/makedumpfile "$root"/usr/sbin/makedumpfile; do
			[ -x "$program" ] && break
		done
		exec qemu-aarch64-static -L "$root" "$program" "$@"
	WRAPPER
	chmod +x "$tmp/makedumpfile"
	"$tmp/makedumpfile" -v >/dev/null
	rm -rf "$out"
	chmod go+rx "$tmp"
	mv "$tmp" "$out"
fi
echo "$out/makedumpfile"
