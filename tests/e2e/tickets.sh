#!/bin/bash
# tickets.sh: the service that gives tickets and `kferry-recv --stdio` that asks for them: who gets one, who does not, what it costs.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
#
# What a ticket is good for, and that it is good once, is in refused.sh and ssh.sh; that it becomes too old, in tests/all/tickets.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-words.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

TICKET=$PWD/tests/net/ticket.py
ASKS=$PWD/tests/net/asks.py

ticket() { # IDENTITY [SOCKET]: what it gets
	"$TICKET" "$RECV" --stdio --dir dumps --identity "$1" --ticket-socket "${2:-$PWD/tickets}" || true
}

none() { # PATTERN IDENTITY [SOCKET]
	local said
	said=$(ticket "${@:2}")
	echo "$said"
	[[ $said =~ ^none\ .*$1 ]] || fail "it does not get 'none $1'"
}

descriptors() { find "/proc/$SERVICE/fd" -mindepth 1 | wc -l; }

# Every line of its log is one that we know: nothing that a peer said got into it as it was.
log_is_clean() {
	! LC_ALL=C grep -aPv '^[ -~]*$' service.log || fail "the log has bytes that are not printable"
}

granted() {
	local first second port seconds id key
	service_start
	[ "$(stat -c '%A %U' tickets)" = "srw-rw---- $(id -un)" ] || fail "the socket is $(stat -c '%A %U' tickets)"
	first=$(ticket crashed1) second=$(ticket crashed1)
	read -r port seconds id key <<<"$first"
	[ "$port $seconds ${#id} ${#key}" = "$TLS_PORT 60 32 64" ] || fail "it gets '$port $seconds', an id of ${#id} digits and a key of ${#key}"
	[ "$first" != "$second" ] || fail "it gets the same ticket twice"
	service_end
	! grep -F -e "$id" -e "$key" service.log || fail "the log has a ticket in it"
	grep -q '^crashed1: gets a ticket' service.log || fail "the log does not say who got one"
	[ ! -e tickets ] || fail "the socket's file is left"
}

# The ways in which there is no service; each is told, and none is an error of --stdio.
not_running() {
	mkdir dumps
	none "tickets: the service is not running" crashed1
	none "/run/kferry-none/tickets: the service is not running" crashed1 /run/kferry-none/tickets
	none "too long" crashed1 "/$(printf '%0200d' 0)"
	service_start
	kill -KILL "$SERVICE"
	wait "$SERVICE" || true
	[ -S tickets ] || fail "no socket is left to be replaced"
	none "the service is not running" crashed1
	TLS_PORT=
	service_start
	[[ $(ticket crashed1) == "$TLS_PORT 60 "* ]] || fail "it gets none"
	service_end
}

# A service that holds its place, and one that listens where no TLS is.
other_services() {
	service_start
	says 1 "^kferry-recv: ticket socket: .*/tickets: another process listens there$" \
		"$RECV" --dir dumps --listen tls://127.0.0.1:0 --psk-dir psk --ticket-socket "$PWD/tickets"
	[[ $(ticket crashed1) == "$TLS_PORT 60 "* ]] || fail "the first one's socket is gone"
	service_end
	"$RECV" --dir dumps --listen tcp://127.0.0.1:0 --ticket-socket "$PWD/tickets" >plain.listening 2>plain.log &
	SERVICE=$!
	for ((i = 0; i < 200; i++)); do [ -S tickets ] && break || sleep 0.02; done
	none "the service does not listen for TLS" crashed1
	kill "$SERVICE"
	wait "$SERVICE" || fail "it exits $?"
	if [ ! -e /run/kferry ]; then
		says 1 "^kferry-recv: nobody could come by TLS without --psk-dir, .* or tickets: ticket socket: /run/kferry: there is no such directory$" \
			"$RECV" --dir dumps --listen tls://127.0.0.1:0
	fi
	echo here >tickets
	says 1 "^kferry-recv: ticket socket: .*/tickets: is there already, and is no socket$" \
		"$RECV" --dir dumps --listen tls://127.0.0.1:0 --psk-dir psk --ticket-socket "$PWD/tickets"
	[ "$(cat tickets)" = here ] || fail "it is no more"
	says 1 "there is no group no-such-group$" \
		"$RECV" --dir dumps --listen tls://127.0.0.1:0 --psk-dir psk --ticket-socket "$PWD/others" --ticket-group no-such-group
}

