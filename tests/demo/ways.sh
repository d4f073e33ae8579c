# The demo's ways from the sender to the receiver: over ssh+tls:// to a real sshd, or over tcp://; sourced by demo.sh.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2034,SC2154
# receive_TARGET starts what listens here. Then way HOST gives in ${way[@]} what a sender that knows this machine as HOST is told, and
# MORE is a directory with the files of it, which it finds at /. farewell_TARGET ends what does not end by itself.

SENDER_IS=demo

await_listening() { # SCHEME: $port
	for ((i = 0; i < 100; i++)); do
		port=$(sed -n "s/^listening on $1:.*:\([0-9]*\)\$/\1/p" "$logs/receiver.log")
		[ -z "$port" ] || break
		sleep 0.1
	done
	[ -n "$port" ] || fail "kferry-recv does not listen: $(tail -n 1 "$logs/receiver.log")"
}

receive_tcp() {
	start receiver "$top/build/kferry-recv" --dir "$store" --listen tcp://127.0.0.1:0 --once
	await_listening tcp
	say "kferry-recv listens on tcp://127.0.0.1:$port, unencrypted"
}

way_tcp() { way=(--to "tcp://$1:$port"); }
farewell_tcp() { :; }

# The keys are made for this run and gone with it. The sender's key may do one thing, as README.md says.
receive_ssh+tls() {
	local recv=$top/build/kferry-recv
	secrets=$(mktemp -d)
	ssh_keys "$secrets/ssh"
	mkdir "$secrets/psk"
	start receiver "$recv" --dir "$store" --listen tls://127.0.0.1:0 --ticket-socket "$secrets/tickets" --psk-dir "$secrets/psk"
	await_listening tls
	say "kferry-recv listens on tls://127.0.0.1:$port and knows nobody yet; tickets are asked for at a local socket"
	ssh_authorize "$secrets/ssh" "$secrets/ssh/id_ed25519" "$recv --stdio --dir $store --identity $SENDER_IS --ticket-socket $secrets/tickets"
	ln -s "$logs/sshd.log" "$secrets/ssh/ssh.log"
	ssh_start openssh "$secrets/ssh" {lock}>&-
	say "$(sshd_version) listens on 127.0.0.1:$SSH_PORT, its host key is $(ssh_fingerprint "$secrets/ssh/host_ed25519.pub")"
	say "the sender has a key of its own, made for this run; all that it may do there is to send a dump of '$SENDER_IS'"
}

sshd_version() { ssh -V 2>&1 | cut -d, -f1 | sed 's/^OpenSSH/OpenSSH sshd/; s/ Debian.*//'; }

way_ssh+tls() {
	local at=$secrets/root
	[ -n "${in_guest:-}" ] || at=$secrets/here
	mkdir -p "$at/root/kferry"
	chmod 700 "$at/root/kferry"
	cp "$secrets/ssh/id_ed25519" "$at/root/kferry/key"
	ssh_known "$at/root/kferry/known_hosts" "$secrets/ssh" "$1:$SSH_PORT"
	MORE=$at
	[ -z "${in_guest:-}" ] || at=
	way=(--to "ssh+tls://$SSH_USER@$1:$SSH_PORT" --ssh-key "$at/root/kferry/key" --known-hosts "$at/root/kferry/known_hosts")
}

farewell_ssh+tls() {
	ssh_end
	kill "${job[receiver]}" 2>/dev/null
}
