#!/bin/bash
# refusals.sh: what is refused is refused with one clear line and the right exit status, and leaves nothing that looks finished.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Vmcores that are none, are cut or lack their VMCOREINFO; receivers that are not there, may not write or have no room;
# options and targets that do not exist. Exit status: 0 nothing failed.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
# root mounts small disks, which shall go with the script
if [ "$(id -u)" = 0 ] && [ -z "${OWN_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then OWN_MOUNTS=1 exec unshare -m "$0" "$@"; fi
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"
. "$here/lib-dumps.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1)
OTHER_VMCORE=$(tests/vm/vmcore.sh 6.12)
MAKEDUMPFILE=$(tests/judge/makedumpfile.sh 6.1)
EXPECTED=$PWD/tests/judge/expected-differences
MEMORY_AT=$(($(readelf -lW "$VMCORE" | awk '$1 == "LOAD" { print $2; exit }')))
NOBODY=tcp://127.0.0.1:1 # nobody listens there; none of the refused ever gets so far

# The text of VMCOREINFO, as the note has it.
vmcoreinfo_of() {
	python3 - "$1" <<-'PYTHON'
		import struct, sys
		head = open(sys.argv[1], "rb").read(1 << 20)
		name = head.index(b"VMCOREINFO\0")
		size, = struct.unpack_from("<I", head, name - 8)
		sys.stdout.buffer.write(head[name + 12 : name + 12 + size])
	PYTHON
}
vmcoreinfo_of "$VMCORE" >"$TMP/info"
vmcoreinfo_of "$OTHER_VMCORE" >"$TMP/other-info"

# A copy whose VMCOREINFO has another name.
NO_INFO=$TMP/no-info
without_info() {
	[ ! -e "$NO_INFO" ] || return 0
	cp --sparse=always "$VMCORE" "$NO_INFO"
	printf X | dd of="$NO_INFO" bs=1 conv=notrunc status=none \
		seek="$(head -c 1M "$VMCORE" | grep -abo 'VMCOREINFO' | head -n 1 | cut -d : -f 1)"
}

made_nothing() {
	[ ! -e out ] || fail "the refused left a file behind"
}

not_elf() {
	: >empty
	echo "this is a text, not a vmcore" >text
	mkdir directory
	for file in empty text directory /dev/null; do
		says 1 "^kferry-send: $file: not an ELF file .*; give a vmcore such as /proc/vmcore\$" "$SEND" --to file:out "$file"
	done
	says 1 "^kferry-send: /bin/ls: .* not a core file; give a vmcore" "$SEND" --to file:out /bin/ls
	says 1 "^kferry-send: absent: No such file or directory\$" "$SEND" --to file:out absent
	made_nothing
}

# Every edge in what precedes the memory: fields of the ELF header, program headers and their fields, the notes'
# headers, names and contents, the first byte of memory.
header_edges() {
	python3 - "$VMCORE" <<-'PYTHON'
		import struct, sys
		head = open(sys.argv[1], "rb").read(1 << 20)
		edges = {0, 4, 5, 6, 7, 8, 9}
		def fields(at, form):
		    for size in form:
		        edges.add(at)
		        at += size
		    edges.add(at)
		fields(16, [2, 2, 4, 8, 8, 8, 4, 2, 2, 2, 2, 2, 2])
		phoff, = struct.unpack_from("<Q", head, 32)
		phsize, phnum = struct.unpack_from("<HH", head, 54)
		for i in range(phnum):
		    fields(phoff + i * phsize, [4, 4, 8, 8, 8, 8, 8, 8])
		    kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", head, phoff + i * phsize)
		    if kind == 1:
		        edges.add(offset)
		    at = offset
		    while kind == 4 and at < offset + size:
		        name, desc, _ = struct.unpack_from("<III", head, at)
		        fields(at, [4, 4, 4, name, -name % 4, desc, -desc % 4])
		        at += 12 + (name + 3) // 4 * 4 + (desc + 3) // 4 * 4
		memory = min(e for e in edges if e >= 4096 and e > phoff + phsize * phnum and e % 4096 == 0 and e > 4096)
		print(*sorted({e for n in edges for e in (n - 1, n) if 0 <= e <= memory}))
	PYTHON
}

cut_headers() {
	local at edges
	edges=$(header_edges)
	for at in $edges; do
		head -c "$at" "$VMCORE" >cut.vmcore
		says 1 '^kferry-send: cut.vmcore: .*; (give a vmcore such as /proc/vmcore|.*copy the vmcore again)$' \
			"$SEND" --to file:out cut.vmcore
		made_nothing
	done
	echo "cut at $(wc -w <<<"$edges") places, the last at $at"
	[ "$at" = "$MEMORY_AT" ] || fail "the first byte of memory lies at $MEMORY_AT"
}

# What is there goes, and is kept as an incomplete dump.
cut_memory() { # BYTES LEVEL PAGES
	head -c "$1" "$VMCORE" >cut.vmcore
	mkdir dumps
	receiver_start dumps
	ends 3 "^kferry-send: cut.vmcore: .* not whole: the vmcore ends at byte $1, before its headers say\$" \
		"$SEND" -d "$2" --to "$URL" cut.vmcore
	receiver_end 3 '^kferry-recv: 127.0.0.1: incomplete: .*input'
	lies_incomplete "$(dump_in dumps)" input
	readable_part "$(dump_in dumps)/vmcore-incomplete" "$VMCORE" "$3"
	[ "$(manifest "$(dump_in dumps)" lacking.unreadable.ranges)" != "[]" ] || fail "the manifest names no lacking range"
	[ "$(manifest "$(dump_in dumps)" pages.stored)" = "$(pages_compared)" ] || fail "the manifest counts other pages"
}

# The last byte lacks: that is one page.
cut_last_byte() {
	head -c $(($(stat -c %s "$VMCORE") - 1)) "$VMCORE" >cut.vmcore
	say 3 "$SEND" --dry-run --wire none -d 0 --message-level 20 cut.vmcore
	grep -E '^ *Unreadable pages *\(lost\) *: 0x0*1$' words
}

# Level 0 and 1 need no VMCOREINFO.
no_info_0() {
	without_info
	mkdir dumps
	receiver_start dumps
	"$SEND" -d 0 --message-level 4 --to "$URL" "$NO_INFO"
	receiver_end 0 ': whole: '
	judge_but 'A: VMCOREINFO does not lie inside the notes' --against-vmcore "$(dump_in dumps)/vmcore" "$NO_INFO"
	[ "$(pages_compared)" -gt 200000 ] || fail "that is not all memory"
}

# What makedumpfile leaves empty then, kferry fills in for the readers' sake.
no_info_1() {
	without_info
	mkdir dumps
	receiver_start dumps
	"$SEND" -d 1 --message-level 4 --to "$URL" "$NO_INFO"
	receiver_end 0 ': whole: '
	"$MAKEDUMPFILE" -l -d 1 --work-dir . --message-level 4 "$NO_INFO" peer
	judge_but '(sysname|release|version|machine): |attribute |[AB]: VMCOREINFO does not lie inside the notes' \
		"$(dump_in dumps)/vmcore" peer --level 1 --kernel 6.1 --vmcore "$NO_INFO" --expected "$EXPECTED"
}

no_info_others() {
	local level
	without_info
	for ((level = 2; level <= 31; level++)); do
		says 1 "no VMCOREINFO, .* dump level $level .*: give one with -i FILE, or take -d 0 or -d 1\$" \
			"$SEND" -d "$level" --to file:out "$NO_INFO"
	done
	made_nothing
}

given_info() {
	without_info
	mkdir dumps
	receiver_start dumps
	"$SEND" -i "$TMP/info" --message-level 4 --to "$URL" "$NO_INFO"
	receiver_end 0 ': whole: '
	"$MAKEDUMPFILE" -l -d 31 -i "$TMP/info" --work-dir . --message-level 4 "$NO_INFO" peer
	judge_but '[AB]: VMCOREINFO does not lie inside the notes' \
		"$(dump_in dumps)/vmcore" peer --level 31 --kernel 6.1 --vmcore "$NO_INFO" --expected "$EXPECTED"
}

wrong_info() {
	sed 's/^BUILD-ID=.*/BUILD-ID=0123456789abcdef/' "$TMP/info" >other-build
	grep -v '^OSRELEASE=' "$TMP/info" >nameless
	: >empty
	says 2 '^kferry-send: .*/other-info: it is of kernel 6.12.*, the vmcore of 6.1' \
		"$SEND" -i "$TMP/other-info" --to file:out "$VMCORE"
	says 2 '^kferry-send: other-build: it has build id 0123456789abcdef, the vmcore ' \
		"$SEND" -i other-build --to file:out "$VMCORE"
	for file in nameless empty /bin/ls; do
		says 1 "^kferry-send: $file: it has no OSRELEASE: this is no VMCOREINFO file\$" \
			"$SEND" -i "$file" --to file:out "$VMCORE"
	done
	says 1 '^kferry-send: absent: No such file or directory$' "$SEND" -i absent --to file:out "$VMCORE"
	made_nothing
}

# Without a VMCOREINFO of its own, memory itself must tell: that of another kernel must not decide over any page.
wrong_info_for_none() {
	without_info
	damaged_is_harmless "$TMP/other-info" "$NO_INFO"
}

dropped_in() { # REPORT
	local sum=0 pages
	while read -r pages; do sum=$((sum + pages)); done < <(sed -nE 's/^ *(Non-private cache|Private cache|User process data|Free|Hwpoison|Offline) pages *: //p' "$1")
	echo "$sum"
}

# With this VMCOREINFO the sender must refuse, keep everything and say so, or leave out no page that it would keep with
# the right one.
damaged_is_harmless() { # FILE VMCORE [LEVEL]
	local level=${3:-31} status=0 wrong
	"$SEND" --dry-run --wire none -d "$level" -i "$1" --message-level 20 "$2" 2>report || status=$?
	if [ "$status" != 0 ]; then
		echo "refused ($status): $(cat report)"
		if [ "$status" -gt 2 ] || [ "$(wc -l <report)" != 1 ]; then fail "not with one line"; fi
	elif [ "$(dropped_in report)" = 0 ]; then
		grep '^kferry-send: .*every page will be kept: ' report || fail "it keeps everything and does not say so"
	else
		rm -f stream
		[ -e "right.$level" ] || "$SEND" -d "$level" --message-level 4 --to "file:right.$level" "$VMCORE"
		"$SEND" -d "$level" -i "$1" --message-level 0 --to file:stream "$2"
		wrong=$(python3 "$here/verdicts.py" "right.$level" stream)
		echo "$(dropped_in report) pages left out, $wrong of them wrongly"
		[ "$wrong" = 0 ] || { wrong_drops=$((wrong_drops + 1)) && echo "WRONG"; }
	fi
}

# A line is removed, or gets another value.
damage() { # LEVEL KEY VALUE|gone
	grep -qF "$2=" "$TMP/info" || fail "there is no $2 to damage"
	echo "-- $2=$3, level $1"
	awk -v key="$2=" -v value="$3" 'index($0, key) != 1 { print; next } value != "gone" { print key value }' "$TMP/info" >damaged
	damaged_is_harmless damaged "$VMCORE" "$1"
}

damages() { # lines of: LEVEL KEY VALUE...
	local level key values value
	wrong_drops=0
	while read -r level key values; do
		for value in $values; do damage "$level" "$key" "$value"; done
	done
	[ "$wrong_drops" = 0 ] || fail "$wrong_drops damaged lines make it leave out pages wrongly"
}

HUGE=9223372036854775807
damaged_layout() {
	damages <<-DAMAGES
		31 SIZE(page) gone 0 -1 $HUGE junk
		31 OFFSET(page.flags) gone $HUGE
		31 OFFSET(page.mapping) gone 57 -1
		31 OFFSET(page._mapcount) $HUGE
		31 OFFSET(page.private) -1
		31 OFFSET(page.compound_head) -1
		31 OFFSET(page.compound_order) gone $HUGE
		31 NUMBER(PG_lru) gone -1
		31 NUMBER(HUGETLB_PAGE_DTOR) gone
	DAMAGES
}

# Values that no kernel can have: two fields in one place, a mask of more than one bit, a page type that every page has.
damaged_numbers() {
	damages <<-DAMAGES
		23 OFFSET(page.mapping) 0 25
		27 NUMBER(PG_private) -1
		31 SIZE(page) 65
		31 SIZE(mem_section) 24
		31 NUMBER(PG_head_mask) -1
		31 NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE) 0 -1 $HUGE
		31 NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE) 0 -1 $HUGE
		31 PAGESIZE 65536
	DAMAGES
}

