#!/bin/bash
# fuzz.sh [TARGET...]: each fuzz target under libFuzzer with ASan and UBSan; a finding ends it and stays in build/fuzz.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# FUZZ_SECONDS=60 for each target. The corpus is kept in the cache; the saved streams of tests/vectors/v1 are seeds, and what
# seeds.py makes.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tests/vm/cache.sh"
cd "$root"
tests/deps.sh fuzz
. tests/fuzz/targets.sh
[ $# -gt 0 ] || set -- "${TARGETS[@]}"
mkdir -p build/fuzz
python3 -B tests/fuzz/seeds.py build/fuzz/seeds
make -s all
seed_dumps build/fuzz/seeds
for target in "$@"; do
	corpus=$CACHE/fuzz/$target
	mkdir -p "$corpus"
	mapfile -t sources < <(sources_of "$target")
	mapfile -t flags < <(pkg-config --cflags --libs "${PACKAGES[@]}" | tr -s ' ' '\n' | grep .)
	clang -std=gnu17 -D_GNU_SOURCE -I. -pthread -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-DKF_PROGRAM_VERSION='"fuzz"' -o "build/fuzz/$target" "${sources[@]}" "${flags[@]}"
	echo "fuzz: $target for ${FUZZ_SECONDS:-60} s"
	status=0
	"build/fuzz/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=20 -max_len=131072 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$target-" "$corpus" tests/vectors/v1 build/fuzz/seeds >"build/fuzz/$target.log" 2>&1 || status=$?
	grep -E '^(stat::number_of_executed|==|SUMMARY|ERROR)' "build/fuzz/$target.log" || true
	if [ "$status" != 0 ] || ls "build/fuzz/$target-"* >/dev/null 2>&1; then
		echo "fuzz: $target has a finding in build/fuzz"
		exit 1
	fi
done
