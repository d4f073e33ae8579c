#!/bin/bash
# build.sh: builds kferry-relay into the build directory if its sources are newer, and prints its path.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../.." && pwd)/build/tests/kferry-relay

mkdir -p "${out%/*}"
if [ ! -x "$out" ] || [ -n "$(find "$here" -name '*.[ch]' -newer "$out" -print -quit)" ]; then
	gcc -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Wconversion -o "$out.$$" "$here"/*.c
	mv "$out.$$" "$out"
fi
echo "$out"