damaged_translation() {
	damages <<-DAMAGES
		31 SYMBOL(init_top_pgt) gone 0 ffffffff81000000 ffffffffffffff00
		31 SYMBOL(init_uts_ns) gone ffffffff81000000
		31 SYMBOL(mem_section) gone ffff888000000000
		31 LENGTH(mem_section) 0
		31 SIZE(mem_section) gone -1
		31 OFFSET(mem_section.section_mem_map) -1
		31 NUMBER(SECTION_SIZE_BITS) 0 64 $HUGE
		31 NUMBER(MAX_PHYSMEM_BITS) 0 $HUGE
		31 NUMBER(phys_base) 0 -1 123456789
		31 NUMBER(pgtable_l5_enabled) gone 0
		31 KERNELOFFSET junk
		31 PAGESIZE 0
	DAMAGES
}

no_receiver() {
	says 1 '^kferry-send: tcp://127.0.0.1:1: cannot connect: Connection refused$' "$SEND" --give-up 0 --to "$NOBODY" "$VMCORE"
	says 1 '^kferry-send: tcp://no.such.host.invalid:7612: cannot resolve the name: ' \
		"$SEND" --give-up 0 --to tcp://no.such.host.invalid "$VMCORE"
	"$SEND" --message-level 0 --to file:stream "$VMCORE"
	says 1 '^kferry-send: tcp://127.0.0.1:1: cannot connect: Connection refused$' "$SEND" --replay --to "$NOBODY" stream
}

