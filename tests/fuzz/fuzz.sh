#!/bin/bash
# fuzz.sh [TARGET...]: each fuzz target under libFuzzer with ASan and UBSan; a finding ends it and stays in build/fuzz.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# FUZZ_SECONDS=60 for each target. The corpus is kept in the cache; the saved streams of tests/vectors are seeds too.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tests/vm/cache.sh"
cd "$root"
tests/deps.sh fuzz
[ $# -gt 0 ] || set -- stream message pages
mkdir -p build/fuzz
for target in "$@"; do
	corpus=$CACHE/fuzz/$target
	mkdir -p "$corpus"
	# The protocol and the page codecs alone: the targets do no I/O.
	clang -std=gnu17 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o "build/fuzz/$target" "tests/fuzz/$target.c" common/*.c proto/*.c pagecodec/*.c \
		$(pkg-config --cflags --libs liblz4 libzstd libdeflate lzo2 snappy libxxhash)
	echo "fuzz: $target for ${FUZZ_SECONDS:-60} s"
	"build/fuzz/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -max_len=65536 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$target-" "$corpus" tests/vectors/v1 2>&1 | grep -E '^(stat::number_of_executed|==|SUMMARY|ERROR)' || exit 1
	if ls "build/fuzz/$target-"* >/dev/null 2>&1; then
		echo "fuzz: $target has a finding in build/fuzz"
		exit 1
	fi
done
