# A guest of some Debian with systemd and sshd, in which kferry was installed by `make install`; sourced by other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs to be in the top of the tree, and WORK, a directory. Gives:
#   guest_make SUITE KERNEL   what guest_boot needs, in $WORK: the disk, the initramfs, and $WORK/files, whose tree is laid over the disk
#   guest_boot                boots it. Its ports 22 and 7612 are 2222 and 7612 of $GUEST_AT, a loopback address of its own; its console's
#                             log is $WORK/serial
#   guest COMMAND...          runs a command there as root
#   guest_end                 ends it
# With a /dev/kvm on which the guest's kernel says a word that is used, else emulation.

guest_make() {
	local kernel
	GUEST_DISK=$(tests/vm/systemd-image.sh "$1")
	kernel=$(tests/vm/kernel.sh "$2")
	GUEST_KERNEL=$kernel/vmlinuz
	tests/vm/initrd.sh "$kernel" "$WORK/initrd.base" /bin/true
	mkdir "$WORK/init"
	install -m 755 tests/vm/systemd-init "$WORK/init/init"
	# The kernel unpacks one archive behind the other: the later init is the one that runs.
	(cd "$WORK/init" && echo init | cpio --quiet -o -H newc -R 0:0 | gzip -1) | cat "$WORK/initrd.base" - >"$WORK/initrd"
	ssh-keygen -q -t ed25519 -N '' -C driver -f "$WORK/driver"
	make -s install DESTDIR="$WORK/files" >/dev/null
	install -d -m 700 "$WORK/files/root/.ssh"
	install -m 600 "$WORK/driver.pub" "$WORK/files/root/.ssh/authorized_keys"
}

guest_start() { # ACCELERATOR
	: >"$WORK/serial"
	timeout "${GUEST_SECONDS:-600}" qemu-system-x86_64 -accel "$1" -cpu max -m 1024 -smp 2 -display none -no-reboot -serial "file:$WORK/serial" \
		-kernel "$GUEST_KERNEL" -initrd "$WORK/initrd" \
		-append "console=ttyS0 panic=-1 quiet systemd.show_status=0 systemd.mask=apt-daily.timer systemd.mask=apt-daily-upgrade.timer \
			systemd.mask=e2scrub_all.timer systemd.mask=e2scrub_reap.service systemd.mask=dpkg-db-backup.timer systemd.mask=fstrim.timer \
			systemd.mask=systemd-random-seed.service systemd.mask=getty@tty1.service systemd.mask=serial-getty@ttyS0.service" \
		-drive "if=none,id=root,file=$GUEST_DISK,format=raw,snapshot=on" -device virtio-blk-pci,drive=root,serial=root \
		-drive "if=none,id=files,file=$WORK/files.tar,format=raw,readonly=on" -device virtio-blk-pci,drive=files,serial=files \
		-netdev "user,id=net,hostfwd=tcp:$GUEST_AT:2222-:22,hostfwd=tcp:$GUEST_AT:7612-:7612" \
		-device virtio-net-pci,netdev=net,romfile= -device virtio-rng-pci </dev/null >"$WORK/qemu.log" 2>&1 &
	GUEST=$!
}

# Some machines have a /dev/kvm that starts nothing.
kvm_works() {
	[ -w /dev/kvm ] || return 1
	{ timeout 3 qemu-system-x86_64 -accel kvm -cpu max -m 256 -display none -no-reboot -serial "file:$WORK/kvm" -kernel "$GUEST_KERNEL" \
		-append "console=ttyS0 panic=-1" </dev/null; } >/dev/null 2>&1 # the shell's own word on an abort too
	[ -s "$WORK/kvm" ]
}

guest_kill() {
	{ kill "$GUEST" && wait "$GUEST"; } 2>/dev/null || true
}

guest_boot() {
	local i
	GUEST_AT=127.$((RANDOM % 200 + 20)).$((RANDOM % 256)).$((RANDOM % 254 + 1))
	tar -c -C "$WORK/files" --owner=0 --group=0 -f "$WORK/files.tar" .
	if kvm_works; then guest_start kvm; else guest_start tcg,thread=multi; fi
	for ((i = 0; i < 150; i++)); do
		if guest systemctl is-system-running --wait >"$WORK/state" 2>/dev/null; then return 0; fi
		[ ! -s "$WORK/state" ] || return 0 # degraded: something that is not ours
		kill -0 "$GUEST" 2>/dev/null || break
		sleep 0.4
	done
	cat "$WORK/qemu.log" "$WORK/serial" >&2
	return 1
}

# One connection for all commands: a login takes a second there.
guest() {
	ssh -F none -q -p 2222 -i "$WORK/driver" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o ConnectTimeout=10 -o ControlMaster=auto -o ControlPath="$WORK/control" -o ControlPersist=yes "root@$GUEST_AT" "$@" </dev/null
}

guest_end() {
	ssh -F none -q -o ControlPath="$WORK/control" -O exit "root@$GUEST_AT" 2>/dev/null || true
	guest_kill
}
