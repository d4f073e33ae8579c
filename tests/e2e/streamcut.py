#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""streamcut.py STREAM N: where a saved stream can be cut behind its vital pages: N places uniform in bytes, a line each.

The first line is where the vital part ends. Read by the frames' headers alone; see docs/PROTOCOL.md, section 3.
"""
import os
import struct
import sys

PREFACE, HEADER, WINDOW = 32, 24, 9


def vital_end(stream):
    at = PREFACE
    while True:
        stream.seek(at)
        header = stream.read(HEADER)
        if len(header) < HEADER:
            sys.exit("the stream has no WINDOW")
        magic, kind, _, length = struct.unpack_from("<HBBI", header)
        if magic != 0x464B:
            sys.exit(f"no frame at byte {at}")
        payload = stream.read(4)
        at += HEADER + length
        if kind == WINDOW:
            if not struct.unpack("<I", payload)[0] & 1:
                sys.exit("the first WINDOW is not of vital pages")
            return at


with open(sys.argv[1], "rb") as f:
    first, last, count = vital_end(f), os.fstat(f.fileno()).st_size, int(sys.argv[2])
print(first)
for i in range(count):
    print(first + (last - 1 - first) * i // max(count - 1, 1))
