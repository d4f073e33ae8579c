#!/bin/bash
# memory.sh: the sender's whole run succeeds with 16 MiB of data (prlimit --data), any number of threads, any codec.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 4 GiB vmcore, level 1, at least 1 GiB of pages kept. One dump goes to a receiver (raw at rest, which the judge reads
# faster) and is judged by makedumpfile while the other runs write their stream to a pipe that forgets it; of these the
# mapped windows of the vmcore are watched.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"

CAP=16777216
KEPT_AT_LEAST=$((1 << 30))
WINDOWS_AT_MOST=$((8 << 20))
VMCORE=$(tests/vm/vmcore.sh 6.1 4096)
JUDGED_BY=$PWD/tests/judge/judge.sh
DUMP=$TMP/dump
mkdir "$DUMP"

if grep -q __asan_init "$SEND"; then # which reserves terabytes
	begin memory skip "this sender is built with a sanitizer, which needs more"
	cases_end
fi

capped() {
	exec prlimit --data="$CAP" "$SEND" "$@"
}

# The report says how many pages were kept.
kept_enough() { # REPORT
	local pages
	cat "$1"
	pages=$(sed -n 's/^ *Remaining pages *: \(0x[0-9a-f]*\)$/\1/p' "$1")
	[ $((pages * 4096)) -ge "$KEPT_AT_LEAST" ] || fail "only $((pages * 4096)) bytes were kept"
}

to_receiver() {
	receiver_start "$DUMP"
	(capped -d 1 --raw --num-threads 64 --message-level 20 --to "$URL" "$VMCORE" 2>report) || { cat report; fail "status $?"; }
	kept_enough report
	receiver_end 0 ': whole: '
}

judged() {
	"$JUDGED_BY" "$VMCORE" 6.1 1 "$(dump_in "$DUMP")/vmcore"
}

# Lets a stopped process run, looks every 2 ms at how much of the vmcore it has mapped, and at its data; prints both peaks.
watch_mappings() { # PID
	python3 - "$1" "$VMCORE" <<-'PYTHON'
		import os, signal, sys, time
		pid, vmcore = int(sys.argv[1]), sys.argv[2]
		mapped = data = 0
		while open(f"/proc/{pid}/stat").read().split()[2] != "T":
		    time.sleep(0.002)
		os.kill(pid, signal.SIGCONT)
		try:
		    while True:
		        now = 0
		        for line in open(f"/proc/{pid}/smaps"):
		            if line.endswith(vmcore + "\n"):
		                first, end = line.split()[0].split("-")
		                now += int(end, 16) - int(first, 16)
		        mapped = max(mapped, now)
		        for line in open(f"/proc/{pid}/status"):
		            if line.startswith("VmData:"):
		                data = max(data, int(line.split()[1]) * 1024)
		        time.sleep(0.002)
		except (FileNotFoundError, ProcessLookupError):
		    pass
		print(mapped, data)
	PYTHON
}

to_pipe() { # LEVEL THREADS WIRE OPTION...
	local sender status=0 mapped data
	(
		kill -STOP "$BASHPID"
		capped -d "$1" --num-threads "$2" --wire "$3" "${@:4}" --message-level 20 --to file:- "$VMCORE" 2>report >/dev/null
	) &
	sender=$!
	watch_mappings "$sender" >peaks
	wait "$sender" || status=$?
	read -r mapped data <peaks
	echo "at most $mapped bytes of the vmcore mapped, $data bytes of data"
	[ "$status" = 0 ] || { cat report; fail "status $status"; }
	[ "$1" != 1 ] || kept_enough report
	[ "$mapped" -gt 0 ] || fail "no mapping was seen"
	[ "$mapped" -le "$WINDOWS_AT_MOST" ] || fail "more than $WINDOWS_AT_MOST bytes are mapped at once"
}

# That the cap bites: less than the batches of two threads need.
too_little() {
	says 1 'no memory for ' prlimit --data=1048576 "$SEND" -d 1 --num-threads 2 --dry-run "$VMCORE"
}

begin memory-to-receiver to_receiver
aside memory-judged judged
for threads in 1 2 64; do
	for wire in none lz4 zstd pages; do
		begin "memory-$threads-threads-$wire" to_pipe 1 "$threads" "$wire"
	done
done
begin memory-64-threads-pages-zlib to_pipe 1 64 pages -c
begin memory-64-threads-pages-lzo to_pipe 1 64 pages -l --cyclic-buffer 4096
begin memory-level-31 to_pipe 31 64 lz4 # windows of struct pages and of pages
begin memory-too-little too_little
collect memory-judged
cases_end
