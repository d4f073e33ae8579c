#!/bin/bash
# account.sh: whoever has the key of the README's line can send a dump and do nothing else: each other thing is tried by the real ssh.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each attempt is made twice: with a key that may do everything, where it must work, and with that of the README's line,
# where it must not.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/../net/lib-sshd.sh"
. "$here/../net/lib-certs.sh"
. "$here/../net/lib-service.sh"

there() { # what ssh says goes to the case's log, also if it fails
	timeout 20 ssh -F ssh/config "$@"
}

# Each does something by which it is seen; what is left of it is looked for afterwards. They may fail or not.
try_shell() { echo "echo it is \$((6 * 7)) >'$PWD/made'" | there there; }
try_terminal() { there -tt there "test -t 0 && echo it is 42 >'$PWD/made'"; }
try_command() { there there "echo it is 42 >'$PWD/made'" </dev/null; }
try_sftp() { echo "put what.txt '$PWD/made'" | timeout 20 sftp -b - -F ssh/config there; }
try_scp() { timeout 20 scp -F ssh/config what.txt "there:$PWD/made" </dev/null; }
try_old_scp() { timeout 20 scp -O -F ssh/config what.txt "there:$PWD/made" </dev/null; }

greeting() { # PORT
	local line=
	{ read -r -t 5 line <"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
	case $line in SSH-2.0-*) echo it is 42 >made ;; *) return 1 ;; esac
}

# What it leads to is sshd itself, which greets.
try_local_forward() { there -W "127.0.0.1:$SSH_PORT" there </dev/null >out 2>&1; grep -q '^SSH-2.0-' out && echo it is 42 >made; }
try_socks() {
	local port
	port=$(ssh_free_port)
	forwarding -D "127.0.0.1:$port"
	python3 - "$port" "$SSH_PORT" <<-'PYTHON' && echo it is 42 >made
		import socket, struct, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
		s.settimeout(5)
		s.sendall(b"\5\1\0" + b"\5\1\0\1\x7f\0\0\1" + struct.pack(">H", int(sys.argv[2])))
		said = b""
		while b"SSH-2.0-" not in said:
		    got = s.recv(100)
		    if not got:
		        sys.exit(1)
		    said += got
	PYTHON
	forwarded
}
try_remote_forward() {
	local port
	port=$(ssh_free_port)
	forwarding -R "127.0.0.1:$port:127.0.0.1:$SSH_PORT"
	greeting "$port"
	forwarded
}

forwarding() { # OPTION VALUE
	there -N -o ExitOnForwardFailure=yes "$@" there </dev/null &
	FORWARDING=$!
	sleep 1
}
forwarded() {
	kill "$FORWARDING" 2>/dev/null
	wait "$FORWARDING"
}

# 0: it was done.
does() { # WHAT
	rm -f made
	"try_$1" || true
	[ "$(cat made 2>/dev/null)" = 'it is 42' ]
}

nothing_else() { # SERVER
	local what
	echo it is 42 >what.txt
	account "$1"
	ssh_authorize_more "$PWD/ssh" ssh/id_rsa
	for what in shell terminal command sftp scp old_scp local_forward socks remote_forward; do
		ssh_config "$PWD/ssh" "$PWD/ssh/id_rsa"
		does "$what" || fail "$what: does not work with a key that may do everything, so this test shows nothing"
		ssh_config "$PWD/ssh" "$PWD/ssh/id_ed25519"
		! does "$what" || fail "$what: works with the line of README.md"
		echo "== $SECONDS s $what: works with a key that may do everything, and not with the line of README.md"
	done
	[ -z "$(ls dumps)" ] || fail "something was made in the dump directory"
	kill -0 "$SSHD" || fail "the server is gone"
}

# Keys and displays that the client would lend. The command shows what it has; of the README's line the words before it count.
lends_nothing() { # SERVER THING...
	local server=$1 thing
	shift
	cp -r "$TMP/.ssh-keys" ssh
	ssh_authorize "$PWD/ssh" ssh/id_ed25519 "$(command -v env)"
	sed 's/^restrict,//' ssh/home/.ssh/authorized_keys >open
	grep -q '^command=' open || fail "the line does not begin with restrict"
	sed "s#ssh-ed25519 .*#$(cat ssh/id_rsa.pub)#" open >>ssh/home/.ssh/authorized_keys
	case $server in
	openssh) ssh_start openssh "$PWD/ssh" 'X11Forwarding yes' "XAuthLocation $(type -P true)" ;;
	dropbear) ssh_start dropbear "$PWD/ssh" ;;
	esac
	python3 - <<-'PYTHON' &
		import socket
		s = socket.socket(socket.AF_UNIX)
		s.bind("lender")
		s.listen()
		while True:
		    s.accept()[0].close()
	PYTHON
	until [ -S lender ]; do sleep 0.02; done
	for thing in "$@"; do
		for key in rsa ed25519; do
			ssh_config "$PWD/ssh" "$PWD/ssh/id_$key"
			SSH_AUTH_SOCK=$PWD/lender DISPLAY=127.0.0.1:7 there -T -o IdentityAgent=SSH_AUTH_SOCK -o ForwardAgent=yes -o ForwardX11=yes -o ForwardX11Trusted=yes there </dev/null >"$key.said" || { ssh_says "$PWD/ssh"; fail "$key does not log in"; }
		done
		cat rsa.said
		grep "^$thing=" rsa.said || fail "$thing is not lent where it may be, so this test shows nothing"
		! grep "^$thing=" ed25519.said || fail "$thing is lent with the line of README.md"
	done
}

aside account-openssh nothing_else openssh
aside account-dropbear nothing_else dropbear
begin account-lends-openssh lends_nothing openssh SSH_AUTH_SOCK DISPLAY
begin account-lends-dropbear lends_nothing dropbear SSH_AUTH_SOCK
collect account-openssh
collect account-dropbear
cases_end
