# A bad network between a sender and a receiver; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   relay_start URL [OPTION...] [RULES...]   starts tests/relay before URL; $RELAY_URL is its address, $RELAY its process,
#                          relay.said what it says. tests/relay/README.md has the rules.
#   relay_did PATTERN      waits until it said a line that fits PATTERN (as grep -E, the whole line)
#   relay_end              ends it

RELAY_PROGRAM=$(tests/relay/build.sh)

relay_start() {
	local i
	: >relay.said
	"$RELAY_PROGRAM" --to "${1##*/}" "${@:2}" >relay.said 2>relay.errors &
	RELAY=$!
	for ((i = 0; i < 200; i++)); do
		RELAY_URL=$(sed -n 's/^listening on //p' relay.said)
		[ -z "$RELAY_URL" ] || return 0
		kill -0 "$RELAY" 2>/dev/null || break
		sleep 0.05
	done
	cat relay.errors >&2
	fail "the relay does not listen"
}

relay_did() {
	local i
	for ((i = 0; i < 6000; i++)); do
		if grep -Eqx -- "$1" relay.said; then return 0; fi
		kill -0 "$RELAY" 2>/dev/null || break
		sleep 0.02
	done
	cat relay.said >&2
	fail "the relay did not do '$1'"
}

relay_end() {
	kill "$RELAY"
	wait "$RELAY" || true
	cat relay.said
}