# Something else answers there; and something that hangs up.
other_service() { # WORDS PATTERN
	python3 - "$1" >port <<-'PYTHON' &
		import socket, sys
		listener = socket.create_server(("127.0.0.1", 0))
		print(listener.getsockname()[1], flush=True)
		client = listener.accept()[0]
		client.sendall(sys.argv[1].encode())
		while sys.argv[1] and client.recv(65536):
		    pass
	PYTHON
	until [ -s port ]; do sleep 0.02; done
	says 1 "^kferry-send: tcp://127.0.0.1:[0-9]+: $2" "$SEND" --give-up 0 --to "tcp://127.0.0.1:$(cat port)" "$VMCORE"
}

no_directory() {
	: >file
	says 1 '^kferry-recv: --dir absent: No such file or directory$' "$RECV" --dir absent --listen tcp://127.0.0.1:0
	says 1 '^kferry-recv: --dir file: Not a directory$' "$RECV" --dir file --listen tcp://127.0.0.1:0
	mkdir dumps
	receiver_start dumps
	rmdir dumps
	says 1 '^kferry-send: the receiver ended it \(system\): .*cannot make the dump.s directory: No such file' \
		"$SEND" --to "$URL" "$VMCORE"
	receiver_end 1 '^kferry-recv: 127.0.0.1: failed: .*cannot make the dump.s directory: No such file'
}

