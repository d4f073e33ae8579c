#!/bin/bash
# tls.sh: dumps over tls:// with a key and with certificates, whole and after cuts; each end with OpenSSL's own programs as its peer.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

VMCORE=$(MESS=16 CRASHKERNEL=160M tests/vm/vmcore.sh 6.1 512)
JUDGED_BY=$PWD/tests/judge/judge.sh
CERTS=$TMP/certs
certs_make "$CERTS"
mkdir "$TMP/reference"
"$SEND" -d 31 --message-level 4 --to file:- "$VMCORE" | "$RECV" --dir "$TMP/reference" --replay - >/dev/null 2>&1
REFERENCE=$(dump_in "$TMP/reference")/vmcore
CERTIFICATES=(--tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/client.pem" --tls-key "$CERTS/client.key")

send() { # TARGET OPTION...
	say 0 timeout 100 "$SEND" -d 31 --message-level 20 --give-up 30 --to "$1" "${@:2}" "$VMCORE"
}

reports() {
	grep -Eq -- "$1" words || fail "the report does not say '$1'"
}

whole() { # HOST
	local dump
	dump=$(dump_in dumps)
	case ${dump##*/} in "$1"-[12]*) ;; *) fail "the directory is ${dump##*/}, not of $1" ;; esac
	[ "$(manifest "$dump" state)" = complete ] || fail "the manifest does not say complete"
	"$JUDGE" "$dump/vmcore" "$REFERENCE" >judged 2>&1 || { cat judged; fail "it is not the dump that a saved stream gives"; }
	tail -n 1 judged
	rm -rf "$dump"
}

by_key() {
	service_start
	send "tls://127.0.0.1:$TLS_PORT" --psk crashed2:psk/crashed2
	reports "$BY_TLS"
	"$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in dumps)/vmcore"
	whole crashed2
	service_end
}

# --new-key makes a key while the service runs, and tells what the sender is to be given.
new_key() {
	local option
	service_start
	"$RECV" --psk-dir psk --new-key crashed3 | tee said.key
	option=$(sed -n 's/.*\(--psk [^ ]*\):FILE .*/\1/p' said.key)
	[ -n "$option" ] || fail "it does not say the sender's option"
	[ "$(head -n 1 said.key)" = psk/crashed3 ] || fail "it does not say where the key is"
	grep -Eqx '[0-9a-f]{64}' psk/crashed3 && [ "$(stat -c %a psk/crashed3)" = 600 ] || fail "it made no key"
	! grep -F "$(cat psk/crashed3)" said.key || fail "it says the key"
	send "tls://127.0.0.1:$TLS_PORT" "${option% *}" "${option#* }:psk/crashed3"
	whole crashed3
	! "$RECV" --psk-dir psk --new-key crashed3 2>said.again || fail "it replaces a key"
	cat said.again
	[ "$(wc -l <said.again)" = 1 ] || fail "it does not say one line"
	service_end
}

by_certificate() {
	service_start --tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/server.pem" --tls-key "$CERTS/server.key"
	send "tls://127.0.0.1:$TLS_PORT" "${CERTIFICATES[@]}"
	reports "$BY_TLS"
	whole crashed1.example
	send "tls://localhost:$TLS_PORT" "${CERTIFICATES[@]}"
	whole crashed1.example
	send "tls://127.0.0.1:$TLS_PORT" --psk crashed1:psk/crashed1 # beside each other
	whole crashed1
	service_end
	TLS_PORT=
	service_start --tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/server-other.pem" --tls-key "$CERTS/server-other.key"
	send "tls://127.0.0.1:$TLS_PORT" "${CERTIFICATES[@]}" --tls-name other.example
	whole crashed1.example
	service_end
}

# What OpenSSL's server takes out of TLS goes to a receiver on its standard input.
to_s_server() { # OPTION OF s_server... -- OPTION OF kferry-send...
	local port theirs=()
	while [ "$1" != -- ]; do theirs+=("$1"); shift; done
	shift
	mkdir dumps
	mkfifo answers
	port=$(ssh_free_port)
	(openssl s_server -quiet -naccept 1 -tls1_3 -accept "127.0.0.1:$port" "${theirs[@]}" <answers 2>s_server.log | "$RECV" --stdio --dir dumps >answers) &
	sleep 1
	send "tls://127.0.0.1:$port" "$@" || { cat s_server.log; return 1; }
	whole local
}

key_to_s_server() {
	psk_make key
	to_s_server -nocert -psk_identity crashed1 -psk "$(cat key)" -- --psk crashed1:key
}

certificate_to_s_server() {
	to_s_server -cert "$CERTS/server.pem" -key "$CERTS/server.key" -CAfile "$CERTS/ca.pem" -Verify 1 -verify_return_error -- "${CERTIFICATES[@]}"
}

from_s_client() {
	service_start --tls-ca "$CERTS/ca.pem" --tls-cert "$CERTS/server.pem" --tls-key "$CERTS/server.key"
	send "exec:exec openssl s_client -quiet -tls1_3 -psk_identity crashed1 -psk $(cat psk/crashed1) -connect 127.0.0.1:$TLS_PORT 2>foreign.log"
	whole crashed1
	send "exec:exec openssl s_client -quiet -tls1_3 -verify_return_error -verify_hostname localhost -CAfile '$CERTS/ca.pem' -cert '$CERTS/client2.pem' -key '$CERTS/client2.key' -connect 127.0.0.1:$TLS_PORT 2>foreign.log" ||
		{ cat foreign.log; return 1; }
	whole crashed2.example
	service_end
}

cut() {
	service_start --durable-bytes 2000000 --durable-seconds 1
	relay_start "tcp://127.0.0.1:$TLS_PORT" --buffer 262144 '1 up 6M~9M rst' '2 up 6M~9M fin' '3 up 300 rst' '4 down 100 fin' '5 up 100000 flip 3'
	send "tls://127.0.0.1:${RELAY_URL##*:}" --give-up 120 --psk crashed1:psk/crashed1
	relay_end
	[ "$(manifest "$(dump_in dumps)" connections)" -ge 3 ] || fail "it was not resumed"
	whole crashed1
	service_end
}

BY_TLS='^Protected by *: TLS, TLS_[A-Z0-9_]+$'

begin tls-key by_key
begin tls-new-key new_key
begin tls-certificate by_certificate
begin tls-key-to-s_server key_to_s_server
begin tls-certificate-to-s_server certificate_to_s_server
begin tls-from-s_client from_s_client
begin tls-cut cut
cases_end
