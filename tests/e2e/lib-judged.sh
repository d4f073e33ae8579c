# A dump that kferry makes of a vmcore of tests/vm, in the judge's eyes; sourced by the scripts that have such cases.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs lib-cases.sh. A NAME is that of a kernel or a machine of tests/vm. Gives:
#   kernels, machines   all names of each table
#   kernel_of NAME      the kernel of a machine; a kernel's own name
#   dump_of VMCORE LEVEL   makes a dump in ./dumps and prints its path; its report must tell of nothing out of order
#   judged NAME LEVEL   a case: both bitmaps and every page as makedumpfile has them

TREE=$PWD

kernels() { awk '!/^#/ { print $1 }' "$TREE/tests/vm/kernels"; }
machines() { awk '!/^#/ { print $1 }' "$TREE/tests/vm/machines"; }

kernel_of() {
	awk -F '\t' -v n="$1" '$1 == n { print FILENAME ~ /machines$/ ? $2 : $1; exit }' "$TREE/tests/vm/kernels" "$TREE/tests/vm/machines"
}

dump_of() {
	mkdir dumps
	"$SEND" -d "$2" --raw --wire none --to file:- --message-level 20 "$1" 2>report |
		"$RECV" --dir dumps --replay - >said 2>&1 || { cat report said >&2; fail "no dump of level $2"; }
	grep -q '^ *Remaining pages' report || { cat report >&2; fail "no report of level $2"; }
	! grep -E '^kferry-send:|^ *(Rescued|Undecided|Unreadable) pages|Pages without data' report >&2 || fail "the report of level $2"
	echo dumps/*/vmcore
}

judged() {
	local vmcore dump
	vmcore=$("$TREE/tests/vm/vmcore.sh" "$1")
	dump=$(dump_of "$vmcore" "$2")
	"$TREE/tests/judge/judge.sh" "$vmcore" "$(kernel_of "$1")" "$2" "$dump"
}
