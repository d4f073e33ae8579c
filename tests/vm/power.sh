#!/bin/bash
# power.sh [ROUNDS [SEED]]: the power of a dump server goes while it receives; what it had acknowledged must be on its disk.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The server is a guest: a Debian kernel, ext4 on a virtual disk, kferry-recv. A real dump is sent to it, and QEMU is killed
# (SIGKILL) at a random byte of the stream, in every sixth round within a second behind its end. A killed QEMU alone loses too
# little, for the host's page cache keeps what the guest wrote and never flushed. So all writes and flushes of the guest go
# through QEMU's blklogwrites, and disks are made of the log as a disk with a volatile cache might leave them: everything
# before the last flush, and of the sectors written after it none or any half (power-disk.py). Of each such disk
# e2fsck must be able to replay ext4's journal; then power-judge.py looks for all that a DURABLE named which had left the guest
# before it died, in the table and the journal, and once more, in the table alone, behind the recovery by a receiver that starts.
# The log also tells what was on the disk earlier: EARLIER disks (2) are as if the power had gone then, or
# right behind a DURABLE. In half of the rounds the guest's kernel writes early, in the others only when it must.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
rounds=${1:-3} seed=${2:-1}
earlier=${EARLIER:-2}
export PATH=$PATH:/sbin:/usr/sbin
RANDOM=$seed

