#!/bin/bash
# kernel.sh NAME: fetches a Debian kernel of tests/vm/kernels into the cache and prints the directory it lies in.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The directory has vmlinuz, modules/ (the tree below lib/modules/VERSION) and package (name and version).
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/debian.sh"

name=${1:?usage: kernel.sh NAME}
out=$CACHE/kernels/$name
if [ -e "$out/vmlinuz" ]; then echo "$out"; exit; fi

read -r suite meta < <(awk -v n="$name" '$1 == n { print $2, $3 }' "$here/kernels") ||
	{ echo "kernel.sh: no kernel '$name' in tests/vm/kernels" >&2; exit 1; }
locked "kernel-$name"
if [ -e "$out/vmlinuz" ]; then echo "$out"; exit; fi

mkdir -p "$CACHE/kernels"
tmp=$(mktemp -d "$CACHE/kernels/.$name.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
locked "apt-$suite"
suite_open "$suite"
case $meta in
*\**) image=$(suite_newest "$meta") ;;
*) image=$(suite_depends "$meta" '^linux-image-[0-9]') ;;
esac
mkdir "$tmp/root" "$tmp/kernel"
suite_unpack "$tmp/root" "$image"
if ! ls "$tmp"/root/boot/vmlinuz-* >/dev/null 2>&1; then # 7.x: image and modules are packages of their own
	suite_unpack "$tmp/root" "$(suite_depends "$image" '^linux-binary-')" "$(suite_depends "$image" '^linux-modules-')"
fi
mv "$(find "$tmp/root/boot" "$tmp/root/usr/lib/modules" -name 'vmlinuz*' 2>/dev/null | head -n 1)" "$tmp/kernel/vmlinuz"
modules=$(find "$tmp/root" -path '*/lib/modules/*/kernel' -prune | head -n 1)
mv "${modules%/kernel}" "$tmp/kernel/modules"
echo "$image $(suite_version "$image")" >"$tmp/kernel/package"
chmod -R u+w,go+rX "$tmp/kernel"
rm -rf "$out"
mv "$tmp/kernel" "$out"
echo "$out"
