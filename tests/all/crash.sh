#!/bin/bash
# crash.sh [CASE...]: crash and drgn read kferry's dumps; first what Debian packages that needs. See tests/crash/crash.sh.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
"$tests/deps.sh" crash
exec "$tests/crash/crash.sh" "$@"
