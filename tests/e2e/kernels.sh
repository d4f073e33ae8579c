#!/bin/bash
# kernels.sh: the oldest and the newest kernels, and a machine of two nodes and two processors, at level 31, page for page.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# All kernels, machines and levels: tests/all/levels.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-judged.sh"

for name in 5.10 6.18 7.3 two-nodes; do
	begin "$name-kinds" "$TREE/tests/vm/kinds.sh" "$name"
	begin "$name-level-31" judged "$name" 31
done
cases_end
