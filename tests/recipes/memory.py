# SPDX-License-Identifier: GPL-2.0-or-later
"""Physical memory of a small machine, page by page, and a place in it from which its kernel takes memory."""

PAGE = 4096


class Memory:
    def __init__(self):
        self.pages = {}

    def page(self, pfn):
        return self.pages.setdefault(pfn, bytearray(PAGE))

    def stamp(self, pfn):
        """Contents by which each page is known from every other."""
        text = b"contents of page 0x%x. " % pfn
        self.pages[pfn] = bytearray((text * (PAGE // len(text) + 1))[:PAGE])

    def write(self, paddr, data):
        at = 0
        while at < len(data):
            pfn, byte = divmod(paddr + at, PAGE)
            n = min(PAGE - byte, len(data) - at)
            self.page(pfn)[byte:byte + n] = data[at:at + n]
            at += n

    def read(self, paddr, size):
        out = b""
        while len(out) < size:
            pfn, byte = divmod(paddr + len(out), PAGE)
            n = min(PAGE - byte, size - len(out))
            out += bytes(self.page(pfn)[byte:byte + n])
        return out

    def word(self, paddr, value):
        self.write(paddr, (value % (1 << 64)).to_bytes(8, "little"))


class Store:
    """Pfns [first, end), given out from the front; what is given out is zeroed."""

    def __init__(self, memory, first, end):
        self.memory, self.at, self.end = memory, first * PAGE, end * PAGE

    def take(self, size, align=PAGE):
        paddr = (self.at + align - 1) // align * align
        if paddr + size > self.end:
            raise MemoryError("the recipe gives its kernel too few pages: %d more bytes wanted before 0x%x" % (size, self.end))
        self.at = paddr + size
        self.memory.write(paddr, bytes(size))
        return paddr
