#!/bin/bash
# vital.sh: a stream that is cut anywhere behind its vital pages gives a dump that debuggers can begin with.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real stream of 6.1, cut at three places. Each page that the dump promises is as in the vmcore; libkdumpfile reads the kernel's
# release by its virtual address, through the page tables that came. tests/all/vital.sh asks crash and drgn.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-cutstream.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1)
OLDER=$(tests/vm/vmcore.sh 5.10)

# pages_said REPORT WHAT: a count of the report, decimal.
pages_said() { echo $(($(sed -n "s/^ *$2 *: \(0x[0-9a-f]*\)$/\1/p" "$1"))); }

cuts() {
	local place dump vital
	stream_of "$VMCORE"
	vital=$(pages_said report 'Vital pages')
	cut_places 3 >places
	while read -r place; do
		dump=$(cut_at "$place")
		lies_incomplete "$dump" 'without END'
		readable_part "$dump/vmcore-incomplete" "$VMCORE" "$vital"
		"$JUDGE" --release "$dump/vmcore-incomplete" | grep 'release in memory: 6\.1\.'
	done <places
	[ "$(wc -l <places)" = 3 ]
}

# In the middle of the vital part, what came of it is there.
cut_inside() {
	local dump end
	stream_of "$VMCORE"
	end=$("$here/streamcut.py" stream 0)
	dump=$(cut_at $((end / 2)))
	lies_incomplete "$dump" 'without END'
	readable_part "$dump/vmcore-incomplete" "$VMCORE" 100
}

# Each kind is found on a kernel that has all keys.
report() {
	local kind
	"$SEND" -d 31 --dry-run --message-level 16 "$VMCORE" 2>said
	sed -n '/^Vital pages/,/^STEP/p' said
	for kind in 'page tables' 'memory sections' 'node data' log 'per-cpu areas' stacks 'kernel image' tasks modules; do
		[ "$(pages_said said "$kind")" -gt 0 ] || fail "no page of kind $kind"
	done
	grep -Eqx ' *Per-cpu areas of 1 CPUs?, by kallsyms' said
	[ "$(pages_said said 'Vital pages')" -le $((65 << 8)) ] || fail "more than 65 MiB are vital"
}

# Without kallsyms in VMCOREINFO the list is shorter, and the report says why.
report_older() {
	"$SEND" -d 31 --dry-run --message-level 16 "$OLDER" 2>said
	sed -n '/^Vital pages/,/^STEP/p' said
	grep -q 'Per-cpu areas were not found: VMCOREINFO has no SYMBOL(kallsyms_names)' said
	[ "$(pages_said said 'kernel image')" -gt 0 ] || fail "no page of the image"
}

begin cuts cuts
begin cut-inside cut_inside
begin report report
begin report-older report_older
cases_end