# root may write everywhere unless it gives that up
like_others=()
[ "$(id -u)" != 0 ] || like_others=(setpriv "--bounding-set=-dac_override,-dac_read_search,-fowner")

directory_not_writable() {
	mkdir -m 555 dumps
	says 1 '^kferry-recv: --dir dumps: cannot write there: Permission denied$' \
		"${like_others[@]}" "$RECV" --dir dumps --listen tcp://127.0.0.1:0
	chmod 755 dumps
	# shellcheck disable=SC2034 # receiver_start uses it
	receiver_through=("${like_others[@]}")
	receiver_start dumps
	chmod 555 dumps
	says 1 '^kferry-send: the receiver ended it \(system\): .*cannot make the dump.s directory: Permission denied' \
		"$SEND" --to "$URL" "$VMCORE"
	receiver_end 1 '^kferry-recv: 127.0.0.1: failed: .*cannot make the dump.s directory: Permission denied'
	[ -z "$(ls dumps)" ] || fail "there is something in it"
	chmod 755 dumps
}

# A case with a small file system in $DISK.
DISK=$TMP/disk
mkdir "$DISK"
begin_on_disk() { # KIB NAME FUNCTION [ARG...]
	if ! mount -t tmpfs -o "size=$1k" none "$DISK" 2>/dev/null; then
		begin "$2" skip "no small tmpfs can be mounted"
		return
	fi
	begin "${@:2}"
	umount -l "$DISK"
}

