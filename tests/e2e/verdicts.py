#!/usr/bin/env python3
# verdicts.py A B: how many pages a saved stream A keeps that the saved stream B of the same vmcore leaves out.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Knows of the protocol only the frame header and where in a WINDOW the runs of verdicts lie (proto/wire.h).
import struct
import sys

WINDOW = 9
BEFORE_COUNTS = 24 + 2 * 16 + 12 * 8  # flags, runs, range, two carries, tally


def varint(payload, at):
    value = shift = 0
    while True:
        byte = payload[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def window(payload):
    """The window's pages, a byte each: 1 is kept."""
    _, _, first, end = struct.unpack_from("<IIQQ", payload)
    ranges = sum(struct.unpack_from("<II", payload, BEFORE_COUNTS))
    at = BEFORE_COUNTS + 8 + 16 * ranges
    pages = bytearray(end - first)
    pfn, kept = 0, False
    while at < len(payload):
        count, at = varint(payload, at)
        if kept:
            pages[pfn : pfn + count] = b"\1" * count
        pfn += count
        kept = not kept
    return pages


def verdicts(path):
    pages = bytearray()
    with open(path, "rb") as stream:
        stream.seek(32)
        while header := stream.read(24):
            _, kind, _, length = struct.unpack_from("<HBBI", header)
            if kind == WINDOW:
                pages += window(stream.read(length))
            else:
                stream.seek(length, 1)
    return int.from_bytes(pages, "little")


print(bin(verdicts(sys.argv[1]) & ~verdicts(sys.argv[2])).count("1"))
