# A receiver on a free port of this machine, its output, and the dump it makes; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   receiver_start DIR [OPTION...]   starts `kferry-recv --once`; $URL is its address, $RECEIVER its process
#                                    $receiver_through, if not empty, are the words of a command that runs it
#   receiver_end STATUS [PATTERN]    waits for it; it must exit so, complain in one line if that is not 0, and say
#                                    something that fits PATTERN (as grep -E)
#   dump_in DIR                      prints the path of the one dump's directory in DIR
#   manifest DUMP NAME[.NAME...]     prints a value of its manifest, nothing if it is not there
# What the receiver says lies in $RECEIVER_LOG.

RECEIVER_LOG=receiver.log
receiver_through=()

receiver_start() {
	local dir=$1 i
	shift
	: >listening
	: >"$RECEIVER_LOG"
	"${receiver_through[@]}" "$RECV" --dir "$dir" --listen tcp://127.0.0.1:0 --once "$@" >listening 2>"$RECEIVER_LOG" &
	RECEIVER=$!
	for ((i = 0; i < 200; i++)); do
		URL=$(sed -n 's/^listening on //p' listening)
		[ -z "$URL" ] || return 0
		kill -0 "$RECEIVER" 2>/dev/null || break
		sleep 0.05
	done
	cat "$RECEIVER_LOG" >&2
	fail "the receiver does not listen"
}

receiver_end() {
	local wanted=$1 pattern=${2:-.} got=0 lines
	wait "$RECEIVER" || got=$?
	cat "$RECEIVER_LOG"
	[ "$got" = "$wanted" ] || fail "the receiver exits $got, not $wanted"
	lines=$(grep -c '^kferry-recv: ' "$RECEIVER_LOG" || true)
	[ "$lines" = $((wanted != 0)) ] || fail "the receiver complains in $lines lines"
	grep -Eq -- "$pattern" "$RECEIVER_LOG" || fail "the receiver does not say '$pattern'"
}

dump_in() {
	local dumps=("$1"/*/manifest.json)
	if [ ${#dumps[@]} != 1 ] || [ ! -e "${dumps[0]}" ]; then fail "not one dump in $1: $(ls "$1")"; fi
	dirname "${dumps[0]}"
}

manifest() { # DUMP NAME[.NAME...]
	python3 - "$1/manifest.json" "$2" <<-'PYTHON'
		import json, sys
		value = json.load(open(sys.argv[1]))
		for name in sys.argv[2].split("."):
		    value = value.get(name, "") if isinstance(value, dict) else ""
		print(value if isinstance(value, str) else json.dumps(value))
	PYTHON
}
