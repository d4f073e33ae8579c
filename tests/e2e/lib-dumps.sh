# Incomplete dumps, and what the judge may find in them; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   nothing_whole DIR                   nothing below DIR has the name of a finished dump
#   judge_but PATTERN ARG...            runs kferry-judge; all that it calls different must fit PATTERN (as grep -E)
#   pages_compared                      how many pages it compared
#   readable_part DUMP VMCORE [PAGES]   libkdumpfile opens DUMP, whose one fault is that it is marked incomplete; each
#                                       page that its bitmap promises is read, and is as in VMCORE; at least PAGES are
#   lies_incomplete DUMPDIR REASON      nothing there looks finished, and the manifest says so and why (as grep -E)

JUDGE=$(tests/judge/build.sh)

nothing_whole() {
	local found
	found=$(find "$1" -name vmcore)
	[ -z "$found" ] || fail "$found looks finished"
}

judge_but() {
	local pattern=$1
	shift
	"$JUDGE" "$@" >judged 2>&1 || [ $? = 1 ] || { cat judged; fail "the judge cannot read it"; }
	cat judged
	if grep '^differs: ' judged | grep -Evq -- "^differs: ($pattern)"; then fail "these differences were not expected"; fi
}

pages_compared() {
	sed -n 's/.*: \([0-9]*\) pages compared$/\1/p' judged
}

INCOMPLETE='A: status 0x[0-9a-f]* is incomplete'
readable_part() {
	judge_but "$INCOMPLETE" --against-vmcore "$1" "$2"
	grep -Eq "$INCOMPLETE" judged || fail "$1 is not marked incomplete"
	[ "$(pages_compared)" -ge "${3:-0}" ] || fail "$1 has fewer than $3 pages"
}

lies_incomplete() {
	nothing_whole "$1"
	cat "$1/manifest.json"
	[ "$(manifest "$1" state)" = incomplete ] || fail "the manifest does not say incomplete"
	manifest "$1" reason | grep -Eq -- "$2" || fail "the manifest's reason is not '$2'"
}
