#!/bin/bash
# power-states.sh: recv_power, recv_faults and recv_walk as far as they can go: every state recovered, every call, depth 8.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
cd "$(dirname "$0")/../.."
make -s -j2 build/tests/recv_power build/tests/recv_faults build/tests/recv_walk
export POWER_SAMPLES=100 POWER_EVERY=1 POWER_TWICE_EVERY=60 FAULTS_EVERY=1 WALK_DEPTH=8 WALK_INTRO_DEPTH=6
status=0
for t in recv_power recv_faults recv_walk; do
	if "build/tests/$t"; then echo "ok $t"; else echo "not ok $t"; status=1; fi
done
exit "$status"
