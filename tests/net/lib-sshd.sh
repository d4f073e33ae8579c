# A real OpenSSH sshd, or dropbear, on loopback with throwaway keys; sourced by other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Whoever sources it has `fail TEXT`. The account is that of who runs the tests, also if that is root; nothing of it is
# read or changed: its keys, its authorized_keys and dropbear's idea of its home lie in a directory of the test.
#   ssh_keys DIR                  the server's keys host_TYPE and a user's id_TYPE (ed25519, ecdsa, rsa), id_locked, whose
#                                 passphrase is in the file `passphrase`, and id_stranger, which no server knows
#   ssh_authorize DIR KEY [COMMAND]   KEY may log in; with COMMAND by the README's line, and do nothing else. It replaces
#                                 what was authorized before; `ssh_authorize_more` adds. No `"` in it: dropbear knows no \"
#   ssh_start SERVER DIR [LINE...]    SERVER (openssh or dropbear) on a free port of 127.0.0.1 and ::1: $SSH_PORT, $SSHD its
#                                 process. LINEs come first in sshd_config, or are dropbear's options
#   ssh_end                       ends it
#   ssh_known FILE DIR HOST:PORT...   FILE is a known_hosts with the server's keys for these addresses, all of them;
#                                 with SSH_KNOWN_TYPES="ed25519 rsa" only those
#   ssh_fingerprint KEY           SHA256:... of a key's file
#   ssh_says DIR                  shows the end of the server's log DIR/ssh.log: what to print when a test fails
#   ssh_config DIR KEY            DIR/config, with which ssh, scp and sftp reach it as the host `there` (-F DIR/config)
# SSH_USER is the account's name.

SSH_USER=$(id -un)
SSH_KEY_TYPES="ed25519 ecdsa rsa"

ssh_keys() {
	local dir=$1 type
	mkdir -p "$dir"
	for type in $SSH_KEY_TYPES; do
		ssh-keygen -q -t "$type" -N '' -C host -f "$dir/host_$type"
		ssh-keygen -q -t "$type" -N '' -C user -f "$dir/id_$type"
	done
	ssh-keygen -q -t ed25519 -N '' -C stranger -f "$dir/id_stranger"
	(umask 077 && od -An -N 12 -t x1 /dev/urandom | tr -d ' \n' >"$dir/passphrase")
	ssh-keygen -q -t ed25519 -N "$(cat "$dir/passphrase")" -C locked -f "$dir/id_locked"
}

# dropbear reads ~/.ssh/authorized_keys only, and wants nobody else to be able to write there.
ssh_authorize() {
	rm -rf "${1:?}/home"
	(umask 077 && mkdir -p "$1/home/.ssh" && : >"$1/home/.ssh/authorized_keys")
	ssh_authorize_more "$@"
}

ssh_authorize_more() {
	local limits=
	[ -z "${3:-}" ] || limits="restrict,command=\"$3\" "
	echo "$limits$(cat "$2.pub")" >>"$1/home/.ssh/authorized_keys"
}

ssh_free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A log that a server may begin anew counts lines from here.
ssh_start() {
	local server=$1 dir=$2 attempt
	shift 2
	[ -e "$dir/home" ] || ssh_authorize "$dir" "$dir/id_ed25519"
	for attempt in 1 2 3 4 5; do
		SSH_PORT=$(ssh_free_port)
		: >"$dir/ssh.log"
		"ssh_run_$server" "$dir" "$@"
		if ssh_listens "$dir"; then return 0; fi
		kill "$SSHD" 2>/dev/null || true
		wait "$SSHD" 2>/dev/null || true
		grep -qi 'address already in use' "$dir/ssh.log" || break
		echo "port $SSH_PORT was taken in between, attempt $attempt" >&2
	done
	ssh_says "$dir" >&2
	fail "$server does not listen"
}

# It does when it greets.
ssh_listens() {
	local i greeting
	for ((i = 0; i < 200; i++)); do
		kill -0 "$SSHD" 2>/dev/null || return 1
		greeting=
		{ read -r -t 2 greeting <"/dev/tcp/127.0.0.1/$SSH_PORT"; } 2>/dev/null || true
		case $greeting in SSH-2.0-*) return 0 ;; esac
		sleep 0.05
	done
	return 1
}

