#!/bin/bash
# build.sh: builds kferry-judge into the build directory if its sources are newer, and prints its path.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../.." && pwd)/build/tests/kferry-judge

mkdir -p "${out%/*}"
if [ ! -x "$out" ] || [ -n "$(find "$here" -name '*.[ch]' -newer "$out" -print -quit)" ]; then
	# shellcheck disable=SC2046 # pkg-config's answer is words
	gcc -std=c17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Wconversion -o "$out.$$" "$here"/*.c \
		$(pkg-config --cflags --libs libkdumpfile)
	mv "$out.$$" "$out"
fi
echo "$out"
