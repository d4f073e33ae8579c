#!/bin/bash
# addresses.sh: IPv4, IPv6, a name whose first address does not answer, and a static sender where there is nothing but itself.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

VMCORE=$(MESS=16 CRASHKERNEL=160M tests/vm/vmcore.sh 6.1 512)
TREE=$PWD
SAN=$(nm "$SEND" 2>/dev/null | grep -c ' __asan_init$' || true)

stored() { # HOST
	local dump
	dump=$(dump_in dumps)
	case $(basename "$dump") in "$1"-[12]*) ;; *) fail "the directory is $dump, not of $1" ;; esac
	[ "$(manifest "$dump" state)" = complete ] || fail "the manifest does not say complete"
	rm -rf "$dump"
}

numeric() { # ADDRESS IN-A-URL IN-A-NAME
	local port at=$2
	mkdir -p dumps
	receiver_start dumps --listen "tcp://$at:0"
	port=$(sed -n 's/^listening on tcp:.*:\([0-9]*\)$/\1/p' listening | tail -n 1)
	say 0 "$SEND" --to "tcp://$at:$port" "$VMCORE"
	receiver_end 0
	stored "$3"
	service_start --listen "tls://$at:0"
	port=$(sed -n 's/^listening on tls:.*:\([0-9]*\)$/\1/p' service.listening | tail -n 1)
	say 0 "$SEND" --to "tls://$at:$port" --psk crashed1:psk/crashed1 "$VMCORE"
	service_end
	stored crashed1
	account openssh
	ssh_known known "$PWD/ssh" "$1:$SSH_PORT"
	say 0 "$SEND" --to "ssh://$SSH_USER@$at:$SSH_PORT" "${TRUST[@]}" "$VMCORE"
	stored crashed1
}

ipv6() {
	[ -e /proc/net/if_inet6 ] || skip "this machine has no IPv6"
	numeric ::1 '[::1]' 0--1
}

# Takes no connection: its queue is full, and SYNs are dropped.
black_hole() { # ADDRESS PORT
	python3 - "$1" "$2" <<-'PYTHON' >hole &
		import socket, sys, time
		at = (sys.argv[1], int(sys.argv[2]))
		hole = socket.socket()
		hole.bind(at)
		hole.listen(0)
		callers = []
		for _ in range(4):
		    s = socket.socket()
		    s.setblocking(False)
		    s.connect_ex(at)
		    callers.append(s)
		time.sleep(0.3)
		print("deep", flush=True)
		time.sleep(100)
	PYTHON
	until grep -q deep hole; do sleep 0.05; done
}

named() { # COMMAND...: with dump.example known as three addresses; the first swallows, the second refuses, the third is it
	printf '%s dump.example\n' 127.0.0.9 127.0.0.10 127.0.0.1 >hosts
	LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_HOSTS=$PWD/hosts "$@"
}

several_addresses() {
	local began=$SECONDS
	[ "$SAN" = 0 ] || skip "a sanitized program takes no preloaded library"
	mkdir dumps
	receiver_start dumps
	black_hole 127.0.0.9 "${URL##*:}"
	named python3 -c 'import socket; print([a[4][0] for a in socket.getaddrinfo("dump.example", 1, type=socket.SOCK_STREAM)])' | tee order
	grep -q "^\['127.0.0.9', '127.0.0.10', '127.0.0.1'\]$" order || skip "the addresses come in another order"
	say 0 named "$SEND" --connect-timeout 3 --to "tcp://dump.example:${URL##*:}" "$VMCORE"
	receiver_end 0
	stored 127.0.0.1
	echo "$((SECONDS - began)) seconds"
	[ "$((SECONDS - began))" -le 10 ] || fail "the silent address took too long"
	says 1 "^kferry-send: tcp://dump.example:${URL##*:}: " named "$SEND" --connect-timeout 2 --give-up 0 --to "tcp://dump.example:${URL##*:}" "$VMCORE"
	says 1 '^kferry-send: tcp://none.example:7612: .*(resolve|name)' named "$SEND" --give-up 0 --to "tcp://none.example" "$VMCORE"
}

# In a directory with nothing but the sender, the vmcore and what the options name.
sender_alone() { # ARGUMENT...
	chroot alone /kferry-send --give-up 0 "$@" /vmcore
}

static_sender() {
	[ "$(id -u)" = 0 ] || skip "only root may chroot"
	make -s -C "$TREE" STATIC=1 build/static/kferry-send 2>make.log || { cat make.log; fail "no static sender"; }
	mkdir -p alone dumps
	cp "$TREE/build/static/kferry-send" alone/
	cp -l "$VMCORE" alone/vmcore 2>/dev/null || cp "$VMCORE" alone/vmcore
	receiver_start dumps
	say 0 sender_alone --to "$URL"
	receiver_end 0
	stored 127.0.0.1
	service_start
	cp psk/crashed1 alone/psk
	say 0 sender_alone --to "tls://127.0.0.1:$TLS_PORT" --psk crashed1:/psk
	stored crashed1
	account openssh --ticket-socket "$PWD/tickets"
	cp known ssh/id_ed25519 alone/
	say 0 sender_alone --to "ssh://$SSH_USER@127.0.0.1:$SSH_PORT" --known-hosts /known --ssh-key /id_ed25519
	stored crashed1
	say 0 sender_alone --message-level 20 --to "ssh+tls://$SSH_USER@127.0.0.1:$SSH_PORT" --known-hosts /known --ssh-key /id_ed25519
	stored crashed1
	service_end
}

begin addresses-ipv4 numeric 127.0.0.1 127.0.0.1 127.0.0.1
begin addresses-ipv6 ipv6
begin addresses-several several_addresses
begin addresses-static static_sender
cases_end
