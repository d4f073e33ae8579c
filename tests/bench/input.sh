#!/bin/bash
# input.sh [DIR]: prints the path of the vmcore that the transfers carry; with DIR a copy of it in memory there, if there is room.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real crash of a 4 GiB guest. Anonymous memory and page cache hold real bytes, this machine's programs, libraries and documents,
# so that about 1.2 GB are kept at level 1. VMCORE=PATH takes that one instead.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)

vmcore=${VMCORE:-$(MESS=560 "$here/../vm/vmcore.sh" 6.1 4096)}
[ $# -gt 0 ] || { echo "$vmcore"; exit; }
size=$(stat -c %s "$vmcore")
room=$(df --output=avail -B1 "$1" | tail -n 1)
free=$(awk '$1 == "MemAvailable:" { printf "%d", $2 * 1024 }' /proc/meminfo)
if [ "$((room < free ? room : free))" -gt $((size + (4 << 30))) ]; then
	# Without holes: the first who reads one on a tmpfs pays for its page.
	cp --sparse=never "$vmcore" "$1/vmcore"
	echo "$1/vmcore"
else
	cat "$vmcore" >/dev/null
	echo "$vmcore"
fi
