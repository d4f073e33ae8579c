#!/bin/bash
# ssh.sh: dumps over ssh:// and ssh+tls:// to a real OpenSSH sshd and to dropbear, whole and after cuts; what else the account may do: nothing.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The account has the line of README.md in authorized_keys, with this test's program, directory and key in it. A relay
# before sshd, and for ssh+tls:// one before the TLS port as well, cuts connections.
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
mkdir "$TMP/reference"
"$SEND" -d 31 --message-level 4 --to file:- "$VMCORE" | "$RECV" --dir "$TMP/reference" --replay - >/dev/null 2>&1
REFERENCE=$(dump_in "$TMP/reference")/vmcore

send() { # TARGET [OPTION...]: must store
	local to=$1
	shift
	say 0 "$SEND" -d 31 --message-level 20 --give-up 30 --to "$to" "${TRUST[@]}" "$@" "$VMCORE" || { ssh_says ssh; return 1; }
}

there() { echo "ssh://$SSH_USER@127.0.0.1:${1:-$SSH_PORT}"; }
there_tls() { echo "ssh+tls://$SSH_USER@127.0.0.1:${1:-$SSH_PORT}"; }

reports() { # PATTERN: the sender's report has such a line
	grep -Eq -- "$1" words || fail "the report does not say '$1'"
}

whole() { # HOST: the one dump is of that host, and equal to that of a saved stream in the judge's eyes
	local dump
	dump=$(dump_in dumps)
	case ${dump##*/} in "$1"-[12]*) ;; *) fail "the directory is ${dump##*/}, not of $1" ;; esac
	[ "$(manifest "$dump" state)" = complete ] || fail "the manifest does not say complete"
	"$JUDGE" "$dump/vmcore" "$REFERENCE" >judged 2>&1 || { cat judged; fail "it is not the dump that a saved stream gives"; }
	tail -n 1 judged
}

over_ssh() { # SERVER
	account "$1"
	send "$(there)"
	reports "$BY_SSH"
	whole crashed1
	[ "$1" = dropbear ] || "$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in dumps)/vmcore"
}

over_both() { # SERVER
	service_start
	account "$1" --ticket-socket "$PWD/tickets"
	send "$(there_tls)"
	reports "$BY_TLS"
	whole crashed1
	[ "$1" = dropbear ] || "$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in dumps)/vmcore"
	service_end
}

# A relay in a directory of its own: $RELAY_URL, its process in $RELAY.
relay_in() { # DIR RELAY-ARGUMENT...
	mkdir "$1"
	cd "$1"
	relay_start "${@:2}"
	cd ..
}

# The places of the cuts are those of a stream by lz4; over a slow line auto would choose zstd, and be done before the third.
ssh_cut() { # SERVER
	account "$1" --durable-bytes 2000000 --durable-seconds 1
	relay_in before-ssh "tcp://127.0.0.1:$SSH_PORT" --buffer 262144 '1 up 6M~9M rst' '2 up 6M~9M fin' '3 up 4M~6M rst'
	ssh_known known "$PWD/ssh" "127.0.0.1:${RELAY_URL##*:}"
	send "$(there "${RELAY_URL##*:}")" --give-up 120 --wire lz4
	grep -E 'did 3 up' before-ssh/relay.said || fail "it was not cut three times"
	whole crashed1
	[ "$(manifest "$(dump_in dumps)" connections)" -ge 3 ] || fail "it was not resumed"
}

# The ticket says the port only; the relay has it on the address that the sender reached sshd at.
both_cut() { # SERVER
	SERVICE_AT=127.0.0.2 service_start --durable-bytes 2000000 --durable-seconds 1
	account "$1" --ticket-socket "$PWD/tickets"
	relay_in before-tls "tcp://127.0.0.2:$TLS_PORT" --to "127.0.0.2:$TLS_PORT" --listen "$TLS_PORT" --buffer 262144 \
		'1 up 6M~9M rst' '2 up 6M~9M fin' '3 up 1000 rst'
	relay_in before-ssh "tcp://127.0.0.1:$SSH_PORT" --buffer 262144 '2 up 1500 rst' '3 down 2500 fin'
	ssh_known known "$PWD/ssh" "127.0.0.1:${RELAY_URL##*:}"
	send "$(there_tls "${RELAY_URL##*:}")" --give-up 120
	cat before-*/relay.said
	grep -E 'did 2 up' before-tls/relay.said || fail "it was not cut twice"
	whole crashed1
	[ "$(manifest "$(dump_in dumps)" connections)" -ge 3 ] || fail "it was not resumed"
	service_end
}

# Nobody is at the TLS port, it is silent, or there is no service at all: the pages stay in the channel.
tls_away() { # HOW
	case $1 in
	refused) SERVICE_AT=127.0.0.2 service_start ;;
	silent)
		SERVICE_AT=127.0.0.2 service_start
		relay_in before-tls "tcp://127.0.0.2:$TLS_PORT" --to "127.0.0.2:$TLS_PORT" --listen "$TLS_PORT" '1 up 0 silent'
		;;
	no-service) ;;
	esac
	account openssh --ticket-socket "$PWD/tickets"
	send "$(there_tls)"
	reports "$BY_SSH"
	reports "$WHY_NOT_TLS"
	whole crashed1
	[ "$1" = no-service ] || service_end
}

