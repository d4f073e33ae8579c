#!/bin/bash
# tsan.sh [short]: the threaded tests under ThreadSanitizer, and a real dump from one program to the other.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds into build/san, as each SAN does. `short` leaves out the long tests and the real vmcore.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 second_deadlock_stack=1"
units=(slots pipeline recv_pool recv_server)
[ "${1:-}" = short ] || units+=(whole_dump)
make -s -j2 WERROR=1 SAN=thread all "${units[@]/#/build/san/tests/}" >/dev/null
tmp=$(mktemp -d)
receiver=
# shellcheck disable=SC2317 # called by trap
clean() {
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true
	rm -rf "$tmp"
}
trap clean EXIT
failed=0

judge() { # NAME STATUS LOG
	if [ "$2" = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$3"; then
		echo "ok $1 under ThreadSanitizer"
	else
		failed=1
		echo "not ok $1: status $2"
		cat "$3"
	fi
}

for unit in "${units[@]}"; do
	status=0
	"build/san/tests/$unit" >"$tmp/log" 2>&1 || status=$?
	judge "$unit" "$status" "$tmp/log"
done
[ "${1:-}" != short ] || exit "$failed"

vmcore=$(tests/vm/vmcore.sh 6.1)
mkdir "$tmp/dumps"
build/san/kferry-recv --dir "$tmp/dumps" --listen tcp://127.0.0.1:0 >"$tmp/recv" 2>&1 &
receiver=$!
for _ in $(seq 100); do
	port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$tmp/recv" | head -n 1)
	[ -z "$port" ] || break
	sleep 0.1
done
for codec in -l -c; do
	status=0
	build/san/kferry-send "$codec" -d 31 --to "tcp://127.0.0.1:$port" "$vmcore" >"$tmp/send" 2>&1 || status=$?
	judge "kferry-send $codec" "$status" "$tmp/send"
done
status=0
kill -TERM "$receiver"
wait "$receiver" || status=$?
receiver=
judge kferry-recv "$status" "$tmp/recv"
exit "$failed"
