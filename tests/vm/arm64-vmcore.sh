#!/bin/bash
# arm64-vmcore.sh NAME [CPU [MEM_MB]]: prints the path of a cached vmcore of this arm64 kernel; makes it if it is not there.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# NAME is of tests/vm/arm64-kernels, CPU one of QEMU's (max). The guest panics, then QEMU writes its memory, because kexec
# takes minutes in this emulation. MESS is the MiB of user memory. The serial log lies beside the vmcore (.serial).
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"

name=${1:?usage: arm64-vmcore.sh NAME [CPU [MEM_MB]]} cpu=${2:-max} mem=${3:-1024}
mess=${MESS:-$((mem / 4))}
out=$CACHE/vmcores/arm64-$name-$cpu-$mem
[ "$mess" = $((mem / 4)) ] || out=$out-mess$mess
[ -e "$out.vmcore" ] || locked "vmcore-${out##*/}"
if [ ! -e "$out.vmcore" ]; then
	mkdir -p "$CACHE/vmcores"
	rm -rf "$CACHE/vmcores/.${out##*/}".* # left by a killed run; we hold the lock
	tmp=$(mktemp -d "$CACHE/vmcores/.${out##*/}.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	kernel=$("$here/arm64-kernel.sh" "$name")
	drives=()
	drive() { # SERIAL FILE MODE
		drives+=(-drive "if=none,id=$1,file=$2,format=raw,$3" -device "virtio-blk-pci,drive=$1,serial=$1")
	}
	truncate -s 64M "$tmp/scratch"
	drive scratch "$tmp/scratch" cache=unsafe
	drive source "$("$here/source.sh" $((mess * 3 / 4 + 64)))" readonly=on
	: >"$out.serial"
	timeout "${TIMEOUT:-900}" qemu-system-aarch64 -M virt,gic-version=3 -cpu "$cpu" -accel tcg,thread=multi -m "$mem" -smp 2 \
		-display none -serial "file:$out.serial" -no-reboot -nic none -device vmcoreinfo "${drives[@]}" \
		-qmp "unix:$tmp/qmp,server=on,wait=off" -kernel "$kernel/vmlinuz" -initrd "$kernel/initrd" \
		-append "console=ttyAMA0 mess=$mess capture=none" </dev/null >"$tmp/qemu.log" 2>&1 &
	guest=$!
	trap 'kill "$guest" 2>/dev/null || true; rm -rf "$tmp"' EXIT
	trap 'exit 143' INT TERM HUP
	while ! grep -q 'end Kernel panic' "$out.serial"; do
		if ! kill -0 "$guest" 2>/dev/null; then
			tail -n 20 "$out.serial" "$tmp/qemu.log" >&2
			echo "arm64-vmcore.sh: the guest ended without a panic, see $out.serial" >&2
			exit 1
		fi
		sleep 1
	done
	python3 "$here/arm64-dump.py" "$tmp/qmp" "$tmp/core"
	wait "$guest" || { cat "$tmp/qemu.log" >&2; exit 1; }
	chmod 644 "$tmp/core"
	mv "$tmp/core" "$out.vmcore"
fi
echo "$out.vmcore"
