#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare.py STREAM DUMP: whether a kdump file holds what a stream carried; both read by code that is not the programs'."""
import struct
import sys
import zlib

import wire

HEADER_STATUS, HEADER_BLOCK, HEADER_SUB, HEADER_BITMAPS, HEADER_CPUS = 424, 428, 432, 436, 460
INCOMPLETE = 8


def lz4(data, size):
    out, at = bytearray(), 0

    def more(n):
        nonlocal at
        if n == 15:
            while True:
                n += data[at]
                at += 1
                if data[at - 1] != 255:
                    break
        return n

    while at < len(data):
        token = data[at]
        at += 1
        n = more(token >> 4)
        out += data[at:at + n]
        at += n
        if at == len(data):
            break
        back = struct.unpack_from("<H", data, at)[0]
        at += 2
        for _ in range(more(token & 15) + 4):
            out.append(out[-back])
    assert len(out) == size
    return bytes(out)


def read_stream(path):
    """What the stream says: pages, RAM, notes, and the fields of DUMP."""
    data, at = open(path, "rb").read(), 32
    said = {"pages": {}, "ram": set(), "notes": b""}
    while at < len(data):
        kind, length = struct.unpack_from("<2xBxI", data, at)
        p, at = data[at + 24:at + 24 + length], at + 24 + length
        if kind == wire.DUMP:
            (_, said["cpus"], said["max_mapnr"], said["phys_base"], said["time"], _, said["info_at"], said["info_bytes"],
             said["level"]) = struct.unpack_from("<IIQQQQQII", p)
            said["uts"] = p[64:]
        elif kind == wire.RAM:
            for i in range(struct.unpack_from("<4xI", p)[0]):
                said["ram"] |= set(range(*struct.unpack_from("<QQ", p, 8 + 16 * i)))
        elif kind == wire.NOTES:
            said["notes"] += p[8:]
        elif kind == wire.BATCH:
            read_batch(p, said["pages"])
    return said


def read_batch(p, pages):
    codec, runs, raw_bytes, stored = struct.unpack_from("<BxxxIII", p)
    body = p[24 + 16 * runs:]
    raw = lz4(body, raw_bytes) if codec == wire.LZ4 else body
    for i in range(runs):
        first, count, zero = struct.unpack_from("<QII", p, 24 + 16 * i)
        for pfn in range(first, first + count):
            pages[pfn] = bytes(wire.PAGE) if zero else raw[:wire.PAGE]
            raw = raw if zero else raw[wire.PAGE:]


def bits(bitmap):
    return {8 * i + k for i, byte in enumerate(bitmap) for k in range(8) if byte >> k & 1}


def read_dump(path):
    data = open(path, "rb").read()
    assert data[:8] == b"KDUMP   " and struct.unpack_from("<i", data, 8)[0] == 6
    block, sub, blocks = struct.unpack_from("<iiI", data, HEADER_BLOCK)
    half, bitmap = blocks // 2 * block, (1 + sub) * block
    table = bitmap + 2 * half
    got = {"uts": data[12:402], "time": struct.unpack_from("<q", data, 408)[0], "cpus": struct.unpack_from("<i", data, HEADER_CPUS)[0],
           "incomplete": bool(struct.unpack_from("<I", data, HEADER_STATUS)[0] & INCOMPLETE), "pages": {},
           "ram": bits(data[bitmap:bitmap + half])}
    got["phys_base"], got["level"] = struct.unpack_from("<Qi", data, block)
    info_at, got["info_bytes"], note_at, note_bytes = struct.unpack_from("<4Q", data, block + 32)
    got["info_at"] = info_at - note_at if got["info_bytes"] else 0
    got["max_mapnr"] = struct.unpack_from("<Q", data, block + 96)[0]
    got["notes"] = data[note_at:note_at + note_bytes]
    for rank, pfn in enumerate(sorted(bits(data[bitmap + half:table]))):
        offset, size, flags, page_flags = struct.unpack_from("<QIIQ", data, table + 24 * rank)
        stored = data[offset:offset + size]
        assert flags in (0, 1) and page_flags == 0 and len(stored) == size, "descriptor of pfn %#x" % pfn
        got["pages"][pfn] = zlib.decompress(stored) if flags else stored
    return got


def main():
    said, got = read_stream(sys.argv[1]), read_dump(sys.argv[2])
    wrong = [key for key in said if said[key] != got[key]]
    if got["incomplete"] != (not sys.argv[2].endswith("/vmcore")):
        wrong.append("the incomplete flag")
    for key in wrong:
        print("the dump has another " + key)
    sys.exit(1 if wrong else 0)


main()
