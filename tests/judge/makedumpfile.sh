#!/bin/bash
# makedumpfile.sh KERNEL: prints the path of the makedumpfile that is right for this kernel; fetches it when needed.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# It is this machine's own if that is of the right suite; else one of that suite from the cache.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)

kernel=${1:?usage: makedumpfile.sh KERNEL}
suite=$(awk -v k="$kernel" '$1 == k { print $2 }' "$here/oracles")
[ -n "$suite" ] || { echo "makedumpfile.sh: no makedumpfile is known to be right for kernel $kernel" >&2; exit 1; }

own=$(PATH=$PATH:/sbin:/usr/sbin command -v makedumpfile || true)
if [ -n "$own" ] && [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$suite" ]; then
	echo "$own"
	exit
fi
exec "$here/../vm/foreign.sh" "$suite" makedumpfile
