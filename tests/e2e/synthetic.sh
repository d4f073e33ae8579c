#!/bin/bash
# synthetic.sh: on made-up machines of 8 GiB the sender leaves out what the generator made of each class, and as much as makedumpfile.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"

PEER=$(tests/judge/makedumpfile.sh reader)
SYNTHETIC=$PWD/tests/bench/synthetic.sh
export SYNTHETIC_DIR=$TMP/synthetic

# What a report says of each class, decimal, in the order of the generator's.
classes() { # REPORT
	local label value
	for label in 'Non-private cache pages' 'Private cache pages' 'User process data pages' 'Free pages' 'Hwpoison pages' 'Offline pages'; do
		value=$(tr '\r' '\n' <"$1" | sed -n "s/^ *$label *: \(0x[0-9a-f]*\)$/\1/p")
		echo $((${value:?no line of $label}))
	done
}

agree() { # MIXTURE
	local vmcore level
	vmcore=$("$SYNTHETIC" 8 "$1")
	# Classes that level 30 leaves out; it looks for no zeros, of which there are many.
	for level in 30 16 8; do
		prlimit --data=16777216 "$SEND" -d "$level" --wire none --cyclic-buffer 1 --dry-run --message-level 16 "$vmcore" >ours 2>&1 || { cat ours; fail "status $?"; }
		"$PEER" -d "$level" --dry-run --message-level 16 "$vmcore" none >theirs 2>&1 || { cat theirs; fail "makedumpfile: status $?"; }
		classes ours >ours.classes
		classes theirs >theirs.classes
		diff theirs.classes ours.classes || fail "level $level: not as makedumpfile"
		[ "$level" != 30 ] || diff <(sed 's/.* //; 1d' "${vmcore%.vmcore}.counts") ours.classes || fail "not as it was made"
	done
	rm -f "$vmcore"
}

for mixture in coalesced fragmented single; do
	begin "synthetic-$mixture" agree "$mixture"
done
cases_end
