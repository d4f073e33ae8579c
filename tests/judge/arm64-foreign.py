#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64-foreign.py VMCORE: changes a vmcore that QEMU wrote, in place, into one that makedumpfile 1.7.8 understands.

The program headers go right behind the ELF header: QEMU puts section headers there, and makedumpfile looks for program headers
there whatever e_phoff says. And a kernel made for 52 bits of addresses, with pages of 4 or 16 KiB, that found a machine with
fewer: VMCOREINFO then gets the words of a kernel made for those fewer bits. Its tables are the same; only PHYS_OFFSET is counted
from another PAGE_OFFSET. Prints "reworded" if it did so.
"""
import re
import struct
import sys

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHOFF, SHOFF, EHSIZE, PHENTSIZE, PHNUM = 5, 6, 8, 9, 10
PN_XNUM = 0xffff
NOTES_MAX = 1 << 20


def move_headers(core):
    core.seek(0)
    header = list(EHDR.unpack(core.read(EHDR.size)))
    if header[0][:6] != b"\x7fELF\x02\x01" or header[PHNUM] == PN_XNUM:
        sys.exit("arm64-foreign.py: not such a file")
    core.seek(header[PHOFF])
    programs = core.read(header[PHENTSIZE] * header[PHNUM])
    header[PHOFF], header[SHOFF], header[EHSIZE] = EHDR.size, 0, EHDR.size
    header[PHNUM + 1:] = 0, 0, 0
    core.seek(0)
    core.write(EHDR.pack(*header) + programs)


def number(notes, key):
    found = re.search(rb"\nNUMBER\(%s\)=(\S+)\n" % key, notes)
    return found and (found.span(1), int(found[1], 0))


def reword(core):
    core.seek(0)
    notes = core.read(NOTES_MAX)
    page = int(re.search(rb"\nPAGESIZE=(\d+)\n", notes)[1])
    (at, end), configured = number(notes, b"VA_BITS")
    used = 64 - number(notes, b"TCR_EL1_T1SZ")[1]
    if page == 65536 or configured == used or configured != 52:
        return
    core.seek(at)
    core.write(b"%d" % used)
    (at, end), offset = number(notes, b"PHYS_OFFSET")
    offset = (offset + (1 << configured) - (1 << used)) % (1 << 64)
    text = b"0x%0*x" % (end - at - 2, offset)
    if len(text) != end - at:
        sys.exit("arm64-foreign.py: PHYS_OFFSET has no room")
    core.seek(at)
    core.write(text)
    print("reworded")


def main():
    with open(sys.argv[1], "r+b") as core:
        move_headers(core)
        reword(core)


main()
