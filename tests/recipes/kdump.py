# SPDX-License-Identifier: GPL-2.0-or-later
"""A reader of kdump-compressed dumps, made from the format's description and not from the program's."""
import struct
import zlib


class Dump:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.raw = f.read()
        raw = self.raw
        if raw[:8] != b"KDUMP   ":
            raise ValueError("no KDUMP signature")
        self.status, self.block, sub, bitmaps = struct.unpack_from("<IIII", raw, 424)
        self.nr_cpus = struct.unpack_from("<I", raw, 460)[0]
        self.phys_base, self.level = struct.unpack_from("<qi", raw, self.block)
        self.max_mapnr = struct.unpack_from("<Q", raw, self.block + 96)[0]
        half = bitmaps * self.block // 2
        first = (1 + sub) * self.block
        size = (self.max_mapnr + 7) // 8
        self.ram = self.bits(raw[first:first + size])
        self.dumped = self.bits(raw[first + half:first + half + size])
        self.table = (1 + sub + bitmaps) * self.block

    @staticmethod
    def bits(data):
        return {byte * 8 + bit for byte, value in enumerate(data) if value for bit in range(8) if value >> bit & 1}

    def pages(self):
        """(pfn, contents) of every page that was dumped."""
        for i, pfn in enumerate(sorted(self.dumped)):
            offset, size, flags, _ = struct.unpack_from("<QIIQ", self.raw, self.table + 24 * i)
            data = self.raw[offset:offset + size]
            if flags == 1:
                data = zlib.decompress(data)
            elif flags:
                raise ValueError("page 0x%x: codec 0x%x" % (pfn, flags))
            if len(data) != self.block:
                raise ValueError("page 0x%x has %d bytes" % (pfn, len(data)))
            yield pfn, data
