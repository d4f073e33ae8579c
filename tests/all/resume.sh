#!/bin/bash
# resume.sh [CASE...]: 50 kills of the receiver, 100 cuts of the connection, a silent network, a gigantic page cut in two.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# As tests/e2e/resume.sh, longer: each dump ends equal to that of an uninterrupted transfer, and the relay's record shows that no
# window below the pfn of a DURABLE came again. All moments and places are random, and the same in each run.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../e2e" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"
. "$here/lib-resume.sh"
TOP=$PWD

# prepare VMCORE LEVEL: ./stream's size is $SIZE, the uninterrupted dump $REFERENCE.
prepare() {
	mkdir dumps record
	"$SEND" -d "$2" --message-level 4 --to file:stream "$1"
	SIZE=$(stat -c %s stream)
	REFERENCE=$(reference stream)
}

# Waits until the sender is there again.
connection_begun() { # NUMBER OF CONNECTIONS BEFORE
	local i
	for ((i = 0; i < 500; i++)); do
		if [ "$(grep -c '^begin ' relay.said)" -gt "$1" ]; then return 0; fi
		sleep 0.01
	done
	fail "the sender does not come back"
}

# The receiver is killed 50 times: 40 times amid the transfer, 10 times as it recovers or has just begun to listen.
killed_50_times() {
	local i had=0 vmcore often=(--durable-bytes 2000000 --durable-seconds 1)
	vmcore=$("$TOP/tests/vm/vmcore.sh" 6.1)
	prepare "$vmcore" 1
	rm stream
	server_start "${often[@]}"
	relay_start "$URL" --record record --buffer 262144 '* up 0 rate 10M'
	begin_sending "$RELAY_URL" -- --wire lz4 -d 1 "$vmcore"
	for ((i = 1; i <= 50; i++)); do
		[ $((i % 5)) = 0 ] || connection_begun "$had"
		sleep_ms "$(moment 10 1100 "$i")"
		kill -0 "$SENDER" || fail "the sender has ended after $i kills"
		had=$(grep -c '^begin ' relay.said)
		server_kill
		server_start "${often[@]}"
	done
	sent_whole >sender.said
	relay_end >/dev/null
	recorded
	echo "$(record_has bytes) bytes of $SIZE"
	[ "$(record_has resumed)" -ge 35 ] || fail "it was resumed $(record_has resumed) times only"
	whole_as "$REFERENCE"
	server_end
}

# The connection is cut 100 times, at most 1.3 times the bytes go over it.
cut_100_times() {
	local vmcore total ratio
	vmcore=$("$TOP/tests/vm/vmcore.sh" 6.1 4096)
	prepare "$vmcore" 1
	rm stream
	server_start
	relay_start "$URL" --record record '1-50 up 2M~16M rst' '51-100 up 2M~16M fin'
	begin_sending "$RELAY_URL" -- --wire lz4 -d 1 "$vmcore"
	sent_whole >sender.said
	relay_end >/dev/null
	recorded
	total=$(record_has bytes) ratio=$((total * 1000 / SIZE))
	echo "100 cuts: $total bytes, $ratio/1000 of the $SIZE of an uninterrupted transfer"
	[ "$(grep -c '^did ' relay.said)" = 100 ] || fail "$(grep -c '^did ' relay.said) cuts"
	[ "$ratio" -le 1300 ] || fail "more than 1.3 times the bytes"
	rm -r record
	whole_as "$REFERENCE"
	server_end
}

# Nobody hears anything any more. The sender finds out after a minute; the receiver still has the old connection then.
silent_network() {
	local vmcore
	vmcore=$("$TOP/tests/vm/vmcore.sh" 6.1)
	prepare "$vmcore" 31
	server_start
	relay_start "$URL" --record record --buffer 262144 '1 up 30M silent'
	begin_sending "$RELAY_URL" -- --wire lz4 -d 31 "$vmcore"
	sent_whole
	relay_end >/dev/null
	recorded
	[ "$(record_has resumed)" = 1 ] || fail "it was not resumed once"
	whole_as "$REFERENCE"
	server_end
}

# Where the first WINDOW ends whose edge lies inside an excluded page of 1 GiB, and a bit more.
inside_gigantic() { # STREAM
	python3 - "$1" <<-'PYTHON'
		import os, struct, sys
		f, at = open(sys.argv[1], "rb"), 32
		while at < os.path.getsize(sys.argv[1]):
		    f.seek(at)
		    header = f.read(24 + 56)
		    at += 24 + struct.unpack_from("<I", header, 4)[0]
		    if header[2] == 9:
		        end, = struct.unpack_from("<Q", header, 24 + 16)
		        reaches, = struct.unpack_from("<Q", header, 24 + 40)
		        if reaches % (1 << 18) == 0 and 0 < reaches - end < 1 << 18:
		            print(at + 12)
		            sys.exit()
		sys.exit("no window ends inside a page of 1 GiB")
	PYTHON
}

gigantic_page() {
	local vmcore place
	vmcore=$("$TOP/tests/vm/vmcore.sh" gigantic)
	prepare "$vmcore" 31
	place=$(inside_gigantic stream)
	server_start
	relay_start "$URL" --record record "1 up $place rst"
	begin_sending "$RELAY_URL" -- --wire lz4 -d 31 "$vmcore"
	sent_whole
	relay_end >/dev/null
	recorded
	cat record.said
	[ "$(record_has inside-1-GiB)" = 1 ] || fail "RESUME does not lie inside the page of 1 GiB"
	whole_as "$REFERENCE"
	server_end
}

begin killed-50-times killed_50_times
begin cut-100-times cut_100_times
begin silent-network silent_network
begin gigantic-page gigantic_page
cases_end
