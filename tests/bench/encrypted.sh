#!/bin/bash
# encrypted.sh [VMCORE]: kferry over ssh+tls, tls and ssh beside makedumpfile through ssh, in turn: seconds, the sender's CPU, ratios.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The peer is what kdump does today: makedumpfile -F -l -d 1 | ssh, with OpenSSH's fastest cipher, aes128-gcm, | makedumpfile -R.
# Real contents of memory, about 1 GB of it kept; the vmcore and what both write are on a tmpfs (BENCH_DIR, /dev/shm); both ends share
# this machine's CPUs, and one sshd on loopback serves all. Time is to the end of all processes, and for kferry until all is
# stored; CPU is that of the sending side: kferry-send, or makedumpfile and ssh. RUNS=5 of each, in turn; the middle one counts. What
# is at rest is lzo on both sides; WIRE="lz4 none pages" says which wire codecs kferry is to show.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-bench.sh"
. "$root/tests/net/lib-sshd.sh"
. "$root/tests/net/lib-certs.sh"
runs=${RUNS:-5} level=${LEVEL:-1}
read -r -a wires <<<"${WIRE:-lz4}"
send=$root/build/kferry-send recv=$root/build/kferry-recv
peer=$("$root/tests/judge/makedumpfile.sh" reader)
source=${1:-$("$root/tests/vm/vmcore.sh" 6.1 2048)}
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
SSHD='' service=''

fail() {
	echo "encrypted.sh: $*" >&2
	exit 1
}
leave() {
	[ -z "$SSHD" ] || kill "$SSHD" 2>/dev/null || true
	[ -z "$service" ] || kill "$service" 2>/dev/null || true
	rm -rf "$tmp"
}
trap leave EXIT

# A vmcore elsewhere is read into memory first, if there is no room for it on the tmpfs.
vmcore=$source
room=$(df --output=avail -B1 "$tmp" | tail -n 1)
free=$(awk '$1 == "MemAvailable:" { printf "%d", $2 * 1024 }' /proc/meminfo)
if [ "$((room < free ? room : free))" -gt $(($(stat -c %s "$source") + (4 << 30))) ]; then
	cp --sparse=always "$source" "$tmp/vmcore"
	vmcore=$tmp/vmcore
else
	cat "$source" >/dev/null
fi

mkdir "$tmp/dumps" "$tmp/psk"
chmod 700 "$tmp/psk"
psk_make "$tmp/psk/bench"
ssh_keys "$tmp/ssh"
ssh_start openssh "$tmp/ssh"
ssh_config "$tmp/ssh" "$tmp/ssh/id_ed25519"
ssh_known "$tmp/known" "$tmp/ssh" "127.0.0.1:$SSH_PORT"
: >"$tmp/listening"
"$recv" --dir "$tmp/dumps" --listen tls://127.0.0.1:0 --psk-dir "$tmp/psk" --ticket-socket "$tmp/tickets" >"$tmp/listening" 2>"$tmp/service.log" &
service=$!
for ((i = 0; i < 200; i++)); do
	tls_port=$(sed -n 's/^listening on tls:.*:\([0-9]*\)$/\1/p' "$tmp/listening")
	[ -z "$tls_port" ] || break
	sleep 0.05
done
[ -n "$tls_port" ] || { cat "$tmp/service.log" >&2; fail "kferry-recv does not listen"; }

by_makedumpfile() {
	"$peer" -F -l -d "$level" --message-level 4 "$vmcore" |
		ssh -F "$tmp/ssh/config" -c aes128-gcm@openssh.com there "$peer --message-level 4 -R $tmp/peer"
}

by_kferry() { # SCHEME WIRE
	local to=$1://$SSH_USER@127.0.0.1:$SSH_PORT
	[ "$1" != tls ] || to=tls://127.0.0.1:$tls_port
	"$send" -l --wire "$2" -d "$level" --message-level 20 --give-up 0 --to "$to" --psk "bench:$tmp/psk/bench" --known-hosts "$tmp/known" \
		--ssh-key "$tmp/ssh/id_ed25519" --remote-command "$recv --stdio --dir $tmp/dumps --identity bench --ticket-socket $tmp/tickets" "$vmcore"
}

sorts=(peer)
for wire in "${wires[@]}"; do
	for scheme in ssh+tls tls ssh; do sorts+=("$scheme $wire"); done
done
for ((run = 0; run < runs; run++)); do
	for ((i = 0; i < ${#sorts[@]}; i++)); do
		if [ "$i" = 0 ]; then
			costs "$tmp/0" by_makedumpfile
			kept=$(stat -c %s "$tmp/peer")
			rm -f "$tmp/peer"
		else
			# shellcheck disable=SC2086 # a scheme and a codec
			costs "$tmp/$i" by_kferry ${sorts[i]}
			cp "$tmp/$i.said" "$tmp/$i.report"
			rm -rf "$tmp/dumps"/*
		fi
	done
done

column() { cut -d' ' -f"$2" "$tmp/$1" | median; }

mkdir -p "$root/build/bench"
{
	pages=$(sed -n 's/^Page bytes *: //p' "$tmp/1.report")
	echo "level $level, $((pages / 1000000)) MB of pages kept of a vmcore of $(($(stat -c %s "$source") / 1000000)) MB, $((kept / 1000000)) MB at rest as lzo;" \
		"$(nproc) CPUs, the middle one of $runs runs"
	echo "peer: makedumpfile $(peer_version "$peer") -F -l | ssh -c aes128-gcm ($(ssh -V 2>&1 | cut -d, -f1)) | makedumpfile -R"
	printf '%-24s %9s %7s   %12s %7s\n' '' seconds ratio "sender's CPU" ratio
	for ((i = 0; i < ${#sorts[@]}; i++)); do
		printf '%-24s %9.2f %7s   %12.2f %7s\n' "${sorts[i]}" "$(column "$i" 1)" "$(ratio "$(column "$i" 1)" "$(column 0 1)")" \
			"$(column "$i" 2)" "$(ratio "$(column "$i" 2)" "$(column 0 2)")"
	done
} | tee "$root/build/bench/encrypted"
