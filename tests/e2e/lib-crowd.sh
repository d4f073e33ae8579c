# Many senders at once and a receiver with a slow disk; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs lib-cases.sh, lib-receiver.sh, lib-dumps.sh.
#   crowd STREAM N RATE SYNC_MS   a case: N senders replay STREAM at once to one receiver, whose disk takes RATE bytes a second and
#                                 SYNC_MS for each sync. All dumps are whole, and have the digests of a lone
#                                 one; the receiver's memory stays below $CROWD_RSS_KIB; the slowest takes at most 3 times the median.

# 64 sessions at once at most: for each 2 MiB; 32 MiB for the receiver itself.
CROWD_RSS_KIB=$(((64 * 2 + 32) * 1024))

# Who waits for a place is told nothing, and takes the receiver for dead after a minute.
CROWD_OPTIONS=()
if "$RECV" --help | grep -q -- --max-sessions; then CROWD_OPTIONS=(--max-sessions 64 --max-sessions-per-peer 64); fi

one_of_many() { # STREAM NUMBER
	local begun=$EPOCHREALTIME status=0
	"$SEND" --replay --message-level 4 --to "$URL" "$1" 2>"sender.$2" || status=$?
	echo "$2 $status $begun $EPOCHREALTIME" >>"$CASE/times"
}

digests() { grep -E '"(pages|verdicts)": "[0-9a-f]{32}"' "$1/manifest.json"; }

crowd() {
	local i rss dump
	mkdir dumps lone
	: >"$CASE/times"
	"$RECV" --dir lone --replay "$1" >said 2>&1 || { cat said; fail "a lone replay"; }
	digests "$(dump_in lone)" >wanted
	: >listening
	LD_PRELOAD=$SLOWDISK SLOWDISK_RATE=$3 SLOWDISK_SYNC_MS=$4 "$RECV" --dir dumps --listen tcp://127.0.0.1:0 "${CROWD_OPTIONS[@]}" >listening 2>receiver.log &
	RECEIVER=$!
	until grep -q '^listening on ' listening; do sleep 0.05; done
	URL=$(sed -n 's/^listening on //p' listening)
	for ((i = 1; i <= $2; i++)); do one_of_many "$1" "$i" & done
	until [ "$(wc -l <"$CASE/times")" = "$2" ]; do sleep 0.2; done 2>/dev/null
	rss=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$RECEIVER/status")
	kill "$RECEIVER"
	wait "$RECEIVER" || fail "the receiver exits $?"
	[ "$(awk '$2 == 0' "$CASE/times" | wc -l)" = "$2" ] || { cat sender.*; fail "not all senders ended well"; }
	[ "$(find dumps -name vmcore | wc -l)" = "$2" ] || fail "$(find dumps -name vmcore | wc -l) dumps are whole"
	for dump in dumps/*; do
		digests "$dump" | cmp - wanted || fail "$dump is another dump"
	done
	"$JUDGE" "$dump/vmcore" "$(dump_in lone)/vmcore" || fail "$dump is not the lone one's equal"
	awk '{ print $4 - $3 }' "$CASE/times" | sort -n >sorted
	awk -v rss="$rss" '{ t[NR] = $1 } END { m = t[int((NR + 1) / 2)]
		printf "%d senders: median %.1f s, slowest %.1f s, %.2f times; receiver at most %d KiB\n", NR, m, t[NR], t[NR] / m, rss
		exit t[NR] > 3 * m }' sorted || fail "the slowest takes more than 3 times the median"
	[ "$rss" -le "$CROWD_RSS_KIB" ] || fail "the receiver took $rss KiB, more than $CROWD_RSS_KIB"
}

SLOWDISK=$(tests/slowdisk/build.sh)
