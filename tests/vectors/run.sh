#!/bin/bash
# run.sh [BUILD]: feeds every vector to the programs in BUILD (build); prints a line `ok NAME` or `not ok NAME` for each.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ok-* must give what its line in STORIES says, with every page that the stream carried, and come out of kferry-send
# --replay as it went in; should-fail-* must leave nothing that is called finished, and say why. tests/unit/vectors.c asks
# the parser alone.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd) || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

wrong() { # NAME REASON: once for each vector
	[ -n "$verdict" ] || { echo "not ok $1: $2"; [ ! -s "$tmp/said" ] || sed 's/^/    /' "$tmp/said"; }
	verdict=bad failed=1
}

left() { [ -n "$(find "$tmp/dumps" -name "$1")" ]; }

# Replays vector $1 into a directory of its own and holds what is left against its story.
replay() { # NAME STATUSES BY SAID
	local name=$1 status=0
	rm -rf "$tmp/dumps" && mkdir "$tmp/dumps"
	"$build/kferry-recv" --dir "$tmp/dumps" --replay "$here/v1/$name" >"$tmp/said" 2>&1 || status=$?
	case ,$2, in
	*,$status,*) ;;
	*) wrong "$name" "status $status, wanted $2" ;;
	esac
	if [ "$status" = 0 ]; then
		left vmcore || wrong "$name" "no vmcore"
	else
		! left vmcore || wrong "$name" "a file that is called vmcore"
		[ "$4" = - ] || grep -qF -- "$4" "$tmp/said" || wrong "$name" "does not say '$4'"
	fi
	if [ "$status" = 3 ]; then
		left vmcore-incomplete || wrong "$name" "no vmcore-incomplete"
	fi
}

# An ok vector's dump holds what the stream carried, read by other code than the programs'.
compare_it() { # NAME
	local dump
	dump=$(find "$tmp/dumps" -name 'vmcore*' ! -name '*.txt')
	python3 -B "$here/compare.py" "$here/v1/$1" "$dump" >"$tmp/said" 2>&1 || wrong "$1" "the dump is another"
}

# What the printer says of it is its own affair, but it must not crash, and must take what is right for what it is.
print_it() { # NAME STATUSES BY
	local status=0
	"$build/kferry-recv" --print "$here/v1/$1" >"$tmp/said" 2>&1 || status=$?
	[ "$status" -lt 126 ] || wrong "$1" "--print ends with status $status"
	if [ "$3" = - ] && [ "$status" != "$2" ]; then wrong "$1" "--print ends with status $status, wanted $2"; fi
}

send_it() { # NAME
	rm -f "$tmp/again"
	"$build/kferry-send" --replay "$here/v1/$1" --to "file:$tmp/again" >"$tmp/said" 2>&1 || wrong "$1" "kferry-send --replay fails"
	cmp -s "$here/v1/$1" "$tmp/again" || wrong "$1" "kferry-send --replay sends other bytes"
}

# Released vectors are never edited: each file is what it was, and none is there that the list of sums does not have.
verdict=
if (cd "$here/v1" && sha256sum --quiet --check SHA256SUMS && diff <(sed 's/.*  //' SHA256SUMS) <(find . -type f ! -name SHA256SUMS -printf '%P\n' | sort)) \
	>"$tmp/said" 2>&1; then echo "ok vectors are frozen"; else wrong v1 "a released vector is another, or not in SHA256SUMS"; fi
verdict=
if python3 -B "$here/make.py" --check >"$tmp/said" 2>&1; then echo "ok vectors and their maker agree"; else wrong make.py "vectors are others"; fi
while IFS=$'\t' read -r name direction statuses by said story; do
	case $name in '#'*) continue ;; esac
	verdict=
	if [ "$direction" = sender ]; then
		replay "$name" "$statuses" "$by" "$said"
		case $name in ok-*) compare_it "$name" ;; esac
		print_it "$name" "$statuses" "$by"
		case $name in
		ok-abort.stream) ;; # kferry-send goes on to END or says that there is none
		ok-*) send_it "$name" ;;
		esac
	fi
	[ -n "$verdict" ] || echo "ok $name: $story"
done <"$here/v1/STORIES"
exit "$failed"
