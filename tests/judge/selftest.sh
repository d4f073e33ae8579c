#!/bin/bash
# selftest.sh [VMCORE KERNEL]: the judge must accept makedumpfile's own dumps and refuse each kind of damage to them.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=${2:-6.1}
vmcore=${1:-$("$here/../vm/vmcore.sh" "$kernel")}
judge=$("$here/build.sh")
newest=$("$here/makedumpfile.sh" reader)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

number() { od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '; } # FILE OFFSET BYTES
poke() { printf "\\x$(printf %x "$3")" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; } # FILE OFFSET BYTE
flip() { poke "$1" "$2" $(($(number "$1" "$2" 1) ^ ${3:-1})); } # FILE OFFSET [MASK]

# Expects from a call: exit status, and a pattern in what it prints.
expect() { # STORY STATUS PATTERN COMMAND...
	local story=$1 wanted=$2 pattern=$3 got=0
	shift 3
	"$@" >"$tmp/said" 2>&1 || got=$?
	if [ "$got" = "$wanted" ] && grep -q -- "$pattern" "$tmp/said"; then
		echo "ok: $story: $(grep -m1 -- "$pattern" "$tmp/said")"
	else
		echo "FAILED: $story: status $got, wanted $wanted and '$pattern'; the judge said:"
		sed 's/^/    /' "$tmp/said"
		failed=1
	fi
}

dump() { # MAKEDUMPFILE OUT OPTIONS... (of VMCORE, if that is set)
	mkdir -p "$tmp/work"
	"$1" -f --work-dir "$tmp/work" "${@:3}" "${VMCORE:-$vmcore}" "$2" >"$tmp/said" 2>&1 || { cat "$tmp/said" >&2; exit 1; }
}

# The undamaged dump, its pages raw so that a byte in the file is a byte of a page.
dump "$newest" "$tmp/good" -d 31
dump "$newest" "$tmp/level17" -l -d 17
dump "$("$here/makedumpfile.sh" "$kernel")" "$tmp/older" -l -d 31

block=$(number "$tmp/good" 428 4)
bitmap1=$(((1 + $(number "$tmp/good" 432 4)) * block))
half=$(($(number "$tmp/good" 436 4) / 2 * block))
bitmap2=$((bitmap1 + half))
descriptors=$((bitmap2 + half))
notes=$(number "$tmp/good" $((block + 48)) 8)
vmcoreinfo=$(number "$tmp/good" $((block + 32)) 8)
last_data=$(($(stat -c %s "$tmp/good") - block))
# A byte of bitmap 2 whose eight pages are all dumped, not at the start.
middle=$(od -An -v -t u1 -w1 -j "$bitmap2" -N "$half" "$tmp/good" | awk '$1 == 255 && NR > 1000 && !at { at = NR - 1 } END { print at }')

damaged() { # OFFSET [MASK]: a copy with one byte changed
	cp --reflink=auto "$tmp/good" "$tmp/bad"
	flip "$tmp/bad" "$@"
}
against_good() { expect "$1" 1 "$2" "$judge" "$tmp/bad" "$tmp/good"; }

expect "makedumpfile's dump" 0 '^equal: kernel log' "$here/judge.sh" "$vmcore" "$kernel" 31 "$tmp/good"
expect "another level" 1 'dump_level' "$here/judge.sh" "$vmcore" "$kernel" 31 "$tmp/level17"
if grep -q "^${kernel}[[:space:]]" "$here/expected-differences"; then
	expect "an expected difference that is not there" 1 'expects 1 pages, there are 0' \
		"$here/judge.sh" "$vmcore" "$kernel" 31 "$tmp/older"
fi

# makedumpfile's own dump of a kernel whose tails it does not see: what must be missing there must not be missing here.
unseen=$(awk '$3 == "compound-tail" { print $1; exit }' "$here/expected-differences")
if [ -n "$unseen" ]; then
	other=$("$here/../vm/vmcore.sh" "$unseen")
	VMCORE=$other dump "$newest" "$tmp/blind" -l -d 31
	expect "tails that are missing in both" 1 'compound-tail .* expects [1-9][0-9]* pages, there are 0' \
		"$here/judge.sh" "$other" "$unseen" 31 "$tmp/blind"
	rm "$tmp/blind"
fi

printf '0 %d\n%d 1000000000\n' $((middle * 8 + 3)) $((middle * 8 + 4)) >"$tmp/arrived"
expect "a page that nobody sent" 1 'never-came: 1 pages' "$judge" --against-vmcore "$tmp/good" "$vmcore" --arrived "$tmp/arrived"
echo '0 1000000000' >"$tmp/arrived"
expect "pages that were all sent" 0 '^equal: ' "$judge" --against-vmcore "$tmp/good" "$vmcore" --arrived "$tmp/arrived"

damaged $((last_data + 100))
against_good "a byte of the last page" 'bytes: 1 pages'
expect "the same, against the vmcore" 1 'bytes: 1 pages' "$judge" --against-vmcore "$tmp/bad" "$vmcore"
expect "the same, by all judges" 1 'bytes: 1 pages' "$here/judge.sh" "$vmcore" "$kernel" 31 "$tmp/bad"
damaged $((bitmap2 + middle)) 8
against_good "a bit of bitmap 2 cleared" 'bitmap2-B: 1 pages'
damaged $((bitmap1 + middle)) 8
against_good "a bit of bitmap 1 cleared" 'bitmap1-B: 1 pages'
expect "the same, against the vmcore" 1 'bitmap1-B: 1 pages' "$judge" --against-vmcore "$tmp/bad" "$vmcore"
damaged $((bitmap2 + half - 1)) 128
against_good "a bit beyond max_mapnr" 'beyond max_mapnr'
damaged $((descriptors + 24 * 1000 + 12)) 1
against_good "a page's codec" 'descriptor-A: 1 pages'
damaged $((descriptors + 24 * 1000 + 7)) 64
against_good "a page's offset" 'descriptor-A: 1 pages'
damaged $((notes + 200))
against_good "a byte of the notes" 'notes: '
damaged $((vmcoreinfo + 10))
against_good "a byte of VMCOREINFO" 'VMCOREINFO: '
damaged 408
against_good "the timestamp" 'timestamp: '
damaged 424 8
against_good "marked incomplete" 'status'
damaged 460 2
against_good "the number of processors" 'nr_cpus: '
damaged $((block + 8)) 16
against_good "the dump level" 'dump_level: '
damaged $((12 + 2 * 65 + 3))
against_good "the release" 'release: '
cp "$tmp/good" "$tmp/bad"
truncate -s $((last_data + 50)) "$tmp/bad"
against_good "a file that ends inside the last page" 'descriptor-A'
truncate -s $((descriptors + 24 * 100 + 10)) "$tmp/bad"
against_good "a file that ends inside the table" 'descriptor-A'
expect "the description of that" 1 'pages cannot be read' "$judge" --describe "$tmp/bad"
expect "the description of makedumpfile's dump" 0 '^all .* pages read' "$judge" --describe "$tmp/good"
truncate -s $((bitmap2 + 10)) "$tmp/bad"
expect "a file that ends inside the bitmaps" 2 'more than the file has' "$judge" "$tmp/bad" "$tmp/good"
exit "$failed"
