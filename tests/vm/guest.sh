# One guest that boots, makes a mess, panics and runs its capture kernel; sourced by vmcore.sh and crash.sh.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs here, CACHE. crash_guest KERNELDIR MEM_MB WORKDIR SERIAL_LOG reads WORKDIR/initrd, and WORKDIR/core if a disk
# for the vmcore is wanted. Environment:
#   MESS         MiB of user memory (default_mess)       CRASHKERNEL  memory of the capture kernel (192M)
#   CMDLINE      more words for both kernels             SMP          processors (1)
#   QEMUARGS     more arguments for QEMU                 TIMEOUT      seconds (600)
#   MONITOR      what is said to QEMU's monitor, lines with ";" between them, when the guest asks for it

default_mess() {
	if [ "$1" -lt 2048 ]; then echo $(($1 / 4)); else echo $(($1 * 3 / 10)); fi
}

drive() { # SERIAL FILE MODE
	printf '%s\n' -drive "if=none,id=$1,file=$2,format=raw,$3" -device "virtio-blk-pci,drive=$1,serial=$1"
}

sit_at_monitor() { # WORKDIR SERIAL_LOG
	[ -n "${MONITOR:-}" ] || return 0
	until grep -aq '^MONITOR' "$2" 2>/dev/null; do sleep 1; done
	tr ';' '\n' <<<"$MONITOR" >"$1/monitor.in"
}

crash_guest() {
	local kernel=$1 mem=$2 work=$3 serial=$4 mess args guest operator ended=0
	mess=${MESS:-$(default_mess "$mem")}
	cp "$kernel/vmlinuz" "$work/vmlinuz"
	cp "$work/initrd" "$work/initrd.disk"
	truncate -s 64M "$work/scratch"
	truncate -s %512 "$work/vmlinuz" "$work/initrd.disk"
	mapfile -t args < <(
		drive kernel "$work/vmlinuz" readonly=on
		drive initrd "$work/initrd.disk" readonly=on
		drive scratch "$work/scratch" cache=unsafe
		drive source "$("$here/source.sh" $((mess * 3 / 4 + 64)))" readonly=on
		[ ! -e "$work/core" ] || drive core "$work/core" cache=unsafe
	)
	: >"$serial"
	rm -f "$work"/monitor.*
	mkfifo "$work/monitor.in" "$work/monitor.out"
	# shellcheck disable=SC2086 # QEMUARGS are words
	timeout "${TIMEOUT:-600}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m "$mem" -smp "${SMP:-1}" \
		-display none -chardev "pipe,id=monitor,path=$work/monitor" -mon monitor -serial "file:$serial" \
		-no-reboot -device vmcoreinfo \
		-device virtio-net-pci,netdev=net,romfile= -netdev user,id=net "${args[@]}" ${QEMUARGS:-} \
		-kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 crashkernel=${CRASHKERNEL:-192M} ${CMDLINE:-} ${MONITOR:+monitor=1} mess=$mess capture=$(tr ' ' , <<<"${CMDLINE:-}")" \
		</dev/null >"$work/qemu.log" 2>&1 &
	guest=$!
	sit_at_monitor "$work" "$serial" &
	operator=$!
	# shellcheck disable=SC2064 # these two, now
	trap "kill $guest $operator 2>/dev/null; exit 143" INT TERM HUP
	wait "$guest" || ended=$?
	kill "$operator" 2>/dev/null || true
	trap - INT TERM HUP
	[ "$ended" = 0 ] || { cat "$work/qemu.log" >&2; return 1; }
}

# Status that the capture kernel's work ended with; fails if it never ended.
capture_status() {
	tr -d '\r' <"$1" | sed -n 's/^CAPTURE-STATUS \([0-9]*\)$/\1/p' | grep -m1 .
}
