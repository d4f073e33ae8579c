# What crash says of a dump, in a form that two dumps can be compared by; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs $CRASH.
#   crash_says VMLINUX DUMP COMMANDS OUT [OPTION...]   its answers to COMMANDS (with ";" between them), in the file OUT; its exit status
#   $ASKED   commands whose answers on a dump must be those on the whole one, for crash to count as open

crash_says() {
	local status=0
	tr ';' '\n' <<<"$3;quit" >commands
	ln -sf "$2" dump
	env -i PATH="$PATH" HOME="$PWD" TERM=dumb LC_ALL=C TZ=UTC timeout 300 "$CRASH" -s "${@:5}" -i commands "$1" dump \
		</dev/null >said.crash 2>&1 || status=$?
	# What it says of every incomplete dump as it opens, and the line of `sys` with the words for that.
	sed -e '/^$/d; /^WARNING: dump:$/,/return zero-filled memory\.$/d; /^ *DUMPFILE: /d' said.crash >"$4"
	return $status
}

ASKED='set scroll off;sys;ps;mod;bt'
