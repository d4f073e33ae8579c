#!/bin/bash
# power-loss.sh: the power of a dump server in a guest goes 30 times.
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$(dirname "$0")/../vm/power.sh" 30
