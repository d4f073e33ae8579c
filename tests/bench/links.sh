#!/bin/bash
# links.sh: the same transfer over links of 100 Mbit/s, 1 and 10 Gbit/s, also with a round trip of 20 ms: how much of them is used.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two network namespaces with a pair of veth between them, whose rate tbf limits; the round trip is that of tests/relay, which ends TCP's
# connections and so makes a dump wait for its answers, not TCP for its acknowledgements. Level 1, lzo at rest, ssh+tls:// against
# makedumpfile -F -l | ssh | makedumpfile -R. A link is well used at 95 %, or else both CPUs must be busy. The bytes are
# those that tbf let pass towards the server, headers and all. Needs root. RUNS=5, LEVEL, RATES, DELAYS="0 20", WIRE choose rows.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

if [ -z "${KFERRY_BENCH_CRASHED:-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "links.sh: skipped, network namespaces need root" >&2; exit 77; }
	export KFERRY_BENCH_CRASHED=kferry-crashed-$$
	server=kferry-server-$$
	trap 'ip netns del "$KFERRY_BENCH_CRASHED" 2>/dev/null; ip netns del "$server" 2>/dev/null' EXIT
	ip netns add "$server" && ip netns add "$KFERRY_BENCH_CRASHED" &&
		ip link add crashed netns "$KFERRY_BENCH_CRASHED" type veth peer name server netns "$server" ||
		{ echo "links.sh: skipped, no network namespaces or no veth here" >&2; exit 77; }
	ip -n "$KFERRY_BENCH_CRASHED" address add 192.0.2.1/24 dev crashed
	ip -n "$server" address add 192.0.2.2/24 dev server
	for pair in "$KFERRY_BENCH_CRASHED crashed" "$server server"; do
		ip -n "${pair% *}" link set lo up
		ip -n "${pair% *}" link set "${pair#* }" up
	done
	ip netns exec "$server" "$0" "$@"
	exit
fi

. "$here/lib-ends.sh"
relay=$("$root/tests/relay/build.sh")
read -r -a rates <<<"${RATES:-100mbit 1gbit 10gbit}"
read -r -a delays <<<"${DELAYS:-0 20}"
read -r -a wires <<<"${WIRE:-auto}"
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
relays=()

fail() {
	echo "links.sh: $*" >&2
	exit 1
}
leave() {
	relays_end
	ends_stop
	rm -rf "$tmp"
}
trap leave EXIT

near() { ip netns exec "$KFERRY_BENCH_CRASHED" "$@"; }

# The larger part of a packet that TCP hands over at once must fit into a burst.
shape() { # RATE
	near tc qdisc replace dev crashed root tbf rate "$1" burst 256k limit 2m
	tc qdisc replace dev server root tbf rate "$1" burst 256k limit 2m
}
passed() { near tc -s -j qdisc show dev crashed | sed -n 's/.*"kind":"tbf".*"bytes":\([0-9]*\).*/\1/p'; }

# On the sending side, with the ports that the server has.
relays_start() { # MILLISECONDS there and back
	local to
	for to in "$ssh_to" "$tls_to"; do
		ip netns exec "$KFERRY_BENCH_CRASHED" "$relay" --to "$to" --listen "${to##*:}" "* up 0 delay $(($1 / 2))" "* down 0 delay $(($1 / 2))" >"$tmp/relay.said" 2>&1 &
		relays+=($!)
		until grep -q '^listening' "$tmp/relay.said"; do kill -0 $! || fail "$(cat "$tmp/relay.said")"; sleep 0.02; done
	done
	ssh_to=127.0.0.1:${ssh_to##*:}
}
relays_end() {
	[ ${#relays[@]} = 0 ] || { kill "${relays[@]}" 2>/dev/null && wait "${relays[@]}" || true; }
	relays=()
}

# A transfer, and as a seventh column the bytes that passed.
over_link() { # FILE WAY WIRE
	local before
	before=$(passed)
	transfer "$1" "$2" -l "$3" "${LEVEL:=1}"
	sed -i "\$s/\$/ $(($(passed) - before))/" "$1"
}

bits() { awk -v r="$1" 'BEGIN { print r * (r ~ /gbit/ ? 1e9 : 1e6) }'; }

row() { # FILE NAME RATE
	local at=$tmp/${1%.*}.ssh-peer
	printf '%-28s %8.2f %8.2f  %-13s %8.1f %6.2f %10.1f %6.2f\n' "$2" "$(column "$tmp/$1" 1)" "$(column "$at" 1)" \
		"$(judged "$(column "$tmp/$1" 1)" "$(column "$at" 1)" 0.80)" "$(used "$tmp/$1" "$3")" "$(busy_cpus "$tmp/$1")" "$(used "$at" "$3")" "$(busy_cpus "$at")"
}
used() { awk -v rate="$(bits "$2")" '{ print $7 * 8 / rate / $1 * 100 }' "$1" | median; }
busy_cpus() { awk '{ print $4 / $1 }' "$1" | median; }

vmcore=$("$here/input.sh" "$tmp")
ends_start 192.0.2.2
direct=$ssh_to
for rate in "${rates[@]}"; do
	shape "$rate"
	for delay in "${delays[@]}"; do
		ssh_to=$direct
		ends_keep "$tmp/store"
		[ "$delay" = 0 ] || relays_start "$delay"
		ends_known
		for ((run = 0; run < ${RUNS:=5}; run++)); do
			over_link "$tmp/$rate.$delay.ssh-peer" ssh-peer -
			for wire in "${wires[@]}"; do over_link "$tmp/$rate.$delay.$wire" ssh+tls "$wire"; done
		done
		relays_end
	done
done

echo "Level $LEVEL, lzo at rest, over links; seconds until the dump is there, % of the link, busy CPUs of 2; medians of $RUNS runs"
printf '%-28s %8s %8s  %-13s %8s %6s %10s %6s\n' 'rate, round trip, wire' kferry peer ratio '% of link' CPUs "peer's %" CPUs
for rate in "${rates[@]}"; do
	for delay in "${delays[@]}"; do
		for wire in "${wires[@]}"; do row "$rate.$delay.$wire" "$rate/s, $delay ms, $wire" "$rate"; done
	done
done
