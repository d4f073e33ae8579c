#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare.py STREAM DUMP: whether a kdump file holds what a stream carried; both read by code that is not the programs'."""
import ctypes
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


def library(name, function):
    f = getattr(ctypes.CDLL(name), function)
    f.restype = ctypes.c_size_t
    return f


def unpack(flag, data, size=wire.PAGE):
    """A page as it rests, by the codec's own library."""
    out = ctypes.create_string_buffer(size)
    n = ctypes.c_size_t(size)
    if flag == wire.RAW:
        return data
    if flag == wire.ZLIB:
        return zlib.decompress(data)
    if flag == wire.LZO:
        bad = library("liblzo2.so.2", "lzo1x_decompress_safe")(data, ctypes.c_size_t(len(data)), out, ctypes.byref(n), None)
    elif flag == wire.SNAPPY:
        bad = library("libsnappy.so.1", "snappy_uncompress")(data, ctypes.c_size_t(len(data)), out, ctypes.byref(n))
    else:
        assert flag == wire.REST_ZSTD
        bad = library("libzstd.so.1", "ZSTD_decompress")(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data))) != size
    assert not bad and n.value == size
    return out.raw


def unpack_batch(codec, body, size):
    if codec == wire.LZ4:
        return lz4(body, size)
    if codec == wire.ZSTD and size:
        return unpack(wire.REST_ZSTD, body, size)
    if codec != wire.PAGES:
        return body
    count = size // wire.PAGE
    at, raw = 4 * count, b""
    for (entry,) in struct.iter_unpack("<I", body[:at]):
        raw += unpack(entry >> 24, body[at:at + (entry & 0xFFFFFF)])
        at += entry & 0xFFFFFF
    return raw


def read_stream(path):
    """What the stream says: pages, RAM, notes, and the fields of DUMP."""
    data, at = open(path, "rb").read(), 32
    said = {"pages": {}, "ram": set(), "notes": b""}
    while at < len(data):
        kind, length = struct.unpack_from("<2xBxI", data, at)
        p, at = data[at + 24:at + 24 + length], at + 24 + length
        if kind == wire.DUMP:
            (_, said["cpus"], said["max_mapnr"], said["phys_base"], said["time"], _, said["info_at"], said["info_bytes"],
             said["level"], said["rest"]) = struct.unpack_from("<IIQQQQQIII", p)
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
    raw = unpack_batch(codec, body[:stored], raw_bytes)
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
           "ram": bits(data[bitmap:bitmap + half]), "rest": struct.unpack_from("<I", data, HEADER_STATUS)[0] & ~INCOMPLETE}
    got["phys_base"], got["level"] = struct.unpack_from("<Qi", data, block)
    info_at, got["info_bytes"], note_at, note_bytes = struct.unpack_from("<4Q", data, block + 32)
    got["info_at"] = info_at - note_at if got["info_bytes"] else 0
    got["max_mapnr"] = struct.unpack_from("<Q", data, block + 96)[0]
    got["notes"] = data[note_at:note_at + note_bytes]
    for rank, pfn in enumerate(sorted(bits(data[bitmap + half:table]))):
        offset, size, flags, page_flags = struct.unpack_from("<QIIQ", data, table + 24 * rank)
        stored = data[offset:offset + size]
        assert flags in (0, got["rest"]) and page_flags == 0 and len(stored) == size, "descriptor of pfn %#x" % pfn
        got["pages"][pfn] = unpack(flags, stored)
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
