#!/bin/bash
# structure.sh: the house keeps its rules: arrows, libraries, no hidden state, documents that are true.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Looks at what git tracks, and at the objects of the plain build in build/.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# verdict NAME: fails with what stands in $tmp/said, if anything does.
verdict() {
	if [ -s "$tmp/said" ]; then
		echo "not ok $1"
		sed 's/^/    /' "$tmp/said"
		failed=1
	else
		echo "ok $1"
	fi
	: >"$tmp/said"
}

table() { grep -v '^#' "$here/$1"; }

# FILE INCLUDED-PATH of every quoted include in the programs.
includes() { git grep -hn '' /dev/null 2>/dev/null; git grep -E '^#include "' -- common proto sender receiver | sed 's/:#include "/ /; s/".*//'; }

arrows() {
	local file path from to allowed
	while read -r file path; do
		from=${file%/*} to=${path%/*}
		[ "$from" != "$to" ] || continue
		allowed=$(table arrows | awk -v r="$from" '$1 == r { $1 = ""; print $0 " ." }')
		[ -n "$allowed" ] || { echo "$file lies in a room that tests/structure/arrows does not know"; continue; }
		case "$allowed " in *" $to "*) ;; *) echo "$file includes $path: $from may not include $to" ;; esac
	done < <(includes) >"$tmp/said"
	verdict arrows
}

# Rooms that must not be able to touch a file, a socket or a clock.
no_io() {
	git grep -nE '^#include <(unistd|fcntl|stdio|sys/.*|netinet/.*|netdb|poll|event2/.*|time|pthread)\.h>' -- proto \
		sender/filter/classify.c sender/filter/classify.h sender/kernel/layout.h >"$tmp/said"
	verdict no-io-in-proto-and-classify
	git grep -nE 'kf_(slot|window|batch|pages)' -- sender/transport >"$tmp/said"
	git grep -nE '#include <(sys/socket|event2/.*|netinet/.*)\.h>' -- receiver/kdump receiver/pagecodec receiver/store >>"$tmp/said"
	verdict transport-knows-no-page-and-kdump-no-socket
	# Only these print: libraries give statuses.
	git grep -nE '\b(printf|puts|perror|fprintf|vfprintf|exit|abort)\(' -- common proto sender receiver |
		grep -vE '^(common/(log|options)\.[ch]|sender/main\.c|sender/dump/progress\.c|receiver/main\.c|receiver/stream/print[a-z_]*\.c|receiver/net/[a-z]*\.c):' >"$tmp/said"
	verdict libraries-do-not-print-or-exit
}

needed() {
	local program wanted found
	while read -r program wanted; do
		found=$(readelf -d "build/$program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort | xargs)
		[ "$found" = "$wanted" ] || echo "$program links: $found; tests/structure/needed says: $wanted"
	done < <(table needed) >"$tmp/said"
	verdict needed-libraries
}

# Sections that hold what can change, in any object. Tables of constants that need relocation are .data.rel.ro.
state() {
	local object
	while read -r object; do
		size -A "$object" | awk -v o="$object" '$1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $1 !~ /rel\.ro/ && $2 > 0 { print o ": " $1 " " $2 " bytes" }'
	done < <(find build/common build/proto build/sender build/receiver -name '*.o') |
		grep -v '^build/sender/vmcore/guard.o: .tbss' >"$tmp/said" # a signal handler has no context argument
	verdict no-mutable-state-in-file-scope
}

files() {
	git ls-files -- '*.c' '*.h' '*.sh' '*.py' Makefile .ci/run | while read -r f; do
		head -n 4 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$f has no SPDX line"
	done >"$tmp/said"
	verdict spdx
	git ls-files | grep -E '(^|/)(utils?|misc|helpers?)\.[a-z]+$' >"$tmp/said"
	verdict no-file-named-for-nothing
	git ls-files -- common proto sender receiver | grep '\.[ch]$' | xargs wc -l | awk '$2 != "total" && $1 > 400 { print $2 " has " $1 " lines" }' >"$tmp/said"
	verdict small-rooms
	git ls-files -- common proto sender receiver | grep '\.[ch]$' | xargs wc -l | awk '$2 != "total" { print $1 }' | sort -n |
		awk '{ v[NR] = $1 } END { print "    " NR " files, median " v[int((NR + 1) / 2)] " lines, largest " v[NR] }'
	# The machine it was written on, and where its packages came from, are nobody's business.
	git grep -nE '((^|[ =:(\x27])/root/|/home/[a-z]|deb\.debian\.org|ftp\.debian\.org|registry\.npmjs)' -- ':!tests/structure/structure.sh' >"$tmp/said"
	verdict no-path-of-a-machine
}

# Every path that a document names in backquotes or as a link exists.
documents() {
	local doc path
	for doc in README.md docs/*.md; do
		{ grep -oE '`[a-z.]+/[A-Za-z0-9_./*-]+`' "$doc" | tr -d '`'; grep -oE '\]\([A-Za-z0-9_./-]+\)' "$doc" | sed "s|^](|$(dirname "$doc")/|; s|)\$||"; } |
			grep -vE '^(build|dumps|proc)/' | sort -u | while read -r path; do
			compgen -G "$path" >/dev/null || echo "$doc names $path, which does not exist"
		done
	done >"$tmp/said"
	verdict documents-name-what-exists
}

# docs/PROTOCOL.md has every constant of proto/wire.h, with its value.
constants() {
	sed -n '/<!-- constants -->/,/<!-- \/constants -->/p' docs/PROTOCOL.md | sed -n 's/^| \(KF_[A-Z0-9_]*\) | \([^ ]*\) |.*/\1 \2/p' >"$tmp/doc"
	{
		echo '#include <stdio.h>'
		echo '#include "proto/wire.h"'
		echo 'int main(void) {'
		while read -r name value; do printf '\tif ((unsigned long long)(%s) != %sull) puts("docs/PROTOCOL.md: %s is not %s");\n' "$name" "$value" "$name" "$value"; done <"$tmp/doc"
		echo 'return 0; }'
	} >"$tmp/constants.c"
	{ gcc -I. -o "$tmp/constants" "$tmp/constants.c" 2>&1 && "$tmp/constants"; } >"$tmp/said"
	{ sed -n 's/^#define \(KF_[A-Z0-9_]*\) .*/\1/p' proto/wire.h; sed -n 's/^\t\(KF_[A-Z0-9_]*\) = .*/\1/p' proto/wire.h; } | grep -v '^KF_MAGIC$' | while read -r name; do
		grep -q "^$name " "$tmp/doc" || echo "docs/PROTOCOL.md lacks $name of proto/wire.h"
	done >>"$tmp/said"
	verdict protocol-constants
}

arrows
no_io
needed
state
files
documents
constants
exit "$failed"
