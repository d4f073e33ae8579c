#!/bin/bash
# systemd.sh [short | CASE...]: the service in a guest with systemd, installed by `make install`: started by a connection, fed, stopped, confined.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The sender is this machine's, its dumps are of a real vmcore and go through QEMU's network, by tls:// with a key that the guest made, and by
# ssh+tls:// to its sshd. SUITE is the guest's Debian (bookworm). The short version leaves out
# what others test too.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
suite=${SUITE:-bookworm}
[ "${1:-}" != short ] || set -- systemd-installed systemd-stopped systemd-confined systemd-writes-nowhere-else systemd-quiet
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

# The units are found, the account and its directories are made at boot, the settings are right, and nothing runs yet.
installed() {
	cat "$TMP/state"
	guest systemctl enable --now kferry-recv.socket kferry-tickets.socket
	[ "$(show ActiveState)" = inactive ] || fail "the service runs before anybody came"
	guest "stat -c '%U:%G %a %n'" /var/lib/kferry "$DUMPS" /etc/kferry /etc/kferry/keys /run/kferry /run/kferry/tickets >places
	diff - places <<-END
		root:root 755 /var/lib/kferry
		kferry:kferry 700 $DUMPS
		root:root 755 /etc/kferry
		kferry:kferry 700 /etc/kferry/keys
		root:root 755 /run/kferry
		root:kferry 660 /run/kferry/tickets
	END
	[ "$(guest kferry-recv --check-config)" = 'configuration is right' ] || fail "the settings are wrong"
	guest kferry-recv --new-key web1
	guest kferry-recv --check-config
	(umask 077 && guest cat /etc/kferry/keys/web1 >"$TMP/key")
}

# The first connection starts it, and gets a whole dump, called after the host.
fed() {
	say 0 "$SEND" -c --wire pages --to "tls://$GUEST_AT" --psk "web1:$TMP/key" "$VMCORE"
	[ "$(show ActiveState)" = active ] || fail "it is not active"
	[ "$(show StatusText)" = "0 dumps" ] || fail "its status is '$(show StatusText)'"
	fetch dumps
	case $(dump_in dumps) in dumps/web1-*) ;; *) fail "it is called $(dump_in dumps)" ;; esac
	"$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in dumps)/vmcore"
}

# The account's key may do one thing only; its dump goes by TLS, with a ticket of the service.
by_ssh() {
	local ssh=(ssh -F none -q -p 2222 -i "$TMP/web2" -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$TMP/known")
	ssh-keyscan -t ed25519 -p 2222 "$GUEST_AT" 2>/dev/null >"$TMP/known"
	guest "rm -rf $DUMPS/*"
	say 0 "$SEND" -c --wire pages --message-level 20 --to "ssh+tls://kferry@$GUEST_AT:2222" --ssh-key "$TMP/web2" --known-hosts "$TMP/known" "$VMCORE"
	fetch dumps
	case $(dump_in dumps) in dumps/web2-*) ;; *) fail "it is called $(dump_in dumps)" ;; esac
	"$RECV" --verify "$(dump_in dumps)"
	guest 'journalctl --no-pager -o cat -u kferry-recv.service' >journal
	grep 'web2.* a stream begins' journal || fail "the service did not receive it"
	! "${ssh[@]}" "kferry@$GUEST_AT" 'echo I am in' </dev/null | grep 'I am in' || fail "the key opens a shell"
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
		-path ./proc -prune -o -path './usr/*/*' -prune -o -not -type l -not -type c -writable -print 2>/dev/null || true" >writable
	cat writable
	grep -qx ".$DUMPS" writable || fail "it cannot even write dumps"
	# Newer systemds also give a service the file by which it could ask to be told when memory is short.
	if grep -vE "^\.$DUMPS(/|\$)|^\./run/systemd/notify\$|^\./sys/fs/cgroup/system.slice/kferry-recv.service/memory.pressure\$" writable; then
		fail "it can write there"
	fi
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
	relay_start "tcp://$GUEST_AT:7612" '* up 0 rate 3M'
	"$SEND" -c --wire pages --message-level 4 --to "tls:${RELAY_URL#tcp:}" --psk "web1:$TMP/key" "$VMCORE" 2>sent &
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

case $suite in
bookworm) guest_make bookworm 6.1 ;;
*) guest_make "$suite" 6.12 ;;
esac
ssh-keygen -q -t ed25519 -N '' -C root@web2 -f "$TMP/web2"
install -d "$TMP/files/var/lib/kferry/.ssh"
# The README's line, for this host and its key.
sed -n "s|^ *\(restrict,.*--identity\) web1\" ssh-ed25519 .*|\1 web2\" $(cat "$TMP/web2.pub")|p" README.md >"$TMP/files/var/lib/kferry/.ssh/authorized_keys"
guest_boot || { echo "not ok systemd-boots"; exit 1; }

begin systemd-installed installed
begin systemd-fed fed
begin systemd-small small
begin systemd-by-ssh by_ssh
begin systemd-stopped stopped
begin systemd-confined confined
begin systemd-writes-nowhere-else writes_nowhere_else
begin systemd-idle idle
begin systemd-quiet quiet
cases_end
