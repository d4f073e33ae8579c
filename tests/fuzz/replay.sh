#!/bin/bash
# replay.sh [TARGET...]: the fuzz targets by gcc without libFuzzer: each vector and seed, and some changes of each.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. tests/fuzz/targets.sh
[ $# -gt 0 ] || set -- "${TARGETS[@]}"
mkdir -p build/fuzz
python3 -B tests/fuzz/seeds.py build/fuzz/seeds
make -s all
seed_dumps build/fuzz/seeds
mapfile -t flags < <(pkg-config --cflags --libs "${PACKAGES[@]}" | tr -s ' ' '\n' | grep .)
failed=0
for target in "$@"; do
	objects=()
	mapfile -t sources < <(sources_of "$target")
	for source in "${sources[@]}"; do
		case $source in
		tests/fuzz/*) objects+=("$source") ;;
		*) objects+=("build/${source%.c}.o") ;;
		esac
	done
	# shellcheck disable=SC2046 # a list of words
	make -s -j2 WERROR=1 $(printf '%s\n' "${objects[@]}" | grep '\.o$') >/dev/null
	${CC:-gcc} -std=gnu17 -D_GNU_SOURCE -I. -pthread -O1 -g -Wall -Wextra -Wshadow -Wconversion -Werror -o "build/fuzz/replay-$target" \
		tests/fuzz/replay.c "${objects[@]}" "${flags[@]}"
	status=0
	"build/fuzz/replay-$target" tests/vectors/v1/*.stream build/fuzz/seeds/* >build/fuzz/replay.log 2>&1 || status=$?
	if [ "$status" = 0 ]; then
		echo "ok $target: $(cat build/fuzz/replay.log)"
	else
		failed=1
		echo "not ok $target: status $status"
		cat build/fuzz/replay.log
	fi
done
exit "$failed"
