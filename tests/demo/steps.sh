# The demo's steps: telling what happens, jobs with a log each, watching their logs, leaving nothing behind; sourced.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC1083,SC2093,SC2154
# Needs logs (a directory) and lock (a descriptor that no job inherits). waiting_for says what is going on when nothing was said for a while.

QUIET_SECONDS=10
declare -A job=() ended=()
waiting_for=
said_at=0

say() {
	printf '[%3d s] %s\n' "$SECONDS" "$*"
	said_at=$SECONDS
}

fail() {
	printf '\nFAILED: %s\n' "$*" >&2
	[ ${#job[@]} = 0 ] || echo "logs: $logs" >&2
	exit 1
}

# Runs a command in the background, in a process group of its own so that all of it can be ended; its log is NAME.log.
start() { # NAME COMMAND...
	local name=$1
	shift
	: >"$logs/$name.log"
	setsid "$@" >"$logs/$name.log" 2>&1 </dev/null {lock}>&- &
	job[$name]=$!
}

# Gives each new line of the files to its handler until the job has ended; then ended[NAME] is its status.
watch() { # NAME [HANDLER FILE]...
	local name=$1 line running i
	local -a handler=() fd=() part=()
	shift
	while [ $# -gt 0 ]; do
		i=${#fd[@]}
		handler[i]=$1 part[i]=
		exec {fd[i]}<"$2"
		shift 2
	done
	running=1
	while [ "$running" = 1 ]; do
		kill -0 "${job[$name]}" 2>/dev/null || running=0
		for i in "${!fd[@]}"; do
			while IFS= read -r line <&"${fd[i]}"; do
				line=${part[i]}$line
				part[i]=
				"${handler[i]}" "${line%$'\r'}"
			done
			part[i]+=$line
		done
		[ "$running" = 0 ] || sleep 0.2
		[ $((SECONDS - said_at)) -lt "$QUIET_SECONDS" ] || [ -z "$waiting_for" ] || say "... $waiting_for"
	done
	for i in "${!fd[@]}"; do
		exec {fd[i]}<&-
	done
	wait "${job[$name]}"
	ended[$name]=$?
}

# Waits for a job and returns its status; if it failed, its last words are shown. aloud: all that it says is shown.
await() { # NAME [aloud]
	if [ "${2:-}" = aloud ]; then
		watch "$1" say "$logs/$1.log"
	else
		watch "$1"
	fi
	[ "${ended[$1]}" = 0 ] || [ "${2:-}" = aloud ] || tail -n 15 "$logs/$1.log" >&2
	return "${ended[$1]}"
}

# An installation that has begun goes on to its end: packages that are half there are worse. crash.sh ends QEMU and
# removes its files itself, others die with all that they started.
leave() {
	local name
	trap '' INT TERM HUP
	for name in "${!job[@]}"; do
		if [ -z "${ended[$name]:-}" ] && [ "$name" != packages ]; then
			if [ "$name" = crash ]; then kill "${job[crash]}"; else kill -- "-${job[$name]}"; fi 2>/dev/null
			wait "${job[$name]}" 2>/dev/null
		fi
	done
	[ -z "${SSHD:-}" ] || kill "$SSHD" 2>/dev/null
	[ -z "${scratch:-}" ] || rm -rf "$scratch"
	[ -z "${secrets:-}" ] || rm -rf "$secrets"
}
trap leave EXIT
trap 'echo; exit 130' INT
trap 'exit 143' TERM HUP
