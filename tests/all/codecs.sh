#!/bin/bash
# codecs.sh [table] [VMCORE]: every codec at rest with every codec on the wire gives the same pages; which reader reads which.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A vmcore of kernel 6.1, unless another is given. The pages are compared with the vmcore's as libkdumpfile reads them, and
# with each other by the digest over all of them. `table` prints the two tables of docs/DUMP-FORMAT.md instead: sizes beside
# makedumpfile's of the same vmcore, and who reads what.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
build=${KFERRY_BUILD:-$root/build}
send=$build/kferry-send recv=$build/kferry-recv
mode=check
if [ "${1:-}" = table ]; then mode=table && shift; fi
vmcore=$(readlink -f "${1:-$("$root/tests/vm/vmcore.sh" 6.1)}")
judge=$("$root/tests/judge/build.sh")
sid=$("$root/tests/judge/makedumpfile.sh" reader)
bookworm=$("$root/tests/judge/makedumpfile.sh" 6.1)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
"$here/../deps.sh" codecs

rests="zlib lzo snappy zstd raw" wires="none lz4 zstd pages"
readers="libkdumpfile makedumpfile-bookworm makedumpfile-sid crash drgn"

option() { # REST
	case $1 in zlib) echo -c ;; lzo) echo -l ;; snappy) echo -p ;; zstd) echo -z ;; raw) echo --raw ;; esac
}

# make LEVEL REST WIRE: the dump is then $tmp/dump, its manifest $tmp/manifest.json.
make() {
	rm -rf "$tmp/dir" "$tmp/stream" && mkdir "$tmp/dir"
	"$send" -d "$1" "$(option "$2")" --wire "$3" --message-level 4 --to "file:$tmp/stream" "$vmcore"
	"$recv" --dir "$tmp/dir" --replay "$tmp/stream" >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
	rm "$tmp/stream"
	mv "$tmp"/dir/*/vmcore "$tmp/dump"
	mv "$tmp"/dir/*/manifest.json "$tmp/manifest.json"
}

result() { # NAME STATUS
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		status=1
	fi
}

# Which codec each reader must read, and which it must not: docs/DUMP-FORMAT.md says so.
reads() { # READER REST
	case $1-$2 in
	makedumpfile-*-snappy | makedumpfile-bookworm-zstd) echo no ;;
	*) echo yes ;;
	esac
}

# crash needs a kernel with debug information: without one it is not asked. drgn reads some kept pages of the middle.
vmlinux=
if [ -x "$root/tests/crash/vmlinux.sh" ]; then vmlinux=$("$root/tests/crash/vmlinux.sh" 6.1 2>/dev/null) || vmlinux=; fi
VMLINUX=${VMLINUX:-$vmlinux}

filtered_again() { # MAKEDUMPFILE DUMP
	"$1" -f -l -d 0 "$2" "$tmp/again" >"$tmp/said" 2>&1 && "$judge" "$2" "$tmp/again" >>"$tmp/said" 2>&1
}

drgn_reads() { # DUMP: every page that the dump has is what the vmcore has
	/usr/bin/python3 - "$1" "$vmcore" <<-'PYTHON'
		import struct, sys
		import drgn
		programs = [drgn.Program(), drgn.Program()]
		for program, path in zip(programs, sys.argv[1:]):
		    program.set_core_dump(path)
		data = open(sys.argv[1], "rb")
		data.seek(424)
		_, block, sub, blocks = struct.unpack("<IiiI", data.read(16))
		data.seek((1 + sub) * block + blocks // 2 * block)
		bitmap = data.read(blocks // 2 * block)
		pages = [8 * i + k for i, byte in enumerate(bitmap) for k in range(8) if byte >> k & 1]
		sample = pages[1:-1:7]
		assert len(sample) > 100
		for pfn in sample:
		    assert len({p.read(pfn * block, block, physical=True) for p in programs}) == 1, hex(pfn)
	PYTHON
}

crash_reads() { # DUMP
	printf 'sys\nlog\nbt -a\nps\nkmem -i\nquit\n' | timeout 300 crash -s "$VMLINUX" "$1" 2>&1 | grep -v DUMPFILE >"$tmp/crash.answers"
	[ "$(wc -l <"$tmp/crash.answers")" -gt 300 ] && grep -q 'Kernel panic' "$tmp/crash.answers" || return 1
	[ -e "$tmp/crash.first" ] || cp "$tmp/crash.answers" "$tmp/crash.first"
	cmp -s "$tmp/crash.first" "$tmp/crash.answers"
}

# Prints yes, no, or - for a reader that is not here.
asks() { # READER DUMP
	case $1 in
	libkdumpfile) "$judge" --against-vmcore "$2" "$vmcore" ;;
	makedumpfile-bookworm) filtered_again "$bookworm" "$2" ;;
	makedumpfile-sid) filtered_again "$sid" "$2" ;;
	crash)
		if ! command -v crash || [ ! -e "$VMLINUX" ]; then return 77; fi
		crash_reads "$2"
		;;
	drgn)
		/usr/bin/python3 -c 'import drgn' || return 77
		drgn_reads "$2"
		;;
	esac >"$tmp/asked" 2>&1
}

