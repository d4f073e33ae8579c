#!/bin/bash
# structure.sh [BUILD]: the tree's own rules, on its sources and on what was built into BUILD (build). See docs/HACKING.md.
# SPDX-License-Identifier: GPL-2.0-or-later
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 1
status=0
for check in "arrows.py" "objects.py ${1:-build}" "sources.py" "documents.py"; do
	# shellcheck disable=SC2086 # a script and its argument
	python3 -B "$here"/$check || status=1
done
exit "$status"
