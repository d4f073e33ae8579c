#!/bin/bash
# makedumpfile.sh KERNEL: prints the path of the makedumpfile that is right for this kernel; fetches it when needed.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A version of another Debian suite lies in the cache beside its own libc and libraries, behind a wrapper.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/cache.sh"
. "$here/../vm/debian.sh"

kernel=${1:?usage: makedumpfile.sh KERNEL}
suite=$(awk -v k="$kernel" '$1 == k { print $2 }' "$here/oracles")
[ -n "$suite" ] || { echo "makedumpfile.sh: no makedumpfile is known to be right for kernel $kernel" >&2; exit 1; }

own=$(PATH=$PATH:/sbin:/usr/sbin command -v makedumpfile || true)
if [ -n "$own" ] && [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$suite" ]; then
	echo "$own"
	exit
fi

out=$CACHE/makedumpfile/$suite
[ -x "$out/makedumpfile" ] || locked "makedumpfile-$suite"
if [ ! -x "$out/makedumpfile" ]; then
	mkdir -p "$CACHE/makedumpfile"
	tmp=$(mktemp -d "$CACHE/makedumpfile/.$suite.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	locked "apt-$suite"
	suite_open "$suite"
	mapfile -t libraries < <(suite_libraries makedumpfile)
	suite_unpack "$tmp/root" makedumpfile "${libraries[@]}"
	cat >"$tmp/makedumpfile" <<-'WRAPPER'
		#!/bin/sh
		root=$(dirname "$(readlink -f "$0")")/root
		for loader in "$root"/lib64/ld-linux-x86-64.so.2 "$root"/usr/lib64/ld-linux-x86-64.so.2 \
			"$root"/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$root"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2; do
			[ -x "$loader" ] && break
		done
		for program in "$root"/usr/bin/makedumpfile "$root"/usr/sbin/makedumpfile; do
			[ -x "$program" ] && break
		done
		exec "$loader" --library-path "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" "$program" "$@"
	WRAPPER
	chmod +x "$tmp/makedumpfile"
	"$tmp/makedumpfile" -v >/dev/null
	rm -rf "$out"
	chmod go+rx "$tmp"
	mv "$tmp" "$out"
fi
echo "$out/makedumpfile"
