#!/bin/bash
# vmlinux.sh KERNEL: prints the path of vmlinux, with debug information, of the kernel that tests/vm/kernel.sh has.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# It comes from Debian's debug package of the very same version, and is all that is kept of it (300 to 600 MB).
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/cache.sh"
. "$here/../vm/debian.sh"

name=${1:?usage: vmlinux.sh KERNEL}
kernel=$("$here/../vm/kernel.sh" "$name")
read -r package version <"$kernel/package"
out=$CACHE/vmlinux/$name/${package}_$version
if [ -e "$out" ]; then echo "$out"; exit; fi
locked "vmlinux-$name"
if [ -e "$out" ]; then echo "$out"; exit; fi

suite=$(awk -v n="$name" '$1 == n { print $2 }' "$here/../vm/kernels")
mkdir -p "$CACHE/vmlinux/$name"
rm -rf "$CACHE/vmlinux/$name"/.new.* # left by a killed run; we hold the lock
tmp=$(mktemp -d "$CACHE/vmlinux/$name/.new.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
locked "apt-$suite"
suite_open "$suite"
archive=$(suite_apt apt-cache madison "$package-dbg" | awk '{ print $3 }')
if ! grep -qxF -- "$version" <<<"$archive"; then
	cat >&2 <<-END
		vmlinux.sh: $package-dbg $version, which belongs to the kernel $name in the cache, is not in Debian's $suite (any more).
		Delete $CACHE/kernels/$name and $CACHE/vmcores/$name-*: both are then made anew from the kernel of the day.
	END
	exit 1
fi
(cd "$tmp" && suite_apt apt-get -qq download "$package-dbg=$version" >download.log 2>&1) || { cat "$tmp/download.log" >&2; exit 1; }
dpkg --fsys-tarfile "$tmp"/*.deb | tar -x -O --wildcards './usr/lib/debug/boot/vmlinux-*' >"$tmp/vmlinux"
[ -s "$tmp/vmlinux" ] || { echo "vmlinux.sh: there is no vmlinux in $package-dbg" >&2; exit 1; }
rm -f "$CACHE/vmlinux/$name"/linux-image-*
mv "$tmp/vmlinux" "$out"
echo "$out"
