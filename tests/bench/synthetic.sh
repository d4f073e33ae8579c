#!/bin/bash
# synthetic.sh GIB MIXTURE: prints the path of a vmcore of a made-up machine, from the cache; makes it if it is not there.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# MIXTURE is coalesced (large free blocks, huge pages, folios), fragmented (runs of a few pages of everything), single (no
# compound page and no free block: every struct page has to be looked at) or idle (almost all is free). Beside the vmcore lies how many pages of each class the
# generator made (.counts). With SYNTHETIC_DIR it goes there.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/cache.sh"

gib=${1:?usage: synthetic.sh GIB MIXTURE} mixture=${2:?usage: synthetic.sh GIB MIXTURE}
made_by=$(cat "$here"/synthetic/*.[ch] | sha256sum | cut -c 1-16)
dir=${SYNTHETIC_DIR:-$CACHE/synthetic}
out=$dir/$gib-$mixture-$made_by

if [ ! -e "$out.counts" ]; then
	locked "synthetic-$gib-$mixture"
	mkdir -p "$dir"
	tmp=$(mktemp -d "$dir/.new.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	gcc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Wshadow -Wconversion -o "$tmp/synthetic" "$here"/synthetic/*.c
	rm -f "$dir/$gib-$mixture"-* # of another generator
	"$tmp/synthetic" "$gib" "$mixture" "$tmp/vmcore" >"$tmp/counts"
	mv "$tmp/vmcore" "$out.vmcore"
	mv "$tmp/counts" "$out.counts"
fi
echo "$out.vmcore"
