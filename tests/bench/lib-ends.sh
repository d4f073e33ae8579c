# Both ends of a transfer: a real sshd and kferry's service, and kferry-send or makedumpfile that send to them; sourced.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs here, this directory, and root, that of the project; vmcore; tmp, a directory for keys and logs. Gives send, recv and peer.
#   ends_start [ADDRESS]   starts sshd and kferry-recv on ADDRESS (127.0.0.1); ends_stop
#   ends_keep DIR          what arrives is written there from now on; with SYNC=1 the peer's is synced, as kferry's always is
#   transfer FILE WAY REST WIRE LEVEL   one transfer. It adds a line to FILE:
#        FINAL   seconds until the receiving side has the final file
#        EXITS   seconds until the sending side is done, so that the machine could go on
#        CPU     CPU seconds of the sending side: kferry-send, or makedumpfile with ssh
#        ALL     CPU seconds that the machine spent meanwhile
#        SIZE    bytes of the dump
#        WIRE    bytes that kferry-send sent; - for the peer
#     WAY is a scheme of kferry-send's targets, or `ssh-peer`: makedumpfile -F | ssh | makedumpfile -R, with OpenSSH's fastest cipher,
#     or `pipe-peer`: makedumpfile -F | makedumpfile -R. REST is an option of both: -l, -z, -c.
# near COMMAND... runs what belongs to the sending side; ssh_to, tls_to and tcp_to, HOST:PORT, are where it finds the others. Whoever has
# the sides apart sets them anew.

. "$here/lib-bench.sh"
. "$root/tests/net/lib-sshd.sh"
. "$root/tests/net/lib-certs.sh"
send=$root/build/kferry-send recv=$root/build/kferry-recv
peer=$("$root/tests/judge/makedumpfile.sh" reader)

near() { "$@"; }

ends_start() {
	local address=${1:-127.0.0.1} lines=()
	[ "$address" = 127.0.0.1 ] || lines=("ListenAddress $address")
	mkdir -p "$tmp/psk"
	chmod 700 "$tmp/psk"
	[ -e "$tmp/psk/bench" ] || psk_make "$tmp/psk/bench"
	[ -e "$tmp/ssh" ] || ssh_keys "$tmp/ssh"
	ssh_start openssh "$tmp/ssh" "${lines[@]}"
	ssh_to=$address:$SSH_PORT
}

# The service is another one for each directory.
ends_keep() {
	local address=${ssh_to%:*} i
	ends_forget
	store=$1
	mkdir -p "$store/dumps"
	: >"$tmp/listening"
	"$recv" --dir "$store/dumps" --listen "tls://$address:0" --listen "tcp://$address:0" --allow-plaintext --psk-dir "$tmp/psk" \
		--ticket-socket "$tmp/tickets" >"$tmp/listening" 2>"$tmp/service.log" &
	service=$!
	for ((i = 0; i < 200; i++)); do
		tls_to=$(sed -n 's/^listening on tls:..\(.*\)$/\1/p' "$tmp/listening")
		tcp_to=$(sed -n 's/^listening on tcp:..\(.*\)$/\1/p' "$tmp/listening")
		[ -z "$tls_to" ] || [ -z "$tcp_to" ] || break
		sleep 0.05
	done
	[ -n "$tcp_to" ] || { cat "$tmp/service.log" >&2; fail "kferry-recv does not listen"; }
	ends_known
}

# Who is trusted, by the address that the sending side knows.
ends_known() {
	ssh_config "$tmp/ssh" "$tmp/ssh/id_ed25519"
	sed -i "s/^HostName .*/HostName ${ssh_to%:*}/; s/^Port .*/Port ${ssh_to##*:}/" "$tmp/ssh/config"
	ssh_known "$tmp/ssh/known_by_config" "$tmp/ssh" "$ssh_to"
}

ends_forget() {
	[ -z "${service:-}" ] || { kill "$service" 2>/dev/null; wait "$service" || true; }
	service=
	[ -z "${store:-}" ] || rm -rf "${store:?}/dumps" "$store/peer"
}

ends_stop() {
	ends_forget
	[ -z "${SSHD:-}" ] || ssh_end
	SSHD=
}

# sending COMMAND...: when it ended, and its CPU seconds
sending() {
	local TIMEFORMAT='%U %S' status=0
	{ time "$@" 2>"$tmp/said"; } 2>"$tmp/sending.cpu" || status=$?
	now >"$tmp/sending.end"
	return $status
}

by_ssh-peer() {
	local sync=
	[ -z "${SYNC:-}" ] || sync="&& sync -f $store/peer"
	peer_through_ssh() {
		near "$peer" -F "$rest" -d "$level" --message-level 4 "$vmcore" |
			near ssh -F "$tmp/ssh/config" -c aes128-gcm@openssh.com there "$peer --message-level 4 -R $store/peer $sync" >/dev/null
	}
	sending peer_through_ssh
}

by_pipe-peer() {
	sending "$peer" -F "$rest" -d "$level" --message-level 4 "$vmcore" | "$peer" --message-level 4 -R "$store/peer" >/dev/null 2>&1
	[ -z "${SYNC:-}" ] || sync -f "$store/peer"
}

kferry() { # TARGET
	sending near "$send" "$rest" --wire "$wire" -d "$level" --message-level 20 --give-up 0 --to "$1" --psk "bench:$tmp/psk/bench" \
		--known-hosts "$tmp/ssh/known_by_config" --ssh-key "$tmp/ssh/id_ed25519" \
		--remote-command "$recv --stdio --dir $store/dumps --identity bench --ticket-socket $tmp/tickets" "$vmcore"
	# A dump that is to be packed anew behind the sender's back has a mark until that is done.
	until [ "$(echo "$store"/dumps/*/vmcore)" != "$store/dumps/*/vmcore" ]; do sleep 0.01; done
	until [ "$(echo "$store"/dumps/*/recompress)" = "$store/dumps/*/recompress" ]; do sleep 0.01; done
}
by_tls() { kferry "tls://$tls_to"; }
by_tcp() { kferry "tcp://$tcp_to"; }
by_ssh() { kferry "ssh://$SSH_USER@$ssh_to"; }
by_ssh+tls() { kferry "ssh+tls://$SSH_USER@$ssh_to"; }

transfer() {
	local file=$1 way=$2 rest=$3 wire=$4 level=$5 spent start end size sent=-
	spent=$(busy) start=$(now)
	"by_$way" || { cat "$tmp/said" >&2; fail "$way $rest does not get through"; }
	end=$(now)
	spent=$(awk -v a="$spent" -v b="$(busy)" 'BEGIN { print b - a }')
	case $way in
	*-peer) size=$(stat -c %s "$store/peer") ;;
	*)
		size=$(stat -c %s "$store"/dumps/*/vmcore)
		sent=$(sed -n 's/^Wire bytes *: //p' "$tmp/said")
		cp "$tmp/said" "$tmp/report"
		;;
	esac
	awk -v start="$start" -v end="$end" -v all="$spent" -v size="$size" -v sent="$sent" -v exits="$(cat "$tmp/sending.end")" \
		'{ printf "%.3f %.3f %.2f %.2f %d %s\n", end - start, exits - start, $1 + $2, all, size, sent }' "$tmp/sending.cpu" >>"$file"
	rm -rf "$store/peer" "$store"/dumps/*
}
