#!/bin/bash
# bench.sh: all benchmarks, kferry beside today's peers, one after the other; at the end one table.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# BENCH="transfer wire" runs only these parts; each is a script of that name beside this one, which prints its piece of
# the table, and says at its top what it does and which knobs it has.
# RUNS=5 of everything, in turn; medians. VMCORE=PATH takes that one for the transfers. The table is also in build/bench/table.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-bench.sh"
export RUNS=${RUNS:-5}
read -r -a parts <<<"${BENCH:-scan transfer wire links capture profile ciphers}"
peer=$("$root/tests/judge/makedumpfile.sh" reader)
failed=0

mkdir -p "$root/build/bench"
for part in "${parts[@]}"; do
	echo "bench: $part, since $(date +%H:%M:%S)" >&2
	status=0
	"$here/$part.sh" >"$root/build/bench/$part" || status=$?
	[ "$status" = 0 ] || [ "$status" = 77 ] || failed=1
done

{
	echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, $(awk '$1 == "MemTotal:" { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GiB;" \
		"Linux $(uname -r); $(date +%F); ${RUNS} runs"
	echo "peers: makedumpfile $(peer_version "$peer") -F -l or -z, ssh -c aes128-gcm ($(ssh -V 2>&1 | cut -d, -f1)), makedumpfile -R"
	for part in "${parts[@]}"; do
		echo
		if [ -s "$root/build/bench/$part" ]; then cat "$root/build/bench/$part"; else echo "$part: no result"; fi
	done
} | cat -s | tee "$root/build/bench/table"
exit "$failed"
