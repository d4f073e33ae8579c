#!/bin/bash
# vmcore.sh NAME [MEM_MB]: prints the path of a cached vmcore of a real crash of this kernel; makes it if it is not there.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The environment is guest.sh's; words of CMDLINE and a MESS other than the default become part of the file's name:
#   CMDLINE=no5lvl vmcore.sh 6.1 1024  →  vmcores/6.1-1024-no5lvl.vmcore (the kernels use 5-level paging without it)
# The serial log lies beside it (.serial).
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/guest.sh"

name=${1:?usage: vmcore.sh NAME [MEM_MB]} mem=${2:-1024}
id=$name-$mem
[ -z "${CMDLINE:-}" ] || id=$id-$(tr -cs 'A-Za-z0-9.=\n' - <<<"$CMDLINE")
[ "${MESS:-$(default_mess "$mem")}" = "$(default_mess "$mem")" ] || id=$id-mess$MESS
out=$CACHE/vmcores/$id
if [ ! -e "$out.vmcore" ]; then
	locked "vmcore-$id"
fi
if [ ! -e "$out.vmcore" ]; then
	mkdir -p "$CACHE/vmcores"
	rm -rf "$CACHE/vmcores/.$id".* # left by a killed run; we hold the lock
	tmp=$(mktemp -d "$CACHE/vmcores/.$id.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	kernel=$("$here/kernel.sh" "$name")
	"$here/initrd.sh" "$kernel" "$tmp/initrd"
	# Once in a while a guest dies while it boots: emulation on a busy machine. A second one does not.
	for attempt in 1 2; do
		rm -f "$tmp/core"
		truncate -s "${mem}M" "$tmp/core"
		if crash_guest "$kernel" "$mem" "$tmp" "$out.serial" && [ "$(capture_status "$out.serial")" = 0 ]; then break; fi
		tail -n 20 "$out.serial" >&2
		echo "vmcore.sh: no vmcore came out of the guest, see $out.serial" >&2
		[ "$attempt" = 1 ] || exit 1
	done
	truncate -s "$(sed -n 's/^CAPTURE .* size \([0-9]*\).*/\1/p' "$out.serial")" "$tmp/core"
	mv "$tmp/core" "$out.vmcore"
fi
echo "$out.vmcore"