# Without PAM, sshd lets nobody into an account whose password is locked, as root's often is.
ssh_pam() {
	case $(getent shadow "$SSH_USER" 2>/dev/null) in "$SSH_USER:!"*) echo yes ;; *) echo no ;; esac
}

# StrictModes would refuse whatever lies below /tmp. Newer servers keep away who failed to log in several times,
# which is what tests do.
ssh_run_openssh() {
	local dir=$1 sshd type
	shift
	sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || fail "there is no sshd"
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	{
		[ $# = 0 ] || printf '%s\n' "$@"
		printf 'Port %s\nListenAddress 127.0.0.1\n' "$SSH_PORT"
		[ ! -e /proc/net/if_inet6 ] || echo 'ListenAddress ::1'
		for type in $SSH_KEY_TYPES; do echo "HostKey $dir/host_$type"; done
		cat <<-CONFIG
			AuthorizedKeysFile $dir/home/.ssh/authorized_keys
			PidFile none
			StrictModes no
			UsePAM $(ssh_pam)
			PasswordAuthentication no
			KbdInteractiveAuthentication no
			PermitRootLogin prohibit-password
			Subsystem sftp internal-sftp
			MaxStartups 100
			LogLevel VERBOSE
		CONFIG
	} >"$dir/sshd_config"
	cp "$dir/sshd_config" "$dir/sshd_config.newer"
	echo 'PerSourcePenalties no' >>"$dir/sshd_config.newer"
	if "$sshd" -t -f "$dir/sshd_config.newer" 2>/dev/null; then mv "$dir/sshd_config.newer" "$dir/sshd_config"; fi
	"$sshd" -D -e -f "$dir/sshd_config" </dev/null 2>>"$dir/ssh.log" >&2 &
	SSHD=$!
}

# nss_wrapper tells dropbear another home; it does not reach what dropbear starts.
ssh_run_dropbear() {
	local dir=$1 dropbear type keys=() port=()
	shift
	dropbear=$(PATH=$PATH:/usr/sbin:/sbin command -v dropbear) || fail "there is no dropbear"
	for type in $SSH_KEY_TYPES; do
		[ -e "$dir/dropbear_$type" ] ||
			dropbearconvert openssh dropbear "$dir/host_$type" "$dir/dropbear_$type" 2>/dev/null || fail "dropbear does not read $dir/host_$type"
		keys+=(-r "$dir/dropbear_$type")
	done
	port=(-p "127.0.0.1:$SSH_PORT")
	[ ! -e /proc/net/if_inet6 ] || port+=(-p "[::1]:$SSH_PORT")
	echo "$SSH_USER:x:$(id -u):$(id -g)::$dir/home:/bin/sh" >"$dir/passwd"
	echo "$(id -gn):x:$(id -g):" >"$dir/group"
	LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$dir/passwd NSS_WRAPPER_GROUP=$dir/group \
		"$dropbear" -F -E -s -P "$dir/dropbear.pid" "${keys[@]}" "${port[@]}" "$@" </dev/null 2>>"$dir/ssh.log" >&2 &
	SSHD=$!
}

ssh_end() {
	kill "$SSHD" 2>/dev/null || true
	wait "$SSHD" 2>/dev/null || true
}

ssh_says() {
	tail -n "${2:-15}" "$1/ssh.log" | sed 's/^/sshd: /'
}

ssh_known() {
	local file=$1 dir=$2 at type
	shift 2
	for at in "$@"; do
		for type in ${SSH_KNOWN_TYPES:-$SSH_KEY_TYPES}; do
			echo "[${at%:*}]:${at##*:} $(cut -d' ' -f1,2 "$dir/host_$type.pub")"
		done
	done >"$file"
}

ssh_fingerprint() {
	ssh-keygen -l -f "$1" | cut -d' ' -f2
}

ssh_config() {
	ssh_known "$1/known_by_config" "$1" "127.0.0.1:$SSH_PORT"
	cat >"$1/config" <<-CONFIG
		Host there
		HostName 127.0.0.1
		Port $SSH_PORT
		User $SSH_USER
		IdentityFile $2
		IdentitiesOnly yes
		BatchMode yes
		ConnectTimeout 10
		UserKnownHostsFile $1/known_by_config
		GlobalKnownHostsFile none
		StrictHostKeyChecking yes
	CONFIG
}
