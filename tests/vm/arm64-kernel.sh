#!/bin/bash
# arm64-kernel.sh NAME: fetches an arm64 kernel of tests/vm/arm64-kernels into the cache and prints the directory it lies in.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The directory has vmlinuz, initrd (with the mess of tests/vm/mess.c, see tests/vm/init) and package (name and version).
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/debian.sh"
SUITE_ARCH=arm64

name=${1:?usage: arm64-kernel.sh NAME}
out=$CACHE/kernels/arm64-$name-$(cat "$here/init" "$here/mess.c" "$0" | sha256sum | cut -c 1-8)
if [ -e "$out/vmlinuz" ]; then echo "$out"; exit; fi
read -r suite meta < <(awk -v n="$name" '$1 == n { print $2, $3 }' "$here/arm64-kernels") ||
	{ echo "arm64-kernel.sh: no kernel '$name' in tests/vm/arm64-kernels" >&2; exit 1; }
locked "kernel-arm64-$name"
if [ -e "$out/vmlinuz" ]; then echo "$out"; exit; fi

mkdir -p "$CACHE/kernels"
tmp=$(mktemp -d "$CACHE/kernels/.arm64-$name.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
locked "apt-$suite-arm64"
suite_open "$suite"
image=$(suite_depends "$meta" '^linux-image-[0-9]')
mkdir -p "$tmp"/{root,kernel} "$tmp"/initrd/{bin,boot,dev,etc,mnt,mods,proc,root,sbin,sys,tmp}
suite_unpack "$tmp/root" "$image" busybox-static
mv "$tmp"/root/boot/vmlinuz-* "$tmp/kernel/vmlinuz"
echo "$image $(suite_version "$image")" >"$tmp/kernel/package"

mv "$(find "$tmp/root" -path '*bin/busybox' | head -n 1)" "$tmp/initrd/bin/busybox"
aarch64-linux-gnu-gcc -static -O1 -o "$tmp/initrd/mess" "$here/mess.c"
install -m 755 "$here/init" "$tmp/initrd/init"
for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk qemu_fw_cfg; do
	ko=$(find "$tmp/root" -name "$m.ko*" | head -n 1)
	case $ko in # absent: built into this kernel
	*.xz) xz -dc "$ko" >"$tmp/initrd/mods/$m.ko" ;;
	*.zst) zstd -qdc "$ko" >"$tmp/initrd/mods/$m.ko" ;;
	*.ko) cp "$ko" "$tmp/initrd/mods/$m.ko" ;;
	*) continue ;;
	esac
	echo "$m" >>"$tmp/initrd/mods/order"
done
(cd "$tmp/initrd" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$tmp/kernel/initrd"
rm -rf "$out"
mv "$tmp/kernel" "$out"
echo "$out"
