#!/bin/bash
# refused.sh: who is not who it should be is refused, with one line, a status, and no byte of memory on the wire.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Between the two ends is a relay that records. Of a refused dump the sender may have said what a handshake needs, 8 KiB
# over all connections; the controls show that the same record of a dump that is taken has a thousand times that. Where the
# wire is plain, words of the dead kernel's memory are looked for as well. The peer is OpenSSH's sshd, or OpenSSL's s_client.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"
. "$here/lib-relay.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

VMCORE=$(MESS=16 CRASHKERNEL=160M tests/vm/vmcore.sh 6.1 512)
TICKET=$PWD/tests/net/ticket.py
HANDSHAKE=8192
IN_MEMORY='OSRELEASE=|Linux version '
CERTS=$TMP/certs
certs_make "$CERTS"

relayed() { # PORT: $RELAYED is the port of a relay before it that records
	mkdir -p record
	rm -f record/*
	relay_start "tcp://127.0.0.1:$1" --record record
	RELAYED=${RELAY_URL##*:}
	[ ! -d ssh ] || ssh_known known "$PWD/ssh" "127.0.0.1:$RELAYED"
}

sent_bytes() {
	cat record/*.up | wc -c
}

# What went up is a handshake and no memory.
nothing_went() {
	relay_end >/dev/null
	[ -e record/1.up ] || fail "nobody connected, so this shows nothing"
	echo "the sender sent $(sent_bytes) bytes in $(find record -name '*.up' | wc -l) connections"
	[ "$(sent_bytes)" -le "$HANDSHAKE" ] || fail "more than $HANDSHAKE bytes"
	! LC_ALL=C grep -aEq "$IN_MEMORY" record/*.up || fail "words of the kernel's memory went over the wire"
	[ -z "$(find dumps -name 'vmcore*')" ] || fail "there is something of a dump"
}

# The control: of a dump that is taken far more went.
much_went() {
	relay_end >/dev/null
	echo "the sender sent $(sent_bytes) bytes"
	[ "$(sent_bytes)" -ge $((HANDSHAKE * 1000)) ] || fail "the record does not show what goes"
}

send() { # STATUS PATTERN TARGET OPTION...: says one line that fits
	says "$1" "^kferry-send: $2" timeout 30 "$SEND" -d 31 --give-up 20 --to "$3" "${@:4}" "$VMCORE"
}

ssh_there() { echo "ssh://$SSH_USER@127.0.0.1:$RELAYED"; }

# --- SSH

begin_ssh() { # [SERVER]
	account "${1:-openssh}"
	relayed "$SSH_PORT"
}

taken_by_ssh() {
	begin_ssh
	say 0 "$SEND" -d 31 --to "$(ssh_there)" "${TRUST[@]}" "$VMCORE"
	much_went
}

ssh_pattern() { # KEY: its fingerprint as an extended regular expression
	ssh_fingerprint "$1" | sed 's/[+]/\\+/g'
}

unknown_host_key() { # SCHEME
	begin_ssh
	: >known
	send 1 ".*$(ssh_pattern ssh/host_ed25519.pub)" "$1$SSH_USER@127.0.0.1:$RELAYED" "${TRUST[@]}"
	nothing_went
}

changed_host_key() {
	begin_ssh
	sed -i "s# ssh-ed25519 .*# $(cut -d' ' -f1,2 ssh/id_stranger.pub)#" known
	sed -i '/ssh-ed25519/!d' known
	send 1 ".*$(ssh_pattern ssh/host_ed25519.pub)" "$(ssh_there)" "${TRUST[@]}"
	grep -F "$(ssh_fingerprint ssh/id_stranger.pub)" words || fail "it does not tell the key that it knows"
	nothing_went
}

other_pinned_key() {
	begin_ssh
	send 1 ".*$(ssh_pattern ssh/id_stranger.pub)" "$(ssh_there)" --ssh-key ssh/id_ed25519 --host-key "$(ssh_fingerprint ssh/id_stranger.pub)"
	grep -E "$(for t in $SSH_KEY_TYPES; do printf '%s|' "$(ssh_pattern "ssh/host_$t.pub")"; done | sed 's/|$//')" words ||
		fail "it does not tell the server's key"
	nothing_went
}

wrong_user_key() { # SERVER
	begin_ssh "$1"
	send 1 'ssh://.*: authentication: .*id_stranger was refused' "$(ssh_there)" --ssh-key ssh/id_stranger --known-hosts known
	nothing_went
}

wrong_passphrase() {
	begin_ssh
	ssh_authorize_more "$PWD/ssh" ssh/id_locked "$(readme_command)"
	echo of another key >secret
	send 1 'ssh://.*: authentication: .*id_locked does not open with this passphrase' "$(ssh_there)" --ssh-key ssh/id_locked --passphrase-fd 9 --known-hosts known 9<secret
	! grep 'of another key' words || fail "the passphrase was said"
}

no_receiver_there() { # SERVER COMMAND PATTERN
	begin_ssh "$1"
	ssh_authorize_more "$PWD/ssh" ssh/id_ecdsa
	send 1 "$3" "$(ssh_there)" --ssh-key ssh/id_ecdsa --known-hosts known --remote-command "$2"
	nothing_went
}

# --- TLS with a key

begin_psk() {
	service_start
	relayed "$TLS_PORT"
}

taken_by_psk() {
	begin_psk
	say 0 "$SEND" -d 31 --to "tls://127.0.0.1:$RELAYED" --psk "crashed1:psk/crashed1" "$VMCORE"
	case $(basename "$(dump_in dumps)") in crashed1-*) ;; *) fail "the directory is not of crashed1" ;; esac
	much_went
}

# Both get the same answer, to the byte: nobody learns which hosts there are.
wrong_psk() {
	begin_psk
	psk_make other
	send 1 "$WRONG_PSK" "tls://127.0.0.1:$RELAYED" --psk crashed1:other
	nothing_went
	cat record/*.down >wrong.answer
	relayed "$TLS_PORT"
	send 1 "$WRONG_PSK" "tls://127.0.0.1:$RELAYED" --psk crashed7:other
	nothing_went
	cat record/*.down >unknown.answer
	[ -s wrong.answer ] || fail "it says nothing"
	cmp wrong.answer unknown.answer || fail "the answers to a wrong key and to an unknown name are not the same"
}

# A key that others can read is no secret.
readable_psk() {
	begin_psk
	cp psk/crashed1 open
	chmod 640 open
	says 1 "^kferry-send: .*open" "$SEND" --give-up 20 --to "tls://127.0.0.1:$RELAYED" --psk crashed1:open "$VMCORE"
	relay_end
	[ ! -e record/1.up ] || fail "it connected"
}

# --- TLS with certificates

begin_certificates() { # SERVER-NAME
	CERTIFICATES=(--tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/client.pem" --tls-key "$CERTS/client.key")
	service_start --tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/$1.pem" --tls-key "$CERTS/$1.key"
	relayed "$TLS_PORT"
}

taken_by_certificates() {
	begin_certificates server
	say 0 "$SEND" -d 31 --to "tls://localhost:$RELAYED" "${CERTIFICATES[@]}" "$VMCORE"
	case $(basename "$(dump_in dumps)") in crashed1.example-*) ;; *) fail "the directory is not of crashed1.example" ;; esac
	much_went
}

server_certificate() { # SERVER-NAME PATTERN
	begin_certificates "$1"
	send 1 ".*($2)" "tls://localhost:$RELAYED" "${CERTIFICATES[@]}"
	nothing_went
}

# In TLS 1.3 the sender is done with its handshake before the server has seen its certificate. The words are those without
# a relay, which loses an alert if a reset comes right behind it.
client_certificate() { # CLIENT-NAME PATTERN-OF-RECEIVER
	begin_certificates server
	CERTIFICATES=(--tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/$1.pem" --tls-key "$CERTS/$1.key")
	send 1 'tls://localhost:[0-9]+: it .* our certificate' "tls://localhost:$TLS_PORT" "${CERTIFICATES[@]}"
	receiver_said "$2"
	say 1 "$SEND" -d 31 --give-up 0 --to "tls://localhost:$RELAYED" "${CERTIFICATES[@]}" "$VMCORE"
	nothing_went
}

receiver_said() { # PATTERN: one line
	cat service.log
	[ "$(wc -l <service.log)" = 1 ] || fail "the receiver does not say one line"
	grep -Eq "^kferry-recv: .*($1)" service.log || fail "the receiver does not say '$1'"
}

# --- and what is no client of ours

foreign() { # OPENSSL-OPTION...: s_client to the relay; what was said in its log
	(sleep 1; echo 'no preface') | timeout 10 openssl s_client -connect "127.0.0.1:$RELAYED" "$@" >foreign.log 2>&1 || true
	cat foreign.log
}

# The control: the same client is let in with TLS 1.3.
old_tls() {
	begin_psk
	foreign -tls1_2 -psk_identity crashed1 -psk "$(cat psk/crashed1)"
	grep -Eqi 'alert protocol version|unsupported protocol|alert handshake failure' foreign.log || fail "TLS 1.2 is not refused"
	! grep -q '^New, TLSv1.2' foreign.log || fail "TLS 1.2 is spoken"
	nothing_went
	receiver_said 'turned away: it does not speak TLS 1.3'
	relayed "$TLS_PORT"
	foreign -tls1_3 -psk_identity crashed1 -psk "$(cat psk/crashed1)"
	grep -Eq '^(New|Reused), TLSv1.3' foreign.log || fail "TLS 1.3 is not spoken, so this shows nothing"
}

plain_to_tls() {
	begin_psk
	send 1 '.*tls://' "tcp://127.0.0.1:$RELAYED" --wire none --give-up 0
	nothing_went
	receiver_said 'turned away: it does not speak TLS'
}

tls_to_plain() {
	mkdir dumps
	receiver_start dumps
	relayed "${URL##*:}"
	psk_make key
	send 1 'tls://127.0.0.1:[0-9]+: .*it does not speak TLS 1.3' "tls://127.0.0.1:$RELAYED" --psk crashed1:key
	nothing_went
	grep 'turned away: it speaks TLS, but this address is a tcp:// one' "$RECEIVER_LOG" || fail "the receiver does not say so"
}

taken_plain() {
	mkdir dumps
	receiver_start dumps
	relayed "${URL##*:}"
	say 0 "$SEND" -d 31 --wire none --to "$RELAY_URL" "$VMCORE"
	much_went
	LC_ALL=C grep -aEq "$IN_MEMORY" record/*.up || fail "words of the kernel's memory would not be found in a record"
}

# --- tickets

ticket() { # HOST: PORT SECONDS ID KEY
	"$TICKET" "$RECV" --stdio --dir dumps --identity "$1" --ticket-socket "$PWD/tickets"
}

with_ticket() { # ID KEY: a command that leads through the relay by this ticket
	echo "exec:exec openssl s_client -quiet -tls1_3 -psk_identity ticket:$1 -psk $2 -connect 127.0.0.1:$RELAYED 2>>foreign.log"
}

second_use() {
	local port id key
	begin_psk
	read -r port _ id key < <(ticket crashed1)
	[ "$port" = "$TLS_PORT" ] || fail "the ticket is for port $port, not $TLS_PORT"
	say 0 "$SEND" -d 31 --to "$(with_ticket "$id" "$key")" "$VMCORE"
	case $(basename "$(dump_in dumps)") in crashed1-*) ;; *) fail "the directory is not of crashed1" ;; esac
	much_went
	rm -rf dumps/*
	relayed "$TLS_PORT"
	say 1 timeout 60 "$SEND" -d 31 --give-up 0 --to "$(with_ticket "$id" "$key")" "$VMCORE"
	nothing_went
	grep 'turned away: ' service.log
	grep -E 'alert (decrypt error|illegal parameter|handshake failure|unknown psk identity)' foreign.log || fail "TLS does not refuse it"
}

# Somebody has a ticket of his own and knows the other's number.
other_ticket() {
	local id1 id2 key1 key2
	begin_psk
	read -r _ _ id1 key1 < <(ticket crashed1)
	read -r _ _ id2 key2 < <(ticket crashed2)
	say 1 timeout 60 "$SEND" -d 31 --give-up 0 --to "$(with_ticket "$id1" "$key2")" "$VMCORE"
	nothing_went
	grep 'turned away: ' service.log
	relayed "$TLS_PORT"
	say 0 "$SEND" -d 31 --give-up 0 --to "$(with_ticket "$id2" "$key2")" "$VMCORE" # its own is still good
	much_went
	case $(basename "$(dump_in dumps)") in crashed2-*) ;; *) fail "the directory is not of crashed2" ;; esac
	: "$key1"
}

# crashed1's sender is cut off and comes back; what it then says first is caught, and said again by others.
catch_resume() {
	cat >carry.sh <<-COMMAND
		[ ! -e first ] || exec cat >caught
		touch first
		stdbuf -o0 head -c 9000000 | '$RECV' --stdio --dir dumps --identity crashed1 --durable-bytes 2000000 --durable-seconds 1
	COMMAND
	"$SEND" -d 31 --give-up 20 --to 'exec:. ./carry.sh' "$VMCORE" >catch.log 2>&1 &
	SENDER=$!
	for ((i = 0; i < 200; i++)); do
		[ "$(stat -c %s caught 2>/dev/null || echo 0)" -lt 100 ] || break
		sleep 0.05
	done
	sleep 0.5
	kill -KILL "$SENDER"
	wait "$SENDER" 2>/dev/null || true
	cat catch.log
	ls -l caught
	[ "$(stat -c %s caught)" -le 1000 ] || fail "it sends more before it has been answered"
}

says_again() { # ANSWER COMMAND...
	local answer=$1
	shift
	{ cat caught; sleep 1.5; } | timeout 20 "$@" >"$answer" 2>"$answer.log" || true
	"$RECV" --print "$answer" >"$answer.printed" 2>&1 || true
	cat "$answer.log" "$answer.printed"
}

others_resume() {
	local id key
	service_start
	catch_resume
	says_again by-stdio "$RECV" --stdio --dir dumps --identity crashed2
	says_again by-psk openssl s_client -quiet -tls1_3 -psk_identity crashed2 -psk "$(cat psk/crashed2)" -connect "127.0.0.1:$TLS_PORT"
	read -r _ _ id key < <(ticket crashed2)
	says_again by-ticket openssl s_client -quiet -tls1_3 -psk_identity "ticket:$id" -psk "$key" -connect "127.0.0.1:$TLS_PORT"
	for way in by-stdio by-psk by-ticket; do
		grep -q 'there is no such dump to resume here' "$way.printed" || fail "$way: it is not refused"
		! grep -E 'RESUME|WELCOME' "$way.printed" || fail "$way: it is taken up"
	done
	read -r _ _ id key < <(ticket crashed1)
	says_again by-itself openssl s_client -quiet -tls1_3 -psk_identity "ticket:$id" -psk "$key" -connect "127.0.0.1:$TLS_PORT"
	grep -q RESUME by-itself.printed || fail "its own host cannot take it up, so this shows nothing"
}

# Whoever answers as SSH and is nobody may not take the sender's memory, either.
flood() {
	"$here/../net/flood.py" >port &
	FLOOD=$!
	until [ -s port ]; do sleep 0.02; done
	(
		ulimit -v 200000
		says 1 '^kferry-send: .*the server says more than a login needs' timeout 30 "$SEND" --give-up 20 --host-key "SHA256:$(printf 'A%.0s' {1..43})" \
			--to "ssh://nobody@127.0.0.1:$(cat port)" "$VMCORE"
	)
	kill "$FLOOD"
}

WRONG_PSK="tls://127.0.0.1:[0-9]+: key 'crashed[17]': it refuses our key"
NO_RECEIVER="ssh://127.0.0.1:[0-9]+: '/no/such/kferry-recv --stdio' is not installed there"

begin refused-ssh-control taken_by_ssh
begin refused-unknown-host-key unknown_host_key ssh://
begin refused-unknown-host-key-tls unknown_host_key ssh+tls://
begin refused-changed-host-key changed_host_key
begin refused-other-pinned-key other_pinned_key
begin refused-wrong-user-key wrong_user_key openssh
begin refused-wrong-user-key-dropbear wrong_user_key dropbear
begin refused-wrong-passphrase wrong_passphrase
begin refused-no-receiver no_receiver_there openssh '/no/such/kferry-recv --stdio' "$NO_RECEIVER"
begin refused-no-receiver-dropbear no_receiver_there dropbear '/no/such/kferry-recv --stdio' "$NO_RECEIVER"
begin refused-echo no_receiver_there openssh cat 'ssh://.*: bytes of a sender where a receiver should speak'
begin refused-greeting no_receiver_there openssh 'echo Welcome to this machine' 'ssh://.*: not a kferry stream'
begin refused-psk-control taken_by_psk
begin refused-wrong-psk wrong_psk
begin refused-readable-psk readable_psk
begin refused-certificate-control taken_by_certificates
begin refused-server-expired server_certificate server-expired 'expired'
begin refused-server-early server_certificate server-early 'not yet valid'
begin refused-server-other-name server_certificate server-other 'name|hostname'
begin refused-server-of-other-ca server_certificate server-stranger 'issuer|self.signed|verif'
begin refused-server-of-other-purpose server_certificate server-swapped 'purpose'
begin refused-client-expired client_certificate client-expired 'expired'
begin refused-client-early client_certificate client-early 'not yet valid'
begin refused-client-of-other-ca client_certificate client-stranger 'issuer|self.signed|verif'
begin refused-client-of-other-purpose client_certificate client-swapped 'purpose'
begin refused-client-odd-name client_certificate client-odd 'name'
begin refused-client-nameless client_certificate client-nameless 'name'
begin refused-tls-1.2 old_tls
begin refused-flood flood
begin refused-plain-control taken_plain
begin refused-plain-to-tls plain_to_tls
begin refused-tls-to-plain tls_to_plain
begin refused-second-use second_use
begin refused-other-ticket other_ticket
begin refused-other-session others_resume
cases_end
