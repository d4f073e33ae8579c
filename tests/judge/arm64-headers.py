#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64-headers.py VMCORE: moves the program headers right behind the ELF header, in place.

QEMU puts section headers there, and makedumpfile looks for program headers there whatever e_phoff says.
"""
import struct
import sys

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHOFF, SHOFF, PHENTSIZE, PHNUM = 5, 6, 9, 10
PN_XNUM = 0xffff


def main():
    with open(sys.argv[1], "r+b") as core:
        header = list(EHDR.unpack(core.read(EHDR.size)))
        if header[0][:6] != b"\x7fELF\x02\x01" or header[PHNUM] == PN_XNUM:
            sys.exit("arm64-headers.py: %s: not such a file" % sys.argv[1])
        core.seek(header[PHOFF])
        programs = core.read(header[PHENTSIZE] * header[PHNUM])
        header[PHOFF] = EHDR.size
        header[SHOFF] = 0
        header[8] = EHDR.size  # QEMU 7.2 writes another one
        header[11:] = 0, 0, 0
        core.seek(0)
        core.write(EHDR.pack(*header) + programs)


main()
