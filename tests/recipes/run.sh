#!/bin/bash
# run.sh [BUILD [NAME...]]: makes every recipe's vmcore, and has kferry in BUILD (build) and makedumpfile judge its pages.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints `ok NAME level L [judges]` or `not ok ...`, and at the end the table of cases and judges. `--table` writes it into README.md.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd)
shift $(($# > 0))
makedumpfile=$("$here/../judge/makedumpfile.sh" reader)
memory=
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -ge 524288 ]; then memory=/dev/shm; fi
work=$(mktemp -d ${memory:+-p "$memory"})
trap 'rm -rf "$work"' EXIT
python3 -B "$here/run.py" "$build" "$makedumpfile" "$work" "$@"
