# A real vmcore's saved stream, and dumps of its first bytes; sourced by the scripts that cut streams.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Needs lib-cases.sh, lib-receiver.sh, lib-dumps.sh.
#   stream_of VMCORE      makes ./stream at level 31, and ./report
#   cut_places N          N places in ./stream, uniform in bytes, from the end of the vital pages to one byte before its end
#   cut_at BYTES          ./dumps, a dump of so much of ./stream; prints its directory

stream_of() {
	"$SEND" -d 31 --message-level 18 --to file:stream "$1" 2>report || { cat report; fail "no stream"; }
}

cut_places() {
	"$LIB_CUTSTREAM/streamcut.py" stream "$1" | tail -n +2
}

cut_at() {
	local status=0
	rm -rf dumps
	mkdir dumps
	head -c "$1" stream | "$RECV" --dir dumps --replay - >said 2>&1 || status=$?
	[ "$status" = 3 ] || { cat said >&2; fail "a stream of $1 bytes: kferry-recv exits $status, not 3"; }
	dump_in dumps
}

LIB_CUTSTREAM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
