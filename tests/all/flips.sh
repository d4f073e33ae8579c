#!/bin/bash
# flips.sh [KERNEL]: 10,000 random flips and as many truncations of the stream of a real vmcore: none yields a finished dump.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# COUNT=10000 SEED=1. The receiver's assembler in one process; a fork of it for each damage goes on from there (tests/unit/recv_damage.c).
set -eu -o pipefail
cd "$(dirname "$0")/../.."
make -s WERROR=1 build/kferry-send build/tests/recv_damage >/dev/null
vmcore=$(tests/vm/vmcore.sh "${1:-6.1}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
build/kferry-send -d 31 --to "file:$tmp/stream" "$vmcore" >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
if build/tests/recv_damage "$tmp/stream" "${COUNT:-10000}" "${SEED:-1}"; then
	echo "ok random flips and truncations of a real stream"
else
	echo "not ok random flips and truncations of a real stream"
	exit 1
fi
