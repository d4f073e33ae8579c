#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""damage.py zero|drop TEXT DUMP OUT: OUT is DUMP, whose pages are raw, with all pages that hold TEXT zeroed or taken out.

\\0 in TEXT is a zero byte. A page is taken out by its bit in bitmap 2 and its place in the table. Prints how many there were."""
import struct
import sys

DESCRIPTOR = struct.Struct("<QIIQ")  # offset, size, flags, page flags


def main():
    how, text, dump, out = sys.argv[1:]
    text = text.encode().replace(b"\\0", b"\0")
    data = bytearray(open(dump, "rb").read())
    block, sub_blocks, bitmap_blocks = struct.unpack_from("<III", data, 428)
    half = bitmap_blocks // 2 * block
    bitmap = (1 + sub_blocks) * block + half
    table = bitmap + half
    stored = [pfn for pfn in range(half * 8) if data[bitmap + pfn // 8] >> pfn % 8 & 1]
    kept, hit = [], 0
    for index, pfn in enumerate(stored):
        descriptor = DESCRIPTOR.unpack_from(data, table + index * DESCRIPTOR.size)
        offset, size, flags, _ = descriptor
        assert flags == 0 and size == block, "pfn %#x is not raw" % pfn
        if text not in data[offset:offset + size]:
            kept.append(descriptor)
            continue
        hit += 1
        if how == "zero":
            data[offset:offset + size] = bytes(size)
        else:
            data[bitmap + pfn // 8] &= ~(1 << pfn % 8)
    if how == "drop":
        for index, descriptor in enumerate(kept):
            DESCRIPTOR.pack_into(data, table + index * DESCRIPTOR.size, *descriptor)
    print("%d pages hold it" % hit)
    with open(out, "wb") as f:
        f.write(data)
    sys.exit(0 if hit else 1)


main()
