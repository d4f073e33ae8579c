#!/bin/bash
# tickets.sh: a ticket works within its minute and not behind it, by the clock of this machine and with OpenSSL's client.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib-cases.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

TICKET=$PWD/tests/net/ticket.py

ticket() { "$TICKET" "$RECV" --stdio --dir dumps --identity "$1" --ticket-socket "$PWD/tickets"; }

# Whether the handshake is done.
knock() { # ID KEY
	local status=0
	openssl s_client -tls1_3 -psk_identity "ticket:$1" -psk "$2" -connect "127.0.0.1:$TLS_PORT" </dev/null >knocked 2>&1 || status=$?
	grep -E 'alert|Verification|^New' knocked || true
	return "$status"
}

too_old() {
	local id key id2 key2
	service_start
	read -r _ _ id key < <(ticket crashed1)
	read -r _ _ id2 key2 < <(ticket crashed2)
	sleep 55
	knock "$id" "$key" || fail "it does not work after 55 seconds"
	sleep 6
	! knock "$id2" "$key2" || fail "it works after 61 seconds"
	grep -q 'ticket is too old; it is one of crashed2' service.log || fail "the log does not say that it is too old"
	! knock "$id" "$key" || fail "it works twice"
	grep -q 'ticket was used already; it is one of crashed1' service.log || fail "the log does not say that it was used"
	! knock 00112233445566778899aabbccddeeff "$key" || fail "any id works"
	grep -q 'no such ticket' service.log || fail "the log does not say that there is no such ticket"
	service_end
}

begin tickets-too-old too_old
cases_end
