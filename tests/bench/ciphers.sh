#!/bin/bash
# ciphers.sh: what each cipher and MAC of SSH costs the sending end: CPU seconds for a GB, kferry-send's libssh2 beside OpenSSH's ssh.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A saved stream of a real vmcore, uncompressed on the wire, goes to a real sshd on loopback that allows one cipher and MAC: by
# `kferry-send --replay` (the first row, over tcp, is what that costs without SSH), and by ssh from cat. RUNS=3, the least counts, as
# others on the machine only add. A pair that one end does not have has no figure.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-bench.sh"
. "$root/tests/net/lib-sshd.sh"
runs=${RUNS:-3}
send=$root/build/kferry-send recv=$root/build/kferry-recv
vmcore=$("$root/tests/vm/vmcore.sh" 6.1 1024)
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
SSHD='' service=''

fail() {
	echo "ciphers.sh: $*" >&2
	exit 1
}
leave() {
	[ -z "$SSHD" ] || kill "$SSHD" 2>/dev/null || true
	[ -z "$service" ] || kill "$service" 2>/dev/null || true
	rm -rf "$tmp"
}
trap leave EXIT

# cost COMMAND...: CPU seconds for a GB of the stream, the least of the runs; - if it fails
cost() {
	local i
	rm -f "$tmp/cost"
	for ((i = 0; i < runs; i++)); do
		costs "$tmp/cost" "$@" 2>/dev/null || { echo -; return; }
		rm -rf "$tmp/dumps"/*
	done
	cut -d' ' -f2 "$tmp/cost" | sort -n | awk -v bytes="$bytes" 'NR == 1 { printf "%.1f\n", $1 * 1e9 / bytes }'
}
by_libssh2() {
	"$send" --replay --message-level 4 --to "ssh://$SSH_USER@127.0.0.1:$SSH_PORT" --known-hosts "$tmp/known" --ssh-key "$tmp/ssh/id_ed25519" \
		--remote-command "$recv --stdio --dir $tmp/dumps --identity bench" "$tmp/stream"
}
by_openssh() { ssh -F "$tmp/ssh/config" there 'cat >/dev/null' <"$tmp/stream"; }
by_tcp() { "$send" --replay --message-level 4 --to "tcp://127.0.0.1:$tcp_port" "$tmp/stream"; }

mkdir "$tmp/dumps"
"$send" -d 0 --raw --wire none --message-level 4 --to "file:$tmp/stream" "$vmcore"
bytes=$(stat -c %s "$tmp/stream")
: >"$tmp/listening"
"$recv" --dir "$tmp/dumps" --listen tcp://127.0.0.1:0 >"$tmp/listening" 2>/dev/null &
service=$!
until tcp_port=$(sed -n 's/^listening on tcp:.*:\([0-9]*\)$/\1/p' "$tmp/listening") && [ -n "$tcp_port" ]; do sleep 0.05; done
ssh_keys "$tmp/ssh"

echo "CPU s/GB of the sending end by SSH's ciphers, $((bytes / 1000000)) MB; $(dpkg-query -W -f '${Package} ${Version}' libssh2-1 2>/dev/null || dpkg-query -W -f '${Package} ${Version}' libssh2-1t64), $(ssh -V 2>&1 | cut -d, -f1)"
printf '%-32s %-32s %12s %8s\n' cipher MAC kferry-send ssh
printf '%-32s %-32s %12s %8s\n' 'none (tcp)' '' "$(cost by_tcp)" ''
kill "$service"
service=''
while read -r cipher mac; do
	ssh_start openssh "$tmp/ssh" "Ciphers $cipher" "MACs $mac"
	ssh_config "$tmp/ssh" "$tmp/ssh/id_ed25519"
	ssh_known "$tmp/known" "$tmp/ssh" "127.0.0.1:$SSH_PORT"
	printf '%-32s %-32s %12s %8s\n' "$cipher" "$mac" "$(cost by_libssh2)" "$(cost by_openssh)"
	ssh_end
	SSHD=''
done <<-'PAIRS'
	aes128-ctr hmac-sha2-256
	aes128-ctr hmac-sha2-256-etm@openssh.com
	aes128-ctr hmac-sha2-512
	aes128-ctr hmac-sha1
	aes256-ctr hmac-sha2-256
	aes128-gcm@openssh.com hmac-sha2-256
	chacha20-poly1305@openssh.com hmac-sha2-256
PAIRS
