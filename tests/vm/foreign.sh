#!/bin/bash
# foreign.sh SUITE PROGRAM: prints the path of PROGRAM as this Debian suite has it; fetches it when needed.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package has the name of the program, which must know -v. It lies in the cache beside its own libc and libraries,
# behind a wrapper, and nothing is installed.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/debian.sh"

[ $# = 2 ] || { echo "usage: foreign.sh SUITE PROGRAM" >&2; exit 2; }
suite=$1 program=$2
out=$CACHE/$program/$suite
[ -x "$out/$program" ] || locked "$program-$suite"
if [ ! -x "$out/$program" ]; then
	mkdir -p "$CACHE/$program"
	tmp=$(mktemp -d "$CACHE/$program/.$suite.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	locked "apt-$suite"
	suite_open "$suite"
	mapfile -t libraries < <(suite_libraries "$program")
	suite_unpack "$tmp/root" "$program" "${libraries[@]}"
	cat >"$tmp/$program" <<-'WRAPPER'
		#!/bin/sh
		self=$(readlink -f "$0")
		root=${self%/*}/root name=${self##*/}
		for loader in "$root"/lib64/ld-linux-x86-64.so.2 "$root"/usr/lib64/ld-linux-x86-64.so.2 \
			"$root"/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$root"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2; do
			[ -x "$loader" ] && break
		done
		for program in "$root/usr/bin/$name" "$root/usr/sbin/$name"; do
			[ -x "$program" ] && break
		done
		exec "$loader" --library-path "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" "$program" "$@"
	WRAPPER
	chmod +x "$tmp/$program"
	"$tmp/$program" -v >/dev/null
	rm -rf "$out"
	chmod go+rx "$tmp"
	mv "$tmp" "$out"
fi
echo "$out/$program"
