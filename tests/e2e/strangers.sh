#!/bin/bash
# strangers.sh: 1,000 silent and 1,000 babbling connections at each port: what they cost the receiver, and dumps go through all the same.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The bounds are those of receiver/net/door.h. tests/all/strangers.sh measures the speed.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-strangers.sh"
. "$here/../net/lib-certs.sh"

VMCORE=$(MESS=16 CRASHKERNEL=160M tests/vm/vmcore.sh 6.1 512)
# KF_DOOR_PLACES; those that go in one turn of the loop; a dump's directory, files, journal and socket; KF_DOOR_MS with the second until it is noticed, and one for a busy machine; what door.h says together with the dump's own growth
PLACES=128 LEAVING=32 DUMP=16 SECONDS_AT_DOOR=12 MEMORY_KIB=$((13 * 1024 + 4 * 1024))

# Those that are there hold their places for ten seconds, and not longer.
places_given_back() {
	local i
	for ((i = 0; i < SECONDS_AT_DOOR * 10; i++)); do
		if [ "$(house_descriptors)" -le "$1" ]; then
			echo "all places are given back after $((i / 10)) s"
			return 0
		fi
		sleep 0.1
	done
	fail "$(house_descriptors) descriptors after $SECONDS_AT_DOOR s, not $1"
}

# A few lines in ten seconds, and one that counts.
few_lines() { # SECONDS
	local lines
	cat house.log
	lines=$(grep -c 'turned away' house.log)
	[ "$lines" -le $((6 * ($1 / 10 + 2))) ] || fail "$lines lines about strangers in $1 s"
	grep -Eq '[0-9]+ more connections were turned away in 10 s' house.log || fail "nobody counts them"
}

strangers() {
	local begun=$SECONDS alone fds rss most_fds most_rss
	open_house
	alone=$(house_descriptors)
	dump_to "$TCP_URL" -d 0 --raw
	dump_to "$TLS_URL" -d 0 --raw
	rss=$(house_memory)
	strangers_come 1000 1
	dump_to "$TCP_URL" -d 0 --raw
	dump_to "$TLS_URL" -d 0 --raw
	strangers_stay_out
	places_given_back "$alone"
	strangers_go
	read -r _ _ _ _ _ _ _ _ most_fds _ _ _ most_rss _ <<<"$STRANGERS_SAID"
	echo "descriptors: $alone alone, $most_fds with strangers and a dump; resident: $rss KiB with a dump, $most_rss with both"
	[ "$most_fds" -le $((alone + PLACES + LEAVING + DUMP)) ] || fail "$most_fds descriptors, more than $((alone + PLACES + LEAVING + DUMP))"
	[ "$most_fds" -ge $((alone + PLACES)) ] || fail "the strangers were not there"
	if ! grep -q __asan_init "$RECV"; then # which has a memory of its own
		[ "$most_rss" -le $((rss + MEMORY_KIB)) ] || fail "$most_rss KiB, more than $((rss + MEMORY_KIB))"
	fi
	kill "$HOUSE"
	wait "$HOUSE" || fail "the receiver exits $?"
	few_lines $((SECONDS - begun))
}

begin strangers strangers
cases_end
