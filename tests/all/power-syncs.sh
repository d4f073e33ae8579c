#!/bin/bash
# power-syncs.sh: every call that syncs is taken out of the receiver in turn: recv_power must notice each.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Works in a copy of the tree.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
git ls-files -z | xargs -0 cp -a --parents -t "$tmp"
cd "$tmp"
# What is asked is asked of the states themselves; recovering them takes longer and finds no more here.
export POWER_EVERY=100000000 POWER_TWICE_EVERY=100000000
call='(kf_file_datasync|kf_file_sync|kf_dumpdir_sync|[a-z>-]+ops->f(data)?sync)\('

build() { make -s CFLAGS='-O1 -g -DKF_DROPPED\(...\)=0' build/tests/recv_power >/dev/null; }
build
build/tests/recv_power >/dev/null 2>&1 || { echo "not ok recv_power passes with all syncs"; exit 1; }

# FILE LINE NTH: the calls, without the functions' own first lines and without the table of the system's calls.
sites() {
	grep -rnE "$call" receiver --include='*.c' | grep -vE 'receiver/store/io\.c|:enum kf_status|:static ' |
		while IFS=: read -r file line text; do
			count=$(grep -oE "$call" <<<"$text" | wc -l)
			for nth in $(seq "$count"); do echo "$file $line $nth"; done
		done
}

status=0
sites >list
while read -r file line nth; do
	cp -p "$file" saved
	said=$(sed -n "${line}s/^[[:space:]]*//p" "$file")
	sed -i -E "${line}s/$call/KF_DROPPED(/$nth" "$file"
	if ! build 2>build.log; then
		echo "not ok $file:$line: does not compile: $said"
		tail -n 3 build.log
		status=1
	elif build/tests/recv_power >run.log 2>&1; then
		echo "not ok $file:$line: nothing noticed: $said"
		status=1
	else
		echo "ok $file:$line: $said ($nth)"
		sed -n 's/.*ERROR   \] --- \(.* cut before .*\)/    \1/p' run.log | head -n 1
	fi
	cp saved "$file"
	touch "$file"
done <list
[ "$(wc -l <list)" -ge 12 ] || { echo "not ok only $(wc -l <list) syncs were found"; status=1; }
exit "$status"
