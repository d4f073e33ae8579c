# SPDX-License-Identifier: GPL-2.0-or-later
"""Page tables of x86_64, 4 or 5 levels, with mappings of 4 KiB, 2 MiB and 1 GiB."""

PRESENT, WRITE = 1, 2
LARGE = 1 << 7
SHIFTS = {"4K": 12, "2M": 21, "1G": 30}


class PageTables:
    """TABLES gives memory for tables below the root; ENCRYPTED (sme_mask) is set in every entry."""

    def __init__(self, memory, tables, root, levels, encrypted=0):
        self.memory, self.tables, self.root = memory, tables, root
        self.top, self.encrypted = (48 if levels == 5 else 39), encrypted

    def map(self, va, paddr, size="4K", writable=True):
        table, shift = self.root, self.top
        while shift > SHIFTS[size]:
            slot = table + (va >> shift & 511) * 8
            entry = int.from_bytes(self.memory.read(slot, 8), "little")
            if not entry & 1:
                entry = self.tables.take(4096) | PRESENT | WRITE | self.encrypted
                self.memory.word(slot, entry)
            table = entry & 0x000ffffffffff000 & ~self.encrypted
            shift -= 9
        flags = PRESENT | (WRITE if writable else 0) | self.encrypted | (LARGE if shift > 12 else 0)
        self.memory.word(table + (va >> shift & 511) * 8, paddr >> shift << shift | flags)
