# The fuzz targets, and which sources each is made of; sourced by fuzz.sh and replay.sh at the root of the tree.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

# shellcheck disable=SC2034 # for those that source this
TARGETS=(stream message pages session journal vmcoreinfo kallsyms dump ticket)
# shellcheck disable=SC2034
PACKAGES=(liblz4 libzstd libdeflate lzo2 snappy libxxhash jansson libelf openssl cmocka)

sources_of() { # TARGET: one a line
	local s=("tests/fuzz/$1.c" common/*.c proto/*.c pagecodec/*.c)
	case $1 in
	session | journal)
		s+=(tests/fuzz/receive.c tests/unit/recv/memio.c receiver/kdump/*.c receiver/store/*.c receiver/stream/*.c)
		;;
	vmcoreinfo) s+=(sender/kernel/*.c sender/vmcore/*.c) ;;
	dump) s+=(receiver/kdump/readback.c receiver/kdump/headercheck.c receiver/kdump/rest.c) ;;
	kallsyms) s+=(sender/kernel/*.c sender/vmcore/*.c tests/unit/image/*.c) ;;
	esac
	printf '%s\n' "${s[@]}"
}

seed_dumps() { # DIR: dumps of some vectors, for the target dump
	local v dumps
	for v in ok-minimal ok-vital-zero ok-zlib-at-rest ok-pages-lzo; do
		dumps=$(mktemp -d)
		build/kferry-recv --dir "$dumps" --replay "tests/vectors/v1/$v.stream" 2>/dev/null
		cp "$dumps"/*/vmcore "$1/dump-$v"
		rm -rf "$dumps"
	done
}
