#!/bin/bash
# mutants.sh [SOURCE...]: every condition of the page decision negated, every number off by one: a test must notice each.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Works in a copy of the tree. Without arguments: the decision itself and what prepares it.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
git ls-files -z | xargs -0 cp -a --parents -t "$tmp"
[ $# -gt 0 ] || set -- sender/filter/classify.c sender/kernel/layout.c sender/kernel/compound.c
python3 "$tmp/tests/mutants/mutants.py" "$tmp" "$@"
