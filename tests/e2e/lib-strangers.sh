# A receiver with a plain and a TLS port, and strangers at both; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs lib-cases.sh, lib-receiver.sh, lib-certs.sh.
#   open_house            kferry-recv of ./dumps, which stays: $HOUSE, $TCP_URL, $TLS_URL, house.log, and a key for crashed1
#   house_descriptors     prints how many it has
#   house_memory          prints what it has had resident at most, in KiB
#   dump_to URL OPTION... sends $VMCORE there; the dump must be whole, and its digests as in ./wanted, which the first one makes.
#                         Prints the seconds it took
#   strangers_come COUNT SECONDS   COUNT silent and COUNT babbling connections to each port (strangers.py); those that are turned away
#                         come again after SECONDS
#   strangers_stay_out    those that are turned away do not come again
#   strangers_go          ends them; $STRANGERS_SAID is the line that they leave

STRANGERS_PY=$PWD/tests/e2e/strangers.py

open_house() {
	local i
	mkdir dumps psk
	chmod 700 psk
	psk_make psk/crashed1
	: >house.listening
	"$RECV" --dir dumps --psk-dir psk --listen tcp://127.0.0.1:0 --listen tls://127.0.0.1:0 >house.listening 2>house.log &
	HOUSE=$!
	for ((i = 0; i < 400; i++)); do
		if [ "$(wc -l <house.listening)" = 2 ]; then break; fi
		sleep 0.02
	done
	TCP_URL=$(sed -n 's/^listening on \(tcp:.*\)$/\1/p' house.listening)
	TLS_URL=$(sed -n 's/^listening on \(tls:.*\)$/\1/p' house.listening)
	[ -n "$TCP_URL" ] && [ -n "$TLS_URL" ] || { cat house.log; fail "it does not listen"; }
}

house_descriptors() { find "/proc/$HOUSE/fd" -mindepth 1 | wc -l; }
house_memory() { sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$HOUSE/status"; }

dump_to() {
	local url=$1 begun=$EPOCHREALTIME took
	shift
	timeout 100 "$SEND" --message-level 4 --psk crashed1:psk/crashed1 --to "$url" "$@" "$VMCORE" >&2 || fail "no dump to $url"
	took=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')
	grep -E '"(pages|verdicts)": "[0-9a-f]{32}"' "$(dump_in dumps)/manifest.json" >got
	[ -e wanted ] || cp got wanted
	cmp got wanted || fail "the dump to $url is another one"
	[ -e "$(dump_in dumps)/vmcore" ] || fail "the dump to $url is not whole"
	rm -rf dumps/*
	echo "$took"
}

strangers_come() {
	local i
	python3 "$STRANGERS_PY" "$HOUSE" "$1" "$2" "${TCP_URL##*:}" "${TLS_URL##*:}" >strangers &
	STRANGERS=$!
	for ((i = 0; i < 600; i++)); do
		if [ -s strangers ]; then return 0; fi
		sleep 0.05
	done
	fail "the strangers do not come"
}

strangers_stay_out() { kill -USR1 "$STRANGERS"; }

strangers_go() {
	kill "$STRANGERS"
	wait "$STRANGERS" || fail "the strangers failed"
	STRANGERS_SAID=$(tail -n 1 strangers)
	echo "$STRANGERS_SAID" >&2
}
