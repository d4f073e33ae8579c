#!/bin/bash
# selftest.sh: the servers and certificates that the tests of the network use are what they claim to be, in OpenSSH's and OpenSSL's eyes.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib-cases.sh"
. "$here/lib-sshd.sh"
. "$here/lib-certs.sh"

ssh_keys "$TMP/ssh"
certs_make "$TMP/certs"

# Each key logs in and runs what it asked for, the stranger's does not; a forced command takes the place of what was asked.
logs_in() { # SERVER
	local key
	ssh_authorize "$TMP/ssh" "$TMP/ssh/id_ed25519"
	for key in ecdsa rsa; do ssh_authorize_more "$TMP/ssh" "$TMP/ssh/id_$key"; done
	ssh_start "$1" "$TMP/ssh"
	for key in ed25519 ecdsa rsa; do
		ssh_config "$TMP/ssh" "$TMP/ssh/id_$key"
		[ "$(ssh -F "$TMP/ssh/config" there echo "with $key")" = "with $key" ] || { ssh_says "$TMP/ssh"; fail "no login with $key"; }
	done
	ssh_config "$TMP/ssh" "$TMP/ssh/id_stranger"
	! ssh -F "$TMP/ssh/config" there true || fail "the stranger logs in"
	ssh_authorize "$TMP/ssh" "$TMP/ssh/id_rsa" 'echo forced $SSH_ORIGINAL_COMMAND'
	ssh_config "$TMP/ssh" "$TMP/ssh/id_rsa"
	[ "$(ssh -F "$TMP/ssh/config" there asked for)" = 'forced asked for' ] || { ssh_says "$TMP/ssh"; fail "the command is not forced"; }
	ssh_end
}

checked() { # PURPOSE CA NAME PATTERN
	echo "$3 as a $1:"
	openssl verify -purpose "$1" -CAfile "$TMP/certs/$2.pem" "$TMP/certs/$3.pem" >verified 2>&1 || true
	cat verified
	grep -Eq "$4" verified || fail "$3 is not what it should be"
}

certificates() {
	local pair ok
	for pair in server:client client:server; do
		ok="/${pair%:*}.pem: OK\$"
		checked "ssl${pair%:*}" ca "${pair%:*}" "$ok"
		checked "ssl${pair%:*}" ca "${pair%:*}-expired" 'has expired'
		checked "ssl${pair%:*}" ca "${pair%:*}-early" 'not yet valid'
		checked "ssl${pair%:*}" ca "${pair%:*}-stranger" 'unable to get local issuer'
		checked "ssl${pair%:*}" ca "${pair%:*}-swapped" '[Uu]nsuitable certificate purpose|unsupported certificate purpose'
		checked "ssl${pair#*:}" ca "${pair%:*}-swapped" OK
	done
	checked sslserver ca server-other OK
	checked sslclient ca client-odd OK
	openssl x509 -noout -subject -ext subjectAltName -in "$TMP/certs/client-odd.pem" 2>&1 | tee names
	grep -q '\.\./\.\./etc' names || fail "client-odd has no odd name"
	openssl x509 -noout -checkip 127.0.0.1 -in "$TMP/certs/server.pem" | grep -v 'NOT match'
	psk_make key
	grep -Eqx '[0-9a-f]{64}' key && [ "$(stat -c %a:%s key)" = 600:65 ] || fail "the key is none"
}

begin net-openssh logs_in openssh
begin net-dropbear logs_in dropbear
begin net-certificates certificates
cases_end
