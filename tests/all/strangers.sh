#!/bin/bash
# strangers.sh: dumps go at least 0.8 times as fast while 1,000 silent and 1,000 babbling connections are at the door.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 500 of each kind at the plain port and 500 at the TLS port; those that are turned away come again after five seconds, so that it is no
# burst alone. Whoever makes them takes a part of the same processors: the more often they come, the more that is what is
# measured. Dumps without and with strangers take turns; medians of ROUNDS (7) of each.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../e2e" && pwd)
if [ "$(df --output=avail -k /dev/shm | tail -n 1)" -ge 4194304 ]; then export TMPDIR=/dev/shm; fi
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-strangers.sh"
. "$here/../net/lib-certs.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1)

compare() { # SCHEME
	awk -v scheme="$1" '
		{ t[$1, ++n[$1]] = $2 }
		function median(k,   i, j, m) {
			for (i = 2; i <= n[k]; i++) for (j = i; j > 1 && t[k, j - 1] > t[k, j]; j--) { m = t[k, j]; t[k, j] = t[k, j - 1]; t[k, j - 1] = m }
			return t[k, int((n[k] + 1) / 2)]
		}
		END { a = median("without"); b = median("with")
			printf "%s: median %.2f s without strangers, %.2f s with them: %.2f times as fast\n", scheme, a, b, a / b
			exit a < 0.8 * b }' "times.$1" || fail "strangers slow it down too much"
}

speed() {
	local i
	open_house
	dump_to "$TCP_URL" -d 0 --raw # warms the caches
	for ((i = 0; i < ${ROUNDS:-7}; i++)); do
		echo "without $(dump_to "$TCP_URL" -d 0 --raw)" >>times.tcp
		echo "without $(dump_to "$TLS_URL" -d 0 --raw)" >>times.tls
		strangers_come 500 5
		echo "with $(dump_to "$TCP_URL" -d 0 --raw)" >>times.tcp
		echo "with $(dump_to "$TLS_URL" -d 0 --raw)" >>times.tls
		strangers_go
	done
	sort times.tcp times.tls | tr '\n' ' '
	echo
	compare tcp
	compare tls
}

LOGS=1 begin strangers-speed speed
cases_end
