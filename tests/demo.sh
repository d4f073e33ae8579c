#!/bin/bash
# demo.sh [VMCORE]: crashes a real Debian kernel in QEMU, carries its memory to a dump server here and shows the dump.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With VMCORE no kernel is crashed: that file is sent from here. Dumps go to build/demo, which keeps the last three;
# build/demo/logs has the logs of the last run. Exit status: 0 all is right; 1 not, and the last lines say what.
#
# shellcheck disable=SC1091,SC2034,SC2154 # names shared with the sourced files
set -u -o pipefail
tests=$(cd "$(dirname "$0")" && pwd)
top=${tests%/*}
. "$tests/demo/steps.sh"
. "$tests/demo/narrate.sh"
. "$tests/demo/verdict.sh"

KERNEL=6.1
GUEST_MB=1024
KEPT_DUMPS=3
store=$top/build/demo
logs=$store/logs

choose() {
	vmcore=
	if [ $# -gt 0 ]; then
		vmcore=$(readlink -f "$*") # a path with blanks comes in pieces
		if [ ! -f "$vmcore" ] || [ ! -r "$vmcore" ]; then fail "$*: no such file, or it cannot be read"; fi
	fi
	mkdir -p "$logs"
	exec {lock}>"$store/.lock"
	flock -n "$lock" || fail "another demo is running in $store"
	rm -f "$logs"/*
}

prepare() {
	if [ -n "$vmcore" ]; then
		say "VMCORE is given: no kernel is crashed; kferry-send reads $vmcore"
		start packages "$tests/deps.sh" demo-file
	else
		say "the plan: crash a Debian $KERNEL kernel in QEMU, carry its memory here over TCP, let others read the dump"
		start packages "$tests/deps.sh" demo
	fi
	waiting_for="packages are being installed"
	await packages aloud || fail "packages lack, see above"
	start make make -C "$top" -s -j "$(nproc)" build/kferry-send build/kferry-recv
	waiting_for="the compiler is at work"
	say "building kferry-send and kferry-recv"
	await make || fail "make failed"
	start judge "$tests/judge/build.sh"
	start reader "$tests/judge/makedumpfile.sh" reader
	[ -n "$vmcore" ] || start kernel "$tests/vm/kernel.sh" "$KERNEL"
	waiting_for="downloading what is kept for the next time: a Debian kernel, a makedumpfile that reads zstd"
	await judge || fail "the program that asks libkdumpfile did not build"
	[ -n "$vmcore" ] || await kernel || fail "no kernel to crash"
}

# Makes room for a new dump. The receiver's directories are named by the peer and the time.
forget_old_dumps() {
	local old
	mapfile -t old < <(find "$store" -mindepth 1 -maxdepth 1 -type d -name '127.0.0.1-*' -printf '%T@ %p\n' | sort -rn |
		tail -n +"$KEPT_DUMPS" | cut -d' ' -f2-)
	[ ${#old[@]} = 0 ] || rm -rf -- "${old[@]}"
}

receive() {
	forget_old_dumps
	start receiver "$top/build/kferry-recv" --dir "$store" --listen tcp://127.0.0.1:0 --once
	port=
	for ((i = 0; i < 100; i++)); do
		port=$(sed -n 's/^listening on tcp:.*:\([0-9]*\)$/\1/p' "$logs/receiver.log")
		[ -z "$port" ] || break
		sleep 0.1
	done
	[ -n "$port" ] || fail "kferry-recv does not listen: $(tail -n 1 "$logs/receiver.log")"
	say "kferry-recv listens on tcp://127.0.0.1:$port"
}

crash() {
	local serial=$logs/serial.log
	: >"$serial"
	TIMEOUT=240 start crash "$tests/vm/crash.sh" "$KERNEL" "$GUEST_MB" "$serial" "$top/build/kferry-send" -- \
		kferry-send --message-level 31 --to "tcp://10.0.2.2:$port" /proc/vmcore
	waiting_for="QEMU starts"
	watch crash narrate_serial "$serial" narrate_receiver "$logs/receiver.log"
	tr -d '\r' <"$serial" >"$logs/sender.log"
	case ${ended[crash]} in
	0) ;;
	125) fail "the guest did not come to its end: $(grep crash.sh: "$logs/crash.log" | tail -n 1)" ;;
	*) fail "kferry-send failed in the capture kernel (status ${ended[crash]}): $(last_words_of_sender)" ;;
	esac
}

send_file() {
	start sender "$top/build/kferry-send" --message-level 31 --to "tcp://127.0.0.1:$port" "$vmcore"
	waiting_for="kferry-send is at work"
	watch sender narrate_sender "$logs/sender.log" narrate_receiver "$logs/receiver.log"
	[ "${ended[sender]}" = 0 ] || fail "kferry-send failed (status ${ended[sender]}): $(last_words_of_sender)"
}

find_dump() {
	waiting_for="kferry-recv is not done"
	await receiver || fail "kferry-recv failed (status ${ended[receiver]}): $(tail -n 1 "$logs/receiver.log")"
	dump=$(sed -n 's/.*: whole: \(.*\)/\1/p' "$logs/receiver.log")
	[ -f "$dump" ] || fail "kferry-recv ended well but left no dump"
}

choose "$@"
prepare
receive
if [ -n "$vmcore" ]; then send_file; else crash; fi
find_dump
waiting_for="downloading a makedumpfile that reads zstd"
await reader || fail "no makedumpfile that reads zstd: $(tail -n 1 "$logs/reader.log")"
reader=$(tail -n 1 "$logs/reader.log")
judge=$(tail -n 1 "$logs/judge.log")
show_dump
show_pages
show_log
show_manifest
show_libkdumpfile
show_makedumpfile
echo
echo "$store keeps the last $KEPT_DUMPS dumps; logs of this run: $logs"
if [ ${#wrong[@]} -gt 0 ]; then
	fail "$(printf '%s; ' "${wrong[@]}")$SECONDS seconds"
fi
echo "All is right. $SECONDS seconds."