# The dump fails; the receiver says so, here and to the sender, and PAGES at least can be read.
disk_full() { # LEVEL PAGES|nothing
	local dump
	receiver_start "$DISK"
	says 1 '^kferry-send: the receiver ended it \(system\): .*No space left on device' "$SEND" -d "$1" --to "$URL" "$VMCORE"
	receiver_end 1 '^kferry-recv: 127.0.0.1: failed: .*No space left on device'
	dump=$(dump_in "$DISK")
	ls -l "$dump"
	lies_incomplete "$dump" 'No space left on device'
	[ "$2" != nothing ] || return 0
	readable_part "$dump/vmcore-incomplete" "$VMCORE" "$2"
	[ "$(manifest "$dump" pages.stored)" = "$(pages_compared)" ] || fail "the manifest counts other pages"
}

# KiB that the directory of the whole dump at level 31 needs.
enough() {
	mkdir "$TMP/whole"
	"$SEND" --message-level 0 --to file:- "$VMCORE" | "$RECV" --dir "$TMP/whole" --message-level 0 --replay -
	du -sk "$TMP/whole"/* | cut -f 1
	rm -rf "$TMP/whole"
}

saved_stream() {
	echo precious >exists
	cp exists other-incomplete
	for file in exists other; do
		says 1 "^kferry-send: file:$file: there is such a file, .*it is not overwritten" "$SEND" --to "file:$file" "$VMCORE"
	done
	cmp exists other-incomplete
	[ "$(cat exists)" = precious ] || fail "it is overwritten"
	says 1 '^kferry-send: file:absent/stream: No such file or directory$' "$SEND" --to file:absent/stream "$VMCORE"
	says 1 '^kferry-send: file:-: writing: No space left on device$' to_full
	says 1 '^kferry-send: file:-: writing: Broken pipe$' broken_pipe
}

to_full() {
	"$SEND" --to file:- "$VMCORE" >/dev/full
}

broken_pipe() {
	local pipe
	exec {pipe}> >(exec head -c 1000 >/dev/null)
	"$SEND" --to file:- "$VMCORE" >&"$pipe"
}

saved_stream_disk_full() {
	says 1 '^kferry-send: file:.*/disk/stream: .*No space left on device$' "$SEND" --to "file:$DISK/stream" "$VMCORE"
	[ ! -e "$DISK/stream" ] || fail "the stream looks finished"
	mkdir dumps
	say 3 "$RECV" --dir dumps --replay "$DISK/stream-incomplete"
	grep 'incomplete: the stream ends after [0-9]* bytes' words
	nothing_whole dumps
}

