#!/bin/bash
# systemd.sh [SUITE KERNEL]: the service in a guest with systemd, installed by `make install`: started by a connection, fed, stopped, confined.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The sender is this machine's, its dumps are of a real vmcore and go through QEMU's network. (bookworm 6.1)
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
suite=${1:-bookworm} kernel=${2:-6.1}
set --
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib-cases.sh"
. tests/e2e/lib-receiver.sh
. tests/e2e/lib-words.sh
. tests/e2e/lib-dumps.sh
. tests/e2e/lib-relay.sh
. tests/vm/lib-systemd.sh

VMCORE=$(tests/vm/vmcore.sh 6.1 512)
JUDGED_BY=$PWD/tests/judge/judge.sh
WORK=$TMP
DUMPS=/var/lib/kferry/dumps
trap 'guest_end; cases_clean' EXIT

show() { # NAME: a property of the service
	guest systemctl show -P "$1" kferry-recv.service
}

fetch() { # DIR: what the guest has in its dumps' directory
	mkdir -p "$1"
	guest tar -c -C "$DUMPS" . | tar -x -C "$1"
}

# The units are found, the account and its directories are made at boot, and nothing runs yet.
installed() {
	cat "$TMP/state"
	guest systemctl enable --now kferry-recv.socket kferry-tickets.socket
	[ "$(show ActiveState)" = inactive ] || fail "the service runs before anybody came"
	guest "stat -c '%U:%G %a %n'" /var/lib/kferry "$DUMPS" /etc/kferry /run/kferry /run/kferry/tickets >places
	diff - places <<-END
		root:root 755 /var/lib/kferry
		kferry:kferry 700 $DUMPS
		root:root 755 /etc/kferry
		root:root 755 /run/kferry
		root:kferry 660 /run/kferry/tickets
	END
}

# The first connection starts it, with a filter and without rights, and gets a whole dump.
fed() {
	say 0 "$SEND" -c --to "tcp://127.0.0.1:$DUMP_PORT" "$VMCORE"
	[ "$(show ActiveState)" = active ] || fail "it is not active"
	[ "$(show StatusText)" = "0 dumps" ] || fail "its status is '$(show StatusText)'"
	fetch dumps
	"$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in dumps)/vmcore"
}

# What the kernel says of the process: a filter, no rights, not root.
confined() {
	guest "grep -E '^(Uid|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/$(show MainPID)/status" | tr -s '\t ' ' ' >status
	cat status
	grep -qx 'CapPrm: 0000000000000000' status && grep -qx 'CapBnd: 0000000000000000' status || fail "it has rights"
	grep -qx 'NoNewPrivs: 1' status && grep -qx 'Seccomp: 2' status || fail "it has no filter"
	! grep -q '^Uid: 0 ' status || fail "it is root"
}

# What its account could write, or connect to, of all that its process can see; found by the account itself, in the process's own root. Devices
# that keep nothing do not count.
writes_nowhere_else() {
	guest "cd /proc/$(show MainPID)/root && setpriv --reuid=kferry --regid=kferry --clear-groups --no-new-privs find . \
		-path ./proc -prune -o -not -type l -not -type c -writable -print 2>/dev/null || true" >writable
	cat writable
	grep -qx ".$DUMPS" writable || fail "it cannot even write dumps"
	if grep -vE "^\.$DUMPS(/|\$)|^\./run/systemd/notify\$" writable; then fail "it can write there"; fi
}

# The log and the kernel know of no system call that was refused.
quiet() {
	guest 'journalctl --no-pager -o cat -b' >journal
	! grep -v '+SECCOMP' journal | grep -iE 'seccomp|type=1326|SIGSYS|core-dump|apparmor="DENIED"' || fail "something was refused"
	! grep -E 'kferry.*(Read-only file system|not permitted|Permission denied)' journal || fail "something was refused"
}

# What it needed, the page cache included, is far below what the unit allows.
small() {
	local peak
	peak=$(guest cat /sys/fs/cgroup/system.slice/kferry-recv.service/memory.peak)
	echo "$((peak >> 20)) MiB at most, of $(($(show MemoryMax) >> 20))"
	[ "$peak" -lt 268435456 ] || fail "it took $peak bytes"
}

# A stop in the middle: in time, the dump says that it is not whole, and why. Then its sender comes back and goes on.
stopped() {
	local i
	mkdir before after
	guest "rm -rf $DUMPS/*"
	relay_start "tcp://127.0.0.1:$DUMP_PORT" '* up 0 rate 3M'
	"$SEND" -c --message-level 4 --to "$RELAY_URL" "$VMCORE" 2>sent &
	for ((i = 0; i < 100; i++)); do
		[ "$(guest "cat $DUMPS/*/vmcore-incomplete | wc -c" 2>/dev/null || echo 0)" -lt 2000000 ] || break
		sleep 0.1
	done
	guest systemctl stop kferry-recv.socket kferry-recv.service
	[ "$(show Result)" = success ] && [ "$(show ExecMainStatus)" = 0 ] || fail "it ended with $(show Result), $(show ExecMainStatus)"
	fetch before
	lies_incomplete "$(dump_in before)" 'the receiver was stopped \(SIGTERM\)'
	readable_part "$(dump_in before)/vmcore-incomplete" "$VMCORE" 100
	guest systemctl start kferry-recv.socket
	wait $! || { cat sent; fail "the sender did not go on"; }
	fetch after
	[ "$(manifest "$(dump_in after)" connections)" -ge 2 ] || fail "it did not go on, but began anew"
	"$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in after)/vmcore"
	relay_end >/dev/null
}

# Started for nothing, by hand, and stopped again.
idle() {
	guest systemctl restart kferry-recv.service
	guest systemctl stop kferry-recv.service 2>/dev/null
	[ "$(show Result)" = success ] || fail "it ended with $(show Result)"
}

guest_make "$suite" "$kernel"
mkdir -p "$TMP/files/etc/systemd/system/kferry-recv.socket.d"
printf '[Socket]\nFileDescriptorName=tcp\n' >"$TMP/files/etc/systemd/system/kferry-recv.socket.d/plain.conf"
sed -i 's/^#allow-plaintext/allow-plaintext/' "$TMP/files/etc/kferry/kferry-recv.conf"
guest_boot || { echo "not ok systemd-boots"; exit 1; }

begin systemd-installed installed
begin systemd-fed fed
begin systemd-confined confined
begin systemd-writes-nowhere-else writes_nowhere_else
begin systemd-small small
begin systemd-stopped stopped
begin systemd-idle idle
begin systemd-quiet quiet
cases_end
