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

# No makedumpfile of Debian reads snappy, so libkdumpfile alone compares with the vmcore. Its pages cannot be packed by
# the sender, which says so.
snappy() { # VMCORE
	local dir
	mkdir dumps
	"$SEND" -d 31 -p --wire pages --to file:stream "$1" >said 2>&1 || { cat said; fail "kferry-send -p"; }
	grep -q 'snappy pages are packed by the receiver: batches go as lz4' said || { cat said; fail "does not say who packs"; }
	dir=$(whole)
	"$COMPARE" --against-vmcore "$dir/vmcore" "$1"
	[ "$(od -An -tu4 -j 424 -N 4 "$dir/vmcore" | tr -d ' ')" = 4 ] || fail "the header does not say snappy"
}

COMPARE=$(tests/judge/build.sh)
# Each codec at rest (but snappy) and each on the wire has its turn.
while read -r kernel level options; do
	vmcore=$(tests/vm/vmcore.sh "$kernel")
	# shellcheck disable=SC2086 # a list of words
	begin "$kernel-level-$level" equal "$kernel" "$level" "$vmcore" $options
done <<-'TABLE'
	6.1 0 --raw --wire none
	6.1 1 -c --wire pages
	6.1 17 -l --wire zstd
	6.1 31 -z --num-threads 3
	6.12 0 --raw --wire zstd
	6.12 1 -l --wire pages
	6.12 17 -c
	6.12 31 -z --wire pages --num-threads 3
TABLE
for kernel in 6.1 6.12; do
	begin "$kernel-log" log_equal "$(tests/vm/vmcore.sh "$kernel")"
done
begin 6.1-snappy snappy "$(tests/vm/vmcore.sh 6.1)"
cases_end
