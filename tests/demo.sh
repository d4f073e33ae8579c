#!/bin/bash
# demo.sh [VMCORE]: crashes a real Debian kernel in QEMU, carries its memory to a dump server here and shows the dump.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With VMCORE no kernel is crashed: that file is sent from here. TARGET=ssh+tls (the default) takes a real sshd and keys made for
# the run; TARGET=tcp is the way without encryption. Dumps go to build/demo, which keeps the last three;
# build/demo/logs has the logs of the last run. Exit status: 0 all is right; 1 not, and the last lines say what.
#
# shellcheck disable=SC1091,SC2034,SC2154 # names shared with the sourced files
set -u -o pipefail
tests=$(cd "$(dirname "$0")" && pwd)
top=${tests%/*}
. "$tests/demo/steps.sh"
. "$tests/demo/narrate.sh"
. "$tests/demo/verdict.sh"
. "$tests/demo/ways.sh"
. "$tests/net/lib-sshd.sh"

KERNEL=6.1
GUEST_MB=1024
KEPT_DUMPS=3
store=$top/build/demo
logs=$store/logs
target=${TARGET:-ssh+tls}

choose() {
	vmcore=
	case $target in ssh+tls | tcp) ;; *) fail "TARGET=$target: ssh+tls or tcp" ;; esac
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
		say "the plan: crash a Debian $KERNEL kernel in QEMU, carry its memory here over $target, let others read the dump"
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

# Makes room for a new dump. The receiver's directories are named by who sent and the time.
forget_old_dumps() {
	local old
	mapfile -t old < <(find "$store" -mindepth 1 -maxdepth 1 -type d \( -name '127.0.0.1-*' -o -name "$SENDER_IS-[12]*" \) -printf '%T@ %p\n' |
		sort -rn | tail -n +"$KEPT_DUMPS" | cut -d' ' -f2-)
	[ ${#old[@]} = 0 ] || rm -rf -- "${old[@]}"
}

crash() {
	local serial=$logs/serial.log
	: >"$serial"
	in_guest=1 MORE=
	"way_$target" 10.0.2.2
	MORE=$MORE TIMEOUT=240 start crash "$tests/vm/crash.sh" "$KERNEL" "$GUEST_MB" "$serial" "$top/build/kferry-send" -- \
		kferry-send --message-level 31 "${way[@]}" /proc/vmcore
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
	in_guest=
	"way_$target" 127.0.0.1
	start sender "$top/build/kferry-send" --message-level 31 "${way[@]}" "$vmcore"
	waiting_for="kferry-send is at work"
	watch sender narrate_sender "$logs/sender.log" narrate_receiver "$logs/receiver.log"
	[ "${ended[sender]}" = 0 ] || fail "kferry-send failed (status ${ended[sender]}): $(last_words_of_sender)"
}

find_dump() {
	waiting_for="kferry-recv is not done"
	"farewell_$target"
	await receiver || fail "kferry-recv failed (status ${ended[receiver]}): $(tail -n 1 "$logs/receiver.log")"
	dump=$store/$(tr '\r' '\n' <"$logs/sender.log" | sed -n 's/^Stored as \([^ ]*\) on .*/\1/p')/vmcore
	[ -f "$dump" ] || fail "kferry-send said that all is stored, but there is no $dump"
}

choose "$@"
prepare
forget_old_dumps
"receive_$target"
if [ -n "$vmcore" ]; then send_file; else crash; fi
find_dump
waiting_for="downloading a makedumpfile that reads zstd"
await reader || fail "no makedumpfile that reads zstd: $(tail -n 1 "$logs/reader.log")"
reader=$(tail -n 1 "$logs/reader.log")
judge=$(tail -n 1 "$logs/judge.log")
show_dump
show_way
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
