#!/bin/bash
# crash.sh: a real kernel panics, its capture kernel sends its memory over TCP, and every page of the dump is judged.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the capture kernel kferry-send runs under a data limit of 16 MiB; afterwards /proc/vmcore is copied to a disk, so
# that the judge compares the dump with the very same memory. Prints "ok NAME" or "not ok NAME"; exit status 0 all
# right, 1 not, 77 no QEMU here. After a failure the logs are in build/tests/crash.
#
# shellcheck disable=SC2317 # what check and trap call
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
tests=${here%/*} top=${here%/*/*}
. "$tests/vm/cache.sh"

kernel=6.1 mem=1024 limit_kib=16384
send=$top/build/kferry-send recv=$top/build/kferry-recv
command -v qemu-system-x86_64 >/dev/null || { echo "skip crash: no qemu-system-x86_64"; exit 77; }
for program in "$send" "$recv"; do
	[ -x "$program" ] || { echo "not ok crash: $program is not built"; exit 1; }
done

# In the cache, because it may be 2 GiB for a while. What is there was left by a killed run: we hold the lock.
locked e2e-crash
rm -rf "$CACHE"/.e2e-crash.*
tmp=$(mktemp -d "$CACHE/.e2e-crash.XXXXXX")
export TMPDIR=$tmp
logs=$tmp/logs
store=$tmp/store
mkdir "$logs" "$store"
failed=0 finished=0 receiver='' guest=''

leave() {
	[ -z "$guest" ] || { kill "$guest" 2>/dev/null && wait "$guest"; }
	[ -z "$receiver" ] || { kill "$receiver" 2>/dev/null && wait "$receiver"; }
	[ "$finished" = 1 ] || { failed=1; echo "not ok crash: the test did not come to its end"; }
	if [ "$failed" = 1 ]; then
		rm -rf "$top/build/tests/crash"
		mkdir -p "$top/build/tests"
		cp -r "$logs" "$top/build/tests/crash"
		echo "logs: $top/build/tests/crash"
	fi
	rm -rf "$tmp"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Whether a command succeeds decides over the name; its words are kept and shown if it does not.
check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$logs/$name.check" 2>&1; then
		echo "ok $name"
	else
		failed=1
		echo "not ok $name"
		tail -n 12 "$logs/$name.check" | sed 's/^/    /'
	fi
}

: >"$logs/receiver"
"$recv" --dir "$store" --listen tcp://127.0.0.1:0 --once >"$logs/receiver" 2>&1 &
receiver=$!
port=
for ((i = 0; i < 100 && ${#port} == 0; i++)); do
	port=$(sed -n 's/^listening on tcp:.*:\([0-9]*\)$/\1/p' "$logs/receiver")
	[ -n "$port" ] || sleep 0.1
done
[ -n "$port" ] || { cat "$logs/receiver"; exit 1; }

# What the capture kernel's shell does. That the limit holds is tried with a buffer that is larger than it.
cat >"$tmp/in-capture-kernel" <<END
(
	ulimit -d $limit_kib
	echo "LIMIT \$(sed -n 's/^Max data size *\([0-9]*\) .*/\1/p' /proc/self/limits)"
	dd if=/dev/zero of=/dev/null bs=32M count=1 2>/dev/null || echo "LIMIT HOLDS"
	exec kferry-send --message-level 31 --to tcp://10.0.2.2:$port /proc/vmcore
)
status=\$?
echo "SENDER-STATUS \$status"
for disk in /sys/block/vd*; do
	[ "\$(cat \$disk/serial)" != memory ] || dd if=/proc/vmcore of=/dev/\${disk##*/} bs=1M || status=99
done
exit \$status
END
vmcore=$tmp/$kernel-crash.vmcore
truncate -s "${mem}M" "$vmcore"
serial=$logs/serial
QEMUARGS="-drive if=none,id=memory,file=$vmcore,format=raw,cache=unsafe -device virtio-blk-pci,drive=memory,serial=memory" \
	TIMEOUT=300 "$tests/vm/crash.sh" "$kernel" "$mem" "$serial.raw" "$send" -- \
	sh -c "$(cat "$tmp/in-capture-kernel")" >"$logs/crash" 2>&1 &
guest=$!
status=0
wait "$guest" || status=$?
guest=
tr -d '\r' <"$serial.raw" >"$serial" && rm -f "$serial.raw"
what_was_said() {
	grep -E '^(LIMIT|SENDER-STATUS|CAPTURE|kferry-send: )' "$serial" || tail -n 5 "$serial"
	false
}
said() { grep -q -- "$1" "$serial" || what_was_said; }
ended_well() { [ "$status" = 0 ] || { cat "$logs/crash"; what_was_said; }; }

check capture-kernel-ran ended_well
check sender-exits-0 said '^SENDER-STATUS 0$'
check memory-limit-is-set said "^LIMIT $((limit_kib * 1024))$"
check memory-limit-holds said '^LIMIT HOLDS$'
check sender-reports said '^Total pages '

# The sender has its answer: the receiver has nothing left to wait for.
receiver_ended() {
	local i
	for ((i = 0; i < 50; i++)); do
		kill -0 "$receiver" 2>/dev/null || break
		sleep 0.1
	done
	if kill "$receiver" 2>/dev/null; then
		echo "it still ran"
		wait "$receiver"
		return 1
	fi
	wait "$receiver" || { echo "status $?"; cat "$logs/receiver"; return 1; }
}
check receiver-exits-0 receiver_ended
receiver=

dump=$(find "$store" -name vmcore)
dir=${dump%/*}
one_dump() { find "$store" -type f; [ -f "$dump" ]; }
manifest_has() { grep -x -- " *$1,\{0,1\}" "$dir/manifest.json" || { cat "$dir/manifest.json"; false; }; }
log_has() { grep -F -- "$1" "$dir/vmcore-dmesg.txt" || { tail -n 3 "$dir/vmcore-dmesg.txt"; false; }; }

check dump-is-there one_dump
[ -n "$dump" ] || { finished=1; exit 1; }
cp "$dir/manifest.json" "$dir/vmcore-dmesg.txt" "$logs/"
check manifest-complete manifest_has '"state": "complete"'
check nothing-rescued manifest_has '"rescued": 0'
check nothing-unreadable manifest_has '"unreadable": 0'
check log-has-sysrq log_has 'sysrq: Trigger a crash'
check log-has-panic log_has 'Kernel panic - not syncing: sysrq triggered crash'

size=$(sed -n 's/^CAPTURE .* size \([0-9]*\).*/\1/p' "$serial")
truncate -s "${size:-0}" "$vmcore"
judge() { PEERS=$tmp/peers "$tests/judge/judge.sh" "$vmcore" "$kernel" 31 "$dump"; }
same_log() {
	"$("$tests/judge/makedumpfile.sh" reader)" -f --dump-dmesg "$vmcore" "$tmp/log" && cmp "$tmp/log" "$dir/vmcore-dmesg.txt"
}
check every-page-is-the-crashed-kernels judge
check log-is-makedumpfiles same_log
finished=1
exit "$failed"
