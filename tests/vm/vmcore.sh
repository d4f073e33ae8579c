#!/bin/bash
# vmcore.sh NAME [MEM_MB]: prints the path of a cached vmcore of a real crash of this machine; makes it if it is not there.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# NAME is a kernel of tests/vm/kernels, on the plain machine with 1 GiB, or a machine of tests/vm/machines. The environment
# is guest.sh's; what is given there becomes part of the file's name:
#   CMDLINE=no5lvl vmcore.sh 6.1 1024  →  vmcores/6.1-1024-no5lvl.vmcore (the kernels use 5-level paging without it)
# The serial log lies beside it (.serial), and what the guest's programs were (.made-by): with others it is made anew.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/guest.sh"

name=${1:?usage: vmcore.sh NAME [MEM_MB]}
IFS=$'\t' read -r kernel_name mem settings < <(awk -F '\t' -v OFS='\t' -v n="$name" '$1 == n { print $2, $3, $5 }' "$here/machines") || true
if [ -n "$settings" ]; then
	id=$name mem=${2:-$mem}
	eval "export $settings"
else
	kernel_name=$name mem=${2:-1024} id=$name-${2:-1024}
	[ -z "${CMDLINE:-}" ] || id=$id-$(tr -cs 'A-Za-z0-9.=\n' - <<<"$CMDLINE")
	[ "${MESS:-$(default_mess "$mem")}" = "$(default_mess "$mem")" ] || id=$id-mess$MESS
	[ "${SMP:-1}" = 1 ] || id=$id-smp$SMP
	[ -z "${QEMUARGS:-}${MONITOR:-}" ] || id=$id-$(sha256sum <<<"${QEMUARGS:-} ${MONITOR:-}" | cut -c 1-8)
fi
out=$CACHE/vmcores/$id
made_by=$(cat "$here/init" "$here/mess.c" <(echo "$settings") | sha256sum)

good() { [ -e "$out.vmcore" ] && [ "$(cat "$out.made-by" 2>/dev/null)" = "$made_by" ]; }

good || locked "vmcore-$id"
if ! good; then
	mkdir -p "$CACHE/vmcores"
	rm -rf "$CACHE/vmcores/.$id".* # left by a killed run; we hold the lock
	tmp=$(mktemp -d "$CACHE/vmcores/.$id.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	kernel=$("$here/kernel.sh" "$kernel_name")
	"$here/initrd.sh" "$kernel" "$tmp/initrd"
	# Once in a while a guest dies while it boots: emulation on a busy machine. A second one does not.
	for attempt in 1 2; do
		rm -f "$tmp/core"
		truncate -s "$((mem + 1024))M" "$tmp/core"
		if crash_guest "$kernel" "$mem" "$tmp" "$out.serial" && [ "$(capture_status "$out.serial")" = 0 ]; then break; fi
		tail -n 20 "$out.serial" >&2
		echo "vmcore.sh: no vmcore came out of the guest, see $out.serial" >&2
		[ "$attempt" = 1 ] || exit 1
	done
	truncate -s "$(sed -n 's/^CAPTURE .* size \([0-9]*\).*/\1/p' "$out.serial")" "$tmp/core"
	mv "$tmp/core" "$out.vmcore"
	echo "$made_by" >"$out.made-by"
fi
echo "$out.vmcore"
