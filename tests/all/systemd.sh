#!/bin/bash
# systemd.sh: the service in guests of other Debians than the one that make check takes.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
here=$(cd "$(dirname "$0")" && pwd)
SUITE=trixie "$here/../vm/systemd.sh"
