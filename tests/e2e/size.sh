#!/bin/bash
# size.sh: a finished dump is at most 1 % larger than makedumpfile's in the same codec, in bytes and in blocks.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-relay.sh"
. "$here/lib-resume.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1 512)
MAKEDUMPFILE=$(tests/judge/makedumpfile.sh 6.1)

ratio_of() { # WHAT OURS THEIRS MORE
	echo "$1: $2, makedumpfile's $3: $(awk -v a="$2" -v b="$3" 'BEGIN { printf "%.4f", a / b }')"
	awk -v a="$2" -v b="$3" -v more="$4" 'BEGIN { exit a > 1.01 * b + more }' || fail "$1 is more than 1 % above makedumpfile's"
}

no_larger() { # LEVEL [INTERRUPTIONS]
	local dump
	dump=$(dump_in dumps)/vmcore
	"$MAKEDUMPFILE" -l -d "$1" "$VMCORE" peer >/dev/null 2>&1
	sync -f peer "$dump"
	ratio_of bytes "$(stat -c %s "$dump")" "$(stat -c %s peer)" $((${2:-0} * (3 << 20)))
	ratio_of blocks "$(stat -c %b "$dump")" "$(stat -c %b peer)" $((${2:-0} * (3 << 11)))
	"$RECV" --verify "$(dirname "$dump")"
}

# Brought to disk for each MiB, so that there are as many checkpoints as there may be.
at_once() { # LEVEL
	mkdir dumps
	receiver_start dumps --durable-bytes 1048576
	"$SEND" -l -d "$1" --message-level 4 --to "$URL" "$VMCORE"
	receiver_end 0 ': whole: '
	no_larger "$1"
}

# A receiver that was killed leaves its tables far behind the pages. The pages of the window that was open come again: it ends
# behind 1 MiB of them, where a stretch of 4 MiB does; 5 MiB at most, which lzo makes 3 of.
interrupted() {
	local i
	mkdir dumps
	server_start --durable-bytes 1048576
	relay_start "$URL" --buffer 262144 '* up 0 rate 40M'
	begin_sending "$RELAY_URL" -- -l -d 1 "$VMCORE"
	for i in 1 2; do
		sleep_ms "$(moment 700 1200 "$i")"
		server_kill
		stat -c '%s bytes, %b blocks' dumps/*/vmcore-incomplete
		server_start --durable-bytes 1048576
	done
	sent_whole
	relay_end >/dev/null
	no_larger 1 2
	server_end
}

begin size-31 at_once 31
begin size-1 at_once 1
begin size-interrupted interrupted
cases_end
