#!/bin/bash
# initrd.sh KERNELDIR OUT [BINARY [COMMAND...]]: the initramfs of both kernels; COMMAND is what the capture kernel runs.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# BINARY goes to /bin with the shared libraries that it needs; without COMMAND the capture kernel copies /proc/vmcore.
# MORE=DIR: what lies there is copied to /.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"

kernel=$1 out=$2
shift 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp"/{bin,boot,dev,etc,mnt,mods,proc,root,sbin,sys,tmp}

put() { # a program with its libraries
	local lib
	cp -L "$1" "$tmp/bin/"
	for lib in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*' || true); do
		mkdir -p "$tmp$(dirname "$lib")"
		cp -Ln "$lib" "$tmp$lib"
	done
}

put "$(PATH=$PATH:/sbin:/usr/sbin command -v kexec)"
cp "$(command -v busybox)" "$tmp/bin/busybox"
if [ $# -gt 0 ]; then
	put "$1"
	shift
fi
if [ $# -gt 0 ]; then
	printf "'%s' " "${@//\'/\'\\\'\'}" >"$tmp/command"
fi

mess=$CACHE/mess-$(sha256sum "$here/mess.c" | cut -c 1-16)
if [ ! -x "$mess" ]; then
	musl-gcc -static -O1 -o "$tmp/mess" "$here/mess.c"
	cp "$tmp/mess" "$mess.$$" && mv "$mess.$$" "$mess"
fi
cp "$mess" "$tmp/mess"
cp "$here/init" "$tmp/init"
chmod +x "$tmp/init"
echo 'root:x:0:0::/root:/bin/sh' >"$tmp/etc/passwd"

for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net \
	virtio_blk qemu_fw_cfg virtio_mem virtio_balloon; do
	ko=$(find "$kernel/modules" -name "$m.ko*" | head -n 1)
	case $ko in # absent: built into this kernel
	*.xz) xz -dc "$ko" >"$tmp/mods/$m.ko" ;;
	*.zst) zstd -qdc "$ko" >"$tmp/mods/$m.ko" ;;
	*.ko) cp "$ko" "$tmp/mods/$m.ko" ;;
	*) continue ;;
	esac
	echo "$m" >>"$tmp/mods/order"
done
[ -z "${MORE:-}" ] || cp -r "$MORE/." "$tmp/"
(cd "$tmp" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$out"
