#!/bin/bash
# crash.sh KERNEL MEM_MB SERIAL_LOG BINARY -- COMMAND...: a real panic; the capture kernel runs COMMAND and its status comes back.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# BINARY lies in the capture kernel's /bin with its shared libraries; the network is up and the host's 127.0.0.1 is
# 10.0.2.2 there. SERIAL_LOG has all that both kernels and COMMAND print. The environment is guest.sh's. If the guest
# ends without a status, crash.sh says so and exits with 125.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/guest.sh"

if [ $# -lt 6 ] || [ "$5" != -- ]; then
	echo "usage: crash.sh KERNEL MEM_MB SERIAL_LOG BINARY -- COMMAND..." >&2
	exit 125
fi
name=$1 mem=$2 serial=$3 binary=$4
shift 5
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
kernel=$("$here/kernel.sh" "$name")
"$here/initrd.sh" "$kernel" "$tmp/initrd" "$binary" "$@"
crash_guest "$kernel" "$mem" "$tmp" "$serial" || echo "crash.sh: the guest did not end by itself" >&2
if ! status=$(capture_status "$serial"); then
	echo "crash.sh: the capture kernel did not finish, see $serial" >&2
	exit 125
fi
exit "$status"
