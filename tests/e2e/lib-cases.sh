# Cases: each runs by itself, and its log is shown only if it fails; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Goes to the top of the tree. Gives:
#   TMP              a directory of this script, gone at its end
#   SEND, RECV       the two programs (of $KFERRY_BUILD, else of build)
#   begin NAME FUNCTION [ARG...]   runs FUNCTION as a case and prints `ok NAME`, `not ok NAME` with the log, or
#                    `skip NAME reason`. It runs under `set -e` in a subshell, in the empty directory $CASE; whatever
#                    it started is ended with it.
#   aside NAME FUNCTION [ARG...]   starts a case that runs beside others, and collect NAME ends and prints it
#   skip REASON      ends a case that cannot run here        fail TEXT   ends a case that went wrong
#   cases_end        exit status of the script: 0 if nothing failed
# A script that is called with names of cases runs only these; with LOGS=1 all logs are shown.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PROGRAMS=$(cd "${KFERRY_BUILD:-build}" && pwd)
SEND=$PROGRAMS/kferry-send RECV=$PROGRAMS/kferry-recv
export SEND RECV
TMP=$(mktemp -d)
chmod 711 "$TMP"
WANTED=" $* "
cases_failed=0
declare -A case_group=()

# A case is a process group of its own.
case_stop() { # NAME
	kill -KILL -- "-${case_group[$1]}" 2>/dev/null || true
	unset "case_group[$1]"
}

cases_clean() {
	local name
	for name in "${!case_group[@]}"; do case_stop "$name"; done
	rm -rf "$TMP"
}
trap cases_clean EXIT
trap 'exit 143' INT TERM HUP

skip() {
	echo "$*" >"$CASE.skip"
	exit 77
}

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

aside() {
	local name=$1
	shift
	case $WANTED in "  " | *" $name "*) ;; *) return 0 ;; esac
	CASE=$TMP/$name
	mkdir "$CASE"
	set -m
	(
		set +m -e
		cd "$CASE"
		"$@"
	) </dev/null >"$CASE.log" 2>&1 &
	case_group[$name]=$!
	set +m
}

collect() {
	local name=$1 status=0
	CASE=$TMP/$name
	[ -n "${case_group[$name]:-}" ] || return 0
	wait "${case_group[$name]}" || status=$?
	case_stop "$name"
	if [ "$status" = 0 ]; then
		echo "ok $name"
	elif [ "$status" = 77 ] && [ -e "$CASE.skip" ]; then
		echo "skip $name $(cat "$CASE.skip")"
		status=0
	else
		echo "not ok $name"
		cases_failed=1
	fi
	if [ "$status" != 0 ] || [ -n "${LOGS:-}" ]; then sed 's/^/    /' "$CASE.log"; fi
	rm -rf "$CASE" "$CASE.log" "$CASE.skip"
}

begin() {
	aside "$@"
	collect "$1"
}

cases_end() {
	exit "$cases_failed"
}