answer() { # READER DUMP
	local rc=0
	asks "$@" || rc=$?
	case $rc in 0) echo yes ;; 77) echo - ;; *) echo no ;; esac
}

matrix() { # LEVEL
	local rest wire rc
	: >"$tmp/digests"
	for rest in $rests; do
		for wire in $wires; do
			rc=0
			{ make "$1" "$rest" "$wire" && "$judge" --against-vmcore "$tmp/dump" "$vmcore"; } >"$tmp/log" 2>&1 || rc=$?
			result "codecs level $1, $rest at rest, $wire on the wire" "$rc"
			[ "$rc" = 0 ] || sed 's/^/    /' "$tmp/log"
			sed -n 's/^ *"pages": "\([0-9a-f]*\)".*/\1/p' "$tmp/manifest.json" >>"$tmp/digests"
		done
	done
	rc=0
	[ "$(wc -l <"$tmp/digests")" = 20 ] && [ "$(sort -u "$tmp/digests" | wc -l)" = 1 ] || rc=1
	result "codecs level $1: 20 dumps have the same digest of pages" "$rc"
}

readers_agree() {
	local rest reader got
	for rest in $rests; do
		make 31 "$rest" lz4
		for reader in $readers; do
			got=$(answer "$reader" "$tmp/dump")
			if [ "$got" = - ]; then
				echo "skip codecs $reader: not here"
				continue
			fi
			[ "$got" = "$(reads "$reader" "$rest")" ] || sed 's/^/    /' "$tmp/asked"
			result "codecs $reader reads $rest: $got" $([ "$got" = "$(reads "$reader" "$rest")" ]; echo $?)
		done
	done
}

version() { "$1" -v 2>/dev/null | sed -n 's/^makedumpfile: version \([^ ]*\).*/\1/p'; }
sizes() { stat -c '%s %b' "$1" | awk '{ printf "%.1f | %.1f", $1 / 1e6, $2 * 512 / 1e6 }'; }
# Without the tables that checkpoints left behind st_size would be this.
size_table() {
	local level rest program
	echo "| level, codec | kferry: st_size | blocks | makedumpfile: st_size | blocks | its version |"
	echo "|---|---|---|---|---|---|"
	for level in 31 1; do
		for rest in $rests; do
			make "$level" "$rest" lz4
			program=
			for program in "$bookworm" "$sid" ""; do
				rm -f "$tmp/theirs"
				[ -n "$program" ] || break
				# shellcheck disable=SC2046 # no option is raw. Built without a codec it says so, and stores pages raw or stops.
				"$program" -f $(option "$rest" | grep -v raw) -d "$level" "$vmcore" "$tmp/theirs" >"$tmp/said" 2>&1 || continue
				! grep -qi 'option is disabled' "$tmp/said" || continue
				break
			done
			printf '| %s, %s | %s | ' "$level" "$rest" "$(sizes "$tmp/dump")"
			if [ -n "$program" ]; then echo "$(sizes "$tmp/theirs") | $(version "$program") |"; else echo "- | - | none has it |"; fi
		done
	done
}

reader_table() {
	local rest reader
	printf '| reader |'
	printf ' %s |' $rests
	printf '\n|---|---|---|---|---|---|\n'
	for rest in $rests; do
		make 31 "$rest" lz4
		mv "$tmp/dump" "$tmp/dump-$rest"
	done
	for reader in $readers; do
		printf '| %s |' "$reader"
		for rest in $rests; do printf ' %s |' "$(answer "$reader" "$tmp/dump-$rest")"; done
		echo
	done
}

if [ "$mode" = table ]; then
	echo "MB of $(basename "$vmcore"):"
	size_table
	reader_table
	exit
fi
matrix 31
matrix 1
readers_agree
exit "$status"