no_stream() {
	head -c 100000 /bin/ls >file
	: >empty
	mkdir dumps
	says 1 '^kferry-send: file: .*not a kferry stream' "$SEND" --replay --to file:out file
	for stream in file empty; do
		ends 1 "^kferry-recv: replay of $stream: failed: " "$RECV" --dir dumps --replay "$stream"
	done
	says 1 '^kferry-recv: absent: No such file or directory$' "$RECV" --dir dumps --replay absent
	says 1 '^kferry-send: absent: No such file or directory$' "$SEND" --replay --to file:other absent
	"$SEND" --message-level 0 --to file:stream "$VMCORE"
	{ cat stream && echo more; } >longer
	says 3 '^kferry-send: longer: there is more behind its END, from byte [0-9]+ on' "$SEND" --replay --to file:taken longer
	nothing_whole dumps
}

targets() {
	says 1 '^kferry-send: tls://there:7612: needs --psk ID:FILE, or --tls-ca, --tls-cert and --tls-key$' "$SEND" --to tls://there "$VMCORE"
	while read -r target why; do
		says 1 "^kferry-send: --to: target '.*': .*$why" "$SEND" --to "$target" "$VMCORE"
	done <<-'TARGETS'
		http://there write ssh\+tls://\[USER@\]HOST
		there write ssh\+tls://\[USER@\]HOST
		/var/crash/vmcore write ssh.*, tls://HOST\[:PORT\], or file:PATH
		tcp:// host is missing
		tcp://there:70000 no number from 0 to 65535
		tcp://there:port no number from 0 to 65535
		tcp://there/path no path may follow the host
		tcp://[::1 bracket of the IPv6 address
		file: missing
	TARGETS
}

sender_options() {
	printf 'dump-level = 31\nnonsense = 1\n' >nonsense.conf
	printf 'dump-level = 99\n' >wrong.conf
	while IFS='|' read -r options why; do
		# shellcheck disable=SC2086 # they are words
		says 1 "^kferry-send: .*$why" "$SEND" --to file:out $options "$VMCORE"
	done <<-'OPTIONS'
		-d 32|'32' is no number from 0 to 31
		-d -1|'-1' is no number
		-d 31x|'31x' is no number
		--dump-level=1,31|'1,31' is no number
		--wire gzip|is none of auto, none, lz4, zstd and pages
		--num-threads 0|'0' is no number from 1
		--cyclic-buffer 0|'0' is no number from 1
		--cyclic-buffer -5|'-5' is no number
		--message-level 32|'32' is no number from 0 to 31
		--nonsense|no option of this program; see --help
		-q|no option of this program; see --help
		-m|no option of this program; see --help
		--config absent|absent: No such file
		--config nonsense.conf|nonsense.conf:2: no option is called 'nonsense'
		--config wrong.conf|wrong.conf:1: .*'99' is no number
		--to file:2 --to file:3 --to file:4 --to file:5 --to file:6 --to file:7 --to file:8 --to file:9|more than 8 targets
		--give-up soon|'soon' is no number
		operand|one operand too many; .*--to file:
	OPTIONS
	says 1 'where shall it go\? give --to ' "$SEND" "$VMCORE"
	says 1 'give the vmcore to send' "$SEND" --to file:out
	says 1 'give the vmcore to send' "$SEND" --to file:out -i "$VMCORE"
	says 1 '--to needs a value' "$SEND" "$VMCORE" --to
	says 1 'exclude each other' "$SEND" --replay --dry-run "$VMCORE"
	made_nothing
}