tmp=$(mktemp -d)
pids=()
cleanup() {
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT

kernel=$("$here/kernel.sh" 6.1)
vmcore=$("$here/vmcore.sh" 6.1 1024)
often=() # many acknowledgements
if build/kferry-recv --help | grep -q -e --durable-bytes; then often=(--durable-bytes 1048576); fi
"$here/power-initrd.sh" "$kernel" "$tmp/initrd" "${RECEIVER:-build/kferry-recv}" "${often[@]}"
build/kferry-send -c --wire pages --message-level 4 --to "file:$tmp/stream" "$vmcore"
mkdir "$tmp/whole"
build/kferry-recv --dir "$tmp/whole" --replay "$tmp/stream" --message-level 4
reference=$(echo "$tmp"/whole/*/vmcore)
bytes=$(stat -c %s "$tmp/stream")
truncate -s 256M "$tmp/empty"
mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$tmp/empty"

free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# boot PORT WORD: a server with an empty disk; its process is $guest. It listens behind PORT of this machine.
boot() {
	cp --sparse=always "$tmp/empty" "$tmp/disk"
	rm -f "$tmp/log" "$tmp/serial"
	: >"$tmp/log"
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 512 -smp 2 -display none -no-reboot -serial "file:$tmp/serial" \
		-kernel "$kernel/vmlinuz" -initrd "$tmp/initrd" -append "console=ttyS0 panic=-1 quiet $2" \
		-blockdev "driver=file,node-name=disk,filename=$tmp/disk" -blockdev "driver=file,node-name=log,filename=$tmp/log" \
		-blockdev driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size=512 \
		-device virtio-blk-pci,drive=logged,serial=dumps \
		-netdev "user,id=net,hostfwd=tcp:127.0.0.1:$1-:7612" -device virtio-net-pci,netdev=net,romfile= \
		</dev/null >"$tmp/qemu.log" 2>&1 &
	guest=$!
	pids=("$guest")
	for _ in $(seq 600); do
		if grep -aq '^listening on' "$tmp/serial" 2>/dev/null; then return; fi
		sleep 0.1
	done
	cat "$tmp/qemu.log" "$tmp/serial" >&2
	return 1
}

# lost SEED BYTES: the disk as a directory, when the power went at BYTES of its log and SEED chose what else is left.
lost() {
	cp --sparse=always "$tmp/empty" "$tmp/after"
	python3 "$here/power-disk.py" "$tmp/log" "$tmp/after" "$1" "$2"
	local status=0
	e2fsck -fy "$tmp/after" >"$tmp/fsck.log" 2>&1 || status=$?
	[ "$status" -lt 2 ] || { cat "$tmp/fsck.log"; return 1; }
	rm -rf "$tmp/found"
	mkdir "$tmp/found"
	debugfs -R "rdump / $tmp/found" "$tmp/after" >/dev/null 2>&1
}

# A receiver that starts on that disk makes a dump of it that opens and has the same.
recover() {
	local pid
	build/kferry-recv --dir "$tmp/found" --listen tcp://127.0.0.1:0 >"$tmp/recover.log" 2>&1 &
	pid=$!
	for _ in $(seq 300); do
		if grep -q '^listening on' "$tmp/recover.log"; then break; fi
		sleep 0.1
	done
	kill "$pid"
	wait "$pid" || true
	sed -n 's/.*\(an earlier receiver\)/\1/p' "$tmp/recover.log"
}

judge() { # BYTES: before anybody looked at the disk
	JOURNAL=1 python3 "$here/power-judge.py" "$tmp/found" "$reference" "$tmp/stream" "$tmp/acks" "$1"
}

judge_recovered() { # BYTES
	recover && python3 "$here/power-judge.py" "$tmp/found" "$reference" "$tmp/stream" "$tmp/acks" "$1"
}

random() { awk -v a="$RANDOM" -v b="$RANDOM" -v n="$1" 'BEGIN { printf "%d", (a + b / 32768) / 32768 * n }'; }

# receive AT WORD: a server takes the stream and is killed AT it. Leaves acks and log.
receive() {
	local port proxy sender
	port=$(free_port)
	boot "$port" "$2"
	rm -f "$tmp/port" "$tmp/acks"
	python3 "$here/power-proxy.py" "$port" "$tmp/port" "$guest" "$1" "$tmp/acks" "$tmp/log" &
	proxy=$!
	until [ -e "$tmp/port" ]; do sleep 0.05; done
	build/kferry-send --message-level 0 --replay --to "tcp://127.0.0.1:$(cat "$tmp/port")" "$tmp/stream" >/dev/null 2>&1 &
	sender=$!
	pids=("$guest" "$proxy" "$sender")
	{ wait "$proxy" && ! wait "$guest" && ! wait "$sender"; } 2>/dev/null
	pids=()
}

round() { # NUMBER
	local at size cut state acks write=eager
	[ $(($1 % 2)) = 0 ] || write=lazy
	at=$(random "$bytes")
	if [ $(($1 % 6)) = 0 ]; then at=+0.$(random 1000); fi
	receive "$at" "$write" || return 1
	size=$(stat -c %s "$tmp/log")
	echo "killed at $at of $bytes bytes, $write writes; DURABLE came $(grep -c durable "$tmp/acks" || true) times, last: $(grep durable "$tmp/acks" | tail -n 1)"
	lost 0 "$size" && judge_recovered "$size" || return 1
	lost $((100 + $1)) "$size" && judge "$size" && judge_recovered "$size" || return 1
	mapfile -t acks < <(sed -n 's/^durable .* //p' "$tmp/acks")
	for ((state = 0; state < earlier; state++)); do
		cut=$(random "$size")
		# The moment of an acknowledgement is the most dangerous one.
		if [ $((state % 2)) = 0 ] && [ ${#acks[@]} -gt 0 ]; then cut=${acks[$(random ${#acks[@]})]}; fi
		echo "had it gone at $cut of the log's $size bytes:"
		lost $((1000 + state)) "$cut" && judge_recovered "$cut" || return 1
	done
}

status=0
for ((n = 1; n <= rounds; n++)); do
	if round "$n" >"$tmp/said" 2>&1; then
		echo "ok power $n: $(head -n 1 "$tmp/said")"
		sed -n '2,$s/^/    /p' "$tmp/said"
	else
		echo "not ok power $n"
		sed 's/^/    /' "$tmp/said"
		status=1
	fi
done
exit "$status"
