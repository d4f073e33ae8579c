#!/bin/bash
# entropy.sh: in a capture kernel that has no random numbers yet, of a processor that gives none, the keys of ssh+tls:// are there in time.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real crash without RDRAND and RDSEED, no saved seed, no virtio-rng; kferry-send is the first program of the capture kernel.
# From its start to the end of the dump must not pass 60 s of the guest's time more than over tcp:// in the same guest.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib-cases.sh"
. "$here/../e2e/lib-receiver.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

CRASH=$PWD/tests/vm/crash.sh

# Prints the guest's seconds between the start of the sender and its end.
seconds_in_guest() { # KERNEL WORD...
	local kernel=$1
	shift
	MESS=16 QEMUARGS='-cpu max,-rdrand,-rdseed' "$CRASH" "$kernel" 512 serial.log "$SEND" -- kferry-send --message-level 20 --give-up 0 "$@" /proc/vmcore >&2 ||
		{ tail -n 40 serial.log >&2; fail "no dump out of the capture kernel"; }
	! tail -n 400 serial.log | grep -a 'RDRAND' >&2 || fail "this processor gives random numbers"
	tr -d '\r' <serial.log | awk '/^CAPTURE / { for (i = 1; i < NF; i++) if ($i == "at") from = $(i + 1) } /^CAPTURED at/ { print int($3 - from) }'
}

soon() { # KERNEL
	local plain encrypted
	mkdir dumps
	receiver_start dumps
	plain=$(seconds_in_guest "$1" --to "tcp://10.0.2.2:${URL##*:}")
	receiver_end 0
	rm -rf dumps/*
	service_start
	account openssh --ticket-socket "$PWD/tickets"
	mkdir -p more/keys
	cp ssh/id_ed25519 more/keys/id
	ssh_known more/keys/known "$PWD/ssh" "10.0.2.2:$SSH_PORT"
	encrypted=$(MORE=$PWD/more seconds_in_guest "$1" --to "ssh+tls://$SSH_USER@10.0.2.2:$SSH_PORT" --ssh-key /keys/id --known-hosts /keys/known)
	grep -a -E 'crng|random:|Protected by' serial.log
	[ "$(manifest "$(dump_in dumps)" state)" = complete ] || fail "the manifest does not say complete"
	tr -d '\r' <serial.log | grep -a -q '^Protected by *: TLS' || fail "it did not go by TLS"
	echo "tcp:// $plain s, ssh+tls:// $encrypted s of the guest's time"
	[ "$encrypted" -le $((plain + 60)) ] || fail "it had to wait"
	service_end
}

begin entropy-6.1 soon 6.1
begin entropy-5.10 soon 5.10
cases_end
