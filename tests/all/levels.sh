#!/bin/bash
# levels.sh: every kernel and every machine at level 31, page for page; three kernels at all 32 levels, both bitmaps.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# At the other levels only headers and bitmaps are compared: which pages are there is the question, what is in them was
# asked at level 31. So makedumpfile is stopped behind the bitmaps, by a limit on the size of its files.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib-cases.sh"
. "$here/../e2e/lib-judged.sh"

JUDGE=$("$TREE/tests/judge/build.sh")

# makedumpfile's dump up to somewhere behind its bitmaps; the judge tells if it does not reach so far.
start_of_theirs() { # KERNEL VMCORE LEVEL
	local makedumpfile
	makedumpfile=$("$TREE/tests/judge/makedumpfile.sh" "$1")
	(ulimit -c 0 -f 256 && exec "$makedumpfile" -f -l -d "$3" --work-dir . "$2" theirs) >said 2>&1 || true
	[ -s theirs ] || { cat said; fail "makedumpfile -d $3"; }
}

bitmaps() { # KERNEL LEVEL
	local vmcore dump
	vmcore=$("$TREE/tests/vm/vmcore.sh" "$1")
	dump=$(dump_of "$vmcore" "$2")
	start_of_theirs "$1" "$vmcore" "$2"
	"$JUDGE" --bitmaps "$dump" theirs --level "$2" --kernel "$1" --vmcore "$vmcore" --expected "$TREE/tests/judge/expected-differences"
}

for name in $(kernels) $(machines); do
	begin "$name-kinds" "$TREE/tests/vm/kinds.sh" "$name"
	begin "$name-level-31" judged "$name" 31
done
for kernel in $(kernels); do
	case $kernel in
	6.1 | 6.12 | 7.*) for level in {0..31}; do begin "$kernel-bitmaps-$level" bitmaps "$kernel" "$level"; done ;;
	esac
done
cases_end
