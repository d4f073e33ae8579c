#!/bin/bash
# judge.sh VMCORE KERNEL LEVEL DUMP: whether DUMP is what makedumpfile makes of VMCORE at LEVEL, page for page.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Three questions: does libkdumpfile read from DUMP what it reads from makedumpfile's dump (but for what
# expected-differences lists); does DUMP hold what VMCORE holds; does makedumpfile itself read DUMP (filter it once
# more, print its log) and find all of it. makedumpfile's dumps are kept in PEERS (in the cache, unless another
# directory is given). Exit status: 0 yes, 1 no.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/cache.sh"

[ $# = 4 ] || { echo "usage: judge.sh VMCORE KERNEL LEVEL DUMP" >&2; exit 2; }
vmcore=$(readlink -f "$1") kernel=$2 level=$3 dump=$4
judge=$("$here/build.sh")
makedumpfile=$("$here/makedumpfile.sh" "$kernel")
reader=$("$here/makedumpfile.sh" reader)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

version_of() { "$1" -v 2>/dev/null | sed -n 's/^makedumpfile: version \([^ ]*\).*/\1/p'; }

# Runs makedumpfile and shows what it says only if it fails. --work-dir: bitmaps in a file, which is the mode that has
# the fractional last page of a PT_LOAD in the 1st bitmap.
quietly() {
	mkdir -p "$tmp/work"
	"$1" --message-level 7 --work-dir "$tmp/work" "${@:2}" >"$tmp/said" 2>&1 ||
		{ tr '\r' '\n' <"$tmp/said" | tail -n 5 >&2; echo "judge.sh: failed: ${*##*/}" >&2; return 1; }
}

version=$(version_of "$makedumpfile")
echo "judge: makedumpfile $version for kernel $kernel, makedumpfile $(version_of "$reader") as reader"
id=$(basename "$vmcore" .vmcore)-$(stat -c '%n %s %Y' "$vmcore" | sha256sum | cut -c 1-8)
peers=${PEERS:-$CACHE/peers}
peer=$peers/$id-d$level-$version.dump
if [ ! -e "$peer" ] && [ -z "${PEERS:-}" ]; then
	locked "peer-${peer##*/}"
fi
if [ ! -e "$peer" ]; then
	mkdir -p "$peers"
	quietly "$makedumpfile" -f -l -d "$level" "$vmcore" "$peer.new"
	mv "$peer.new" "$peer"
fi

status=0
echo "A = the dump, B = makedumpfile $version -d $level:"
"$judge" "$dump" "$peer" --level "$level" --kernel "$kernel" --vmcore "$vmcore" \
	--expected "$here/expected-differences" || status=1
echo "A = the dump, B = the vmcore:"
"$judge" --against-vmcore "$dump" "$vmcore" || status=1
echo "A = the dump, B = what makedumpfile reads from it:"
# Of the struct pages that it finds there it makes the same mistakes again.
again=()
[ "$makedumpfile" != "$reader" ] || again=(--kernel "$kernel" --vmcore "$vmcore" --expected "$here/expected-differences")
if quietly "$reader" -f -l -d 0 "$dump" "$tmp/again"; then
	"$judge" "$dump" "$tmp/again" --level "$level" "${again[@]}" || status=1
else
	status=1
fi
rm -f "$tmp/again"
if quietly "$reader" -f --dump-dmesg "$dump" "$tmp/log.dump" && quietly "$reader" -f --dump-dmesg "$vmcore" "$tmp/log.vmcore" &&
	[ -s "$tmp/log.dump" ] && cmp "$tmp/log.dump" "$tmp/log.vmcore"; then
	echo "equal: kernel log, $(wc -l <"$tmp/log.dump") lines"
else
	echo "DIFFERENT: kernel log"
	status=1
fi
exit "$status"