# Of several addresses the one that other machines reach.
which_port() {
	local ports
	SERVICE_AT=127.0.0.1
	service_start --listen tls://0.0.0.0:0 --listen tls://127.0.0.2:0
	mapfile -t ports < <(sed -n 's/^listening on tls:.*:\([0-9]*\)$/\1/p' service.listening)
	TLS_PORT=
	[ "${#ports[@]}" = 3 ] || fail "it listens at ${#ports[@]} addresses"
	[[ $(ticket crashed1) == "${ports[1]} 60 "* ]] || fail "the ticket is not for port ${ports[1]}"
	service_end
	service_start --listen tls://127.0.0.2:0
	ports[0]=$(sed -n 's/^listening on tls:.*127.0.0.1:\([0-9]*\)$/\1/p' service.listening)
	[[ $(ticket crashed1) == "${ports[0]} 60 "* ]] || fail "the ticket is not for port ${ports[0]}"
	service_end
}

outsider() {
	local stranger=nobody said
	[ "$(id -u)" = 0 ] || skip "only root can become somebody else"
	id -nG "$stranger" | grep -qw root && skip "$stranger is in root's group"
	mkdir -m 777 dumps
	cp "$RECV" "$TICKET" .
	chmod 711 .
	chmod 755 "${RECV##*/}" "${TICKET##*/}"
	service_start
	as() { setpriv --reuid="$stranger" --regid="$(id -g "$stranger")" "$@" ./ticket.py ./kferry-recv --stdio --dir "$PWD/dumps" --ticket-socket "$PWD/tickets" || true; }
	said=$(as --clear-groups)
	echo "$said"
	[[ $said =~ ^none\ .*/tickets:\ this\ user\ may\ not\ open\ it ]] || fail "it is not refused by the file"
	chmod 666 tickets # by mistake
	said=$(as --clear-groups)
	echo "$said"
	[[ $said =~ ^none\ refused:\ .*in\ the\ group ]] || fail "it is not refused by the service"
	said=$(as --groups="$(stat -c %g tickets)")
	[[ $said == "$TLS_PORT 60 "* ]] || fail "a member of the group gets none: $said"
	service_end
	grep -q '^kferry-recv: ticket socket: .*user [0-9]* is neither root' service.log || fail "the log does not say it"
}

# A peer that may ask asks too much.
many() {
	local before
	service_start
	before=$(descriptors)
	"$ASKS" "$PWD/tickets" many 3000 | tee said
	diff - said <<-END || fail "not 16 for one identity"
		16 granted
		2984 none: 16 tickets
	END
	[[ $(ticket crashed2) == "$TLS_PORT 60 "* ]] || fail "another host gets none"
	"$ASKS" "$PWD/tickets" hosts 2000 | tee said
	diff - said <<-END || fail "not 256 in all"
		239 granted
		1761 none: 256 tickets wait to be used, no more are given
	END
	"$ASKS" "$PWD/tickets" garbage 2000 | tee said
	! grep granted said || fail "garbage gets a ticket"
	"$ASKS" "$PWD/tickets" hostile | tee said
	! grep granted said || fail "a hostile identity gets a ticket"
	"$ASKS" "$PWD/tickets" silent 200 | tee said &
	sleep 0.3
	[ "$(descriptors)" -le $((before + 17)) ] || fail "$(descriptors) descriptors, $before before"
	none "256 tickets" crashed3
	wait %% || fail "the silent ones are not closed"
	awk '{ exit $3 > 4 }' said || fail "they stay too long"
	[ "$(descriptors)" = "$before" ] || fail "$(descriptors) descriptors are open, $before before"
	service_end
	log_is_clean
	[ "$(grep -vc 'gets a ticket' service.log)" -lt 20 ] || fail "too many lines"
}

# Who only wants a ticket needs no right on the dumps; who wants to send them does, and is told so.
no_right() {
	[ "$(id -u)" = 0 ] || skip "only root can become somebody else"
	mkdir -m 755 dumps
	cp "$RECV" .
	chmod 711 .
	chmod 755 kferry-recv
	says 1 "^kferry-recv: --dir $PWD/dumps: cannot write there: Permission denied$" \
		setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups ./kferry-recv --stdio --dir "$PWD/dumps" </dev/null
	echo 'dir = /nowhere' >conf
	chmod 600 conf
	says 1 "^kferry-recv: --config: $PWD/conf: Permission denied$" \
		setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups ./kferry-recv --config "$PWD/conf" --stdio </dev/null
}

begin tickets-granted granted
begin tickets-not-running not_running
begin tickets-other-services other_services
begin tickets-port which_port
begin tickets-outsider outsider
begin tickets-many many
begin tickets-no-right no_right
cases_end
