#!/bin/bash
# levels.sh: dumps of real vmcores, judged page for page by makedumpfile and libkdumpfile: two kernels, levels 0 1 17 31.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stream goes through a file and --replay, so that sender and receiver are asked one after the other; each codec on
# the way and at rest has its turn. The kernel's log is compared with makedumpfile's too.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"

JUDGE=$PWD/tests/judge/judge.sh
MAKEDUMPFILE=$PWD/tests/judge/makedumpfile.sh

whole() { # prints the dump's directory; the receiver must call it whole
	"$RECV" --dir dumps --replay stream >said 2>&1 || { cat said; fail "kferry-recv --replay"; }
	echo dumps/*
}

equal() { # KERNEL LEVEL VMCORE OPTION...
	local kernel=$1 level=$2 vmcore=$3 dir
	shift 3
	mkdir dumps
	"$SEND" -d "$level" "$@" --to file:stream --message-level 4 "$vmcore"
	dir=$(whole)
	rm stream
	"$JUDGE" "$vmcore" "$kernel" "$level" "$dir/vmcore"
}

# The log that arrives first must be the one that makedumpfile reads from the vmcore.
log_equal() { # VMCORE
	local dir
	mkdir dumps
	"$SEND" -d 31 --to file:stream --message-level 4 "$1"
	dir=$(whole)
	"$("$MAKEDUMPFILE" reader)" -f --dump-dmesg "$1" theirs >said 2>&1 || { cat said; fail "makedumpfile --dump-dmesg"; }
	diff -u theirs "$dir/vmcore-dmesg.txt"
}

for kernel in 6.1 6.12; do
	vmcore=$(tests/vm/vmcore.sh "$kernel")
	begin "$kernel-level-0" equal "$kernel" 0 "$vmcore" --raw --wire none
	begin "$kernel-level-1" equal "$kernel" 1 "$vmcore" -c
	begin "$kernel-level-17" equal "$kernel" 17 "$vmcore" -z --wire none
	begin "$kernel-level-31" equal "$kernel" 31 "$vmcore" -z --num-threads 3
	begin "$kernel-log" log_equal "$vmcore"
done
cases_end