receiver_options() {
	mkdir dumps
	while IFS='|' read -r options why; do
		# shellcheck disable=SC2086 # they are words
		says 1 "^kferry-recv: .*$why" "$RECV" $options
	done <<-'OPTIONS'
		|--dir DIR is needed
		--dir|--dir needs a value
		--dir dumps operand|operand is not expected; see --help
		--dir dumps --nonsense|no option of this program; see --help
		--dir dumps --listen there|target 'there': 
		--dir dumps --listen tls://127.0.0.1|nobody could come by TLS
		--dir dumps --listen tls://127.0.0.1 --tls-ca ca|--tls-ca, --tls-cert and --tls-key go together
		--dir dumps --listen tls://127.0.0.1 --psk-dir nowhere|--psk-dir nowhere: No such file or directory
		--new-key one|--new-key needs --psk-dir DIR
		--new-key ../one --psk-dir dumps|'../one' is no ID
		--dir dumps --listen ssh://127.0.0.1|only tcp:// and tls://
		--dir dumps --listen file:there|only tcp:// and tls://
		--dir dumps --listen tcp://0.0.0.0:0|not a loopback address, .*; --allow-plaintext allows it
		--dir dumps --listen tcp://[::]:0|not a loopback address
		--dir dumps --num-threads 0|'0' is no number from 1
		--dir dumps --idle-timeout x|'x' is no number from 0
		--dir dumps --message-level 32|'32' is no number from 0 to 31
		--dir dumps --stdio --replay stream|only one of
		--dir dumps --listen tcp://127.0.0.1:0 --print stream|only one of
	OPTIONS
	receiver_start dumps
	says 1 'cannot listen: Address already in use$' "$RECV" --dir dumps --listen "$URL"
	kill "$RECEIVER"
}

aside refusals-vmcoreinfo-layout damaged_layout
begin refusals-not-elf not_elf
begin refusals-cut-headers cut_headers
begin refusals-cut-in-first-pages cut_memory $((MEMORY_AT + 100000)) 31 20
begin refusals-cut-behind-the-kernel cut_memory 50000000 31 12000
begin refusals-cut-last-byte cut_last_byte
begin refusals-no-vmcoreinfo-level-0 no_info_0
begin refusals-no-vmcoreinfo-level-1 no_info_1
begin refusals-no-vmcoreinfo-others no_info_others
begin refusals-vmcoreinfo-given given_info
begin refusals-vmcoreinfo-of-another-kernel wrong_info
begin refusals-vmcoreinfo-of-another-kernel-for-none wrong_info_for_none
rm -f "$NO_INFO"
collect refusals-vmcoreinfo-layout
aside refusals-vmcoreinfo-numbers damaged_numbers
aside refusals-vmcoreinfo-translation damaged_translation
begin refusals-no-receiver no_receiver
begin refusals-other-service other_service $'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n' '.*not a kferry stream'
begin refusals-hangs-up other_service '' 'the other end hung up without a word: '
begin refusals-no-directory no_directory
begin refusals-directory-not-writable directory_not_writable
begin_on_disk 64 refusals-disk-full-at-64K disk_full 31 nothing
begin_on_disk 1024 refusals-disk-full-at-1M disk_full 31 0
begin_on_disk 30720 refusals-disk-full-at-30M disk_full 31 1000
begin_on_disk 153600 refusals-disk-full-at-150M disk_full 1 10000
begin_on_disk $(($(enough) - 256)) refusals-disk-nearly-enough disk_full 31 0
begin refusals-saved-stream saved_stream
begin_on_disk 10240 refusals-saved-stream-disk-full saved_stream_disk_full
begin refusals-no-stream no_stream
begin refusals-targets targets
begin refusals-sender-options sender_options
begin refusals-receiver-options receiver_options
collect refusals-vmcoreinfo-numbers
collect refusals-vmcoreinfo-translation
cases_end
