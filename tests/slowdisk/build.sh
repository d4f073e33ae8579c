#!/bin/bash
# build.sh: builds slowdisk.so into the build directory if its source is newer, and prints its path.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../.." && pwd)/build/tests/slowdisk.so

mkdir -p "${out%/*}"
if [ ! -e "$out" ] || [ "$here/slowdisk.c" -nt "$out" ]; then
	gcc -std=gnu17 -O2 -g -Wall -Wextra -Wshadow -shared -fPIC -o "$out.$$" "$here/slowdisk.c" -ldl
	mv "$out.$$" "$out"
fi
echo "$out"