key_types() {
	local key
	account openssh
	for key in ecdsa rsa locked; do ssh_authorize_more "$PWD/ssh" "ssh/id_$key" "$(readme_command)"; done
	for key in ecdsa rsa; do
		rm -rf dumps/*
		TRUST=(--ssh-key "$PWD/ssh/id_$key" --known-hosts known)
		send "$(there)"
		whole crashed1
	done
	rm -rf dumps/*
	TRUST=(--ssh-key "$PWD/ssh/id_locked" --passphrase-fd 9 --known-hosts known)
	send "$(there)" 9<ssh/passphrase
	whole crashed1
	! grep -r "$(cat ssh/passphrase)" said words ssh/ssh.log || fail "the passphrase was said"
}

# libssh2 can check RSA host keys with SHA-2, which is what servers still give, since 1.11.
checked_types() {
	if pkg-config --atleast-version=1.11 libssh2; then echo "$SSH_KEY_TYPES"; else echo "${SSH_KEY_TYPES% rsa}"; fi
}

# Whatever key the server shows: each type of host key, by known_hosts and pinned.
host_keys() {
	local type
	for type in $(checked_types); do
		rm -rf dumps/*
		account openssh
		ssh_end
		SSH_KEY_TYPES=$type ssh_start openssh "$PWD/ssh"
		SSH_KNOWN_TYPES=$type ssh_known known "$PWD/ssh" "127.0.0.1:$SSH_PORT"
		send "$(there)"
		whole crashed1
		rm -rf dumps/*
		TRUST=(--ssh-key ssh/id_ed25519 --host-key "$(ssh_fingerprint "ssh/host_$type.pub")")
		send "$(there)"
		whole crashed1
		ssh_end
	done
}

# The server has three keys and known_hosts one of them, which need not be the first that the server would give.
one_known_of_three() {
	local type
	account openssh
	for type in $(checked_types); do
		rm -rf dumps/*
		SSH_KNOWN_TYPES=$type ssh_known known "$PWD/ssh" "127.0.0.1:$SSH_PORT"
		send "$(there)"
		whole crashed1
	done
	rm -rf dumps/*
	ssh-keygen -q -H -f known 2>/dev/null
	send "$(there)"
	whole crashed1
}

# What a user may have: ~/.ssh as ssh(1) has it.
defaults() {
	account openssh
	mkdir -p home/.ssh
	chmod 700 home/.ssh
	cp known home/.ssh/known_hosts
	cp ssh/id_ed25519 home/.ssh/
	TRUST=()
	HOME=$PWD/home send "$(there)"
	whole crashed1
}

# New keys every few MiB while the stream runs, which is when all but the key exchange must wait.
new_keys() {
	account openssh
	ssh_end
	ssh_start openssh "$PWD/ssh" 'RekeyLimit 2M'
	ssh_known known "$PWD/ssh" "127.0.0.1:$SSH_PORT"
	send "$(there)" --wire none
	reports "$BY_SSH"
	whole crashed1
}

# Who writes to standard error without end fills what the channel may hold, if nobody reads it.
noise() { # SCHEME
	account openssh
	ssh_authorize "$PWD/ssh" ssh/id_ed25519 "yes noise | head -n 3000000 >&2 & $(readme_command)"
	send "$1$SSH_USER@127.0.0.1:$SSH_PORT" --message-level 22
	[ "$(grep -c '^server: noise' words)" -gt 10 ] || fail "no noise was heard"
	[ "$(grep -c '^server: ' words)" -le 101 ] || fail "it says all of it"
	whole crashed1
}

# As tests/e2e/memory.sh has it for the others.
capped() { # SCHEME
	grep -q __asan_init "$SEND" && skip "this sender is built with a sanitizer, which needs more"
	account openssh
	ssh_authorize_more "$PWD/ssh" ssh/id_locked "$(readme_command)"
	say 0 prlimit --data=16777216 "$SEND" -d 1 -c --num-threads 64 --message-level 20 --give-up 0 --to "$1$SSH_USER@127.0.0.1:$SSH_PORT" \
		--ssh-key "$PWD/ssh/id_locked" --known-hosts known --passphrase-fd 9 "$VMCORE" 9<ssh/passphrase
	"$JUDGED_BY" "$VMCORE" 6.1 1 "$(dump_in dumps)/vmcore"
}

BY_SSH='^Protected by *: SSH, [a-z0-9@.-]+, '
BY_TLS='^Protected by *: TLS, TLS_[A-Z0-9_]+, with a ticket by SSH$'
WHY_NOT_TLS=' as TLS did not work: '

# Those that mostly wait run beside the others.
aside ssh-cut-openssh ssh_cut openssh
aside ssh-tls-silent tls_away silent
begin ssh-openssh over_ssh openssh
begin ssh-dropbear over_ssh dropbear
begin ssh-tls-openssh over_both openssh
begin ssh-tls-dropbear over_both dropbear
collect ssh-cut-openssh
collect ssh-tls-silent
aside ssh-cut-dropbear ssh_cut dropbear
aside ssh-tls-cut-openssh both_cut openssh
begin ssh-tls-refused tls_away refused
begin ssh-tls-no-service tls_away no-service
begin ssh-keys key_types
begin ssh-host-keys host_keys
begin ssh-one-known-of-three one_known_of_three
begin ssh-defaults defaults
begin ssh-new-keys new_keys
begin ssh-noise noise ssh://
begin ssh-tls-noise noise ssh+tls://
begin ssh-memory capped ssh://
begin ssh-tls-memory capped ssh+tls://
collect ssh-cut-dropbear
collect ssh-tls-cut-openssh
begin ssh-tls-cut-dropbear both_cut dropbear
cases_end
