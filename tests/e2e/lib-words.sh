# What a program says: its exit status and the one line it owes its user; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   says STATUS PATTERN COMMAND...   runs COMMAND, shows what it says, and fails the case unless it exits with STATUS
#                                    and says exactly one line besides its progress, which fits PATTERN (as grep -E)
#   say STATUS COMMAND...            only the status; what it said besides its progress lies in the file words
#   ends STATUS PATTERN COMMAND...   the same for a program that got to work and may say more: its last line fits

say() {
	local wanted=$1 got=0
	shift
	"$@" 2>said || got=$?
	echo "\$ ${*##*/} => $got"
	cat said
	# shellcheck disable=SC2254 # a pattern
	case $got in $wanted) ;; *) fail "it exits $got, not $wanted" ;; esac
	grep -v '^Copying data : ' said >words || true
}

says() {
	local pattern=$2 lines
	say "$1" "${@:3}"
	lines=$(wc -l <words)
	[ "$lines" = 1 ] || fail "it says $lines lines"
	grep -Eq -- "$pattern" words || fail "it does not say '$pattern'"
}

ends() {
	local pattern=$2
	say "$1" "${@:3}"
	tail -n 1 words | grep -Eq -- "$pattern" || fail "its last line is not '$pattern'"
}
