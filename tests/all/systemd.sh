#!/bin/bash
# systemd.sh: all of tests/vm/systemd.sh, in guests of two Debians.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
status=0
for SUITE in bookworm trixie; do
	export SUITE
	"$here/../vm/systemd.sh" | sed "s/^\(ok\|not ok\) /&$SUITE-/" || status=1
done
exit "$status"
