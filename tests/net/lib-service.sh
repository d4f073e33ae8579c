# A receiver that stays, with TLS, keys and tickets, and what its senders are given; sourced by other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs lib-cases.sh, lib-sshd.sh, lib-certs.sh.
#   service_start [OPTION...]   kferry-recv of ./dumps, tls:// on a free port of $SERVICE_AT (127.0.0.1), with the pre-shared
#                          keys in ./psk (crashed1, crashed2) and tickets at ./tickets: $TLS_PORT, $SERVICE, service.log
#   service_end            SIGTERM; it must end with 0
#   account SERVER [OPTION...]   openssh or dropbear in ./ssh, where the key may do what the README's line says, for the host
#                          crashed1, with OPTIONs added: $SSH_PORT, and TRUST, the sender's options
#   readme_command         the command of the README's line, of this test's program and directory

service_start() {
	local i
	mkdir -p dumps psk
	chmod 700 psk
	[ -e psk/crashed1 ] || { psk_make psk/crashed1 && psk_make psk/crashed2; }
	: >service.listening
	"$RECV" --dir dumps --listen "tls://${SERVICE_AT:-127.0.0.1}:${TLS_PORT:-0}" --psk-dir psk --ticket-socket "$PWD/tickets" "$@" \
		>service.listening 2>>service.log &
	SERVICE=$!
	for ((i = 0; i < 400; i++)); do
		TLS_PORT=$(sed -n 's/^listening on tls:.*:\([0-9]*\)$/\1/p' service.listening)
		[ -z "$TLS_PORT" ] || return 0
		kill -0 "$SERVICE" 2>/dev/null || break
		sleep 0.02
	done
	cat service.log >&2
	fail "the receiver does not listen"
}

service_end() {
	local got=0
	kill "$SERVICE"
	wait "$SERVICE" || got=$?
	cat service.log
	[ "$got" = 0 ] || fail "the service exits $got"
}

readme_command() {
	local command
	command=$(sed -n 's/^ *restrict,command="\([^"]*\)" ssh-ed25519 .*/\1/p' "$README")
	[ "$(grep -c . <<<"$command")" = 1 ] || fail "README.md has not one line for authorized_keys"
	command=${command/#\/usr\/local\/sbin\/kferry-recv/$RECV}
	sed -E "s#--dir [^ ]*#--dir $PWD/dumps#; s#--identity [^ ]*#--identity crashed1#" <<<"$command"
}

account() {
	local server=$1
	shift
	mkdir -p dumps
	[ -d ssh ] || cp -r "$TMP/.ssh-keys" ssh
	ssh_authorize "$PWD/ssh" ssh/id_ed25519 "$(readme_command)${*:+ $*}"
	ssh_start "$server" "$PWD/ssh"
	ssh_known known "$PWD/ssh" "127.0.0.1:$SSH_PORT"
	TRUST=(--ssh-key "$PWD/ssh/id_ed25519" --known-hosts "$PWD/known")
}

README=$PWD/README.md
ssh_keys "$TMP/.ssh-keys"
