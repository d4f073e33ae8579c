# SPDX-License-Identifier: GPL-2.0-or-later
"""From a recipe's marks to the bytes of struct pages, in the layout of the recipe's era."""
import eras

POINTER = 0xffff888012345600    # an address_space, an anon_vma, whatever mapping points to
TAIL_MAPPING = 0xdead000000000400
ZONE = 1 << 57                  # node, zone and section stand in the upper flags, where nobody looks
FLAGS = ("lru", "private", "swapcache", "swapbacked", "hwpoison", "reserved", "waiters", "active", "head")
LOW_BITS = {"anon": 1, "movable": 2, "ksm": 3}
KNOWN = FLAGS + tuple(LOW_BITS) + ("slab", "table", "offline", "free", "unaccepted", "compound", "hugetlb", "order", "hvo", "mapping",
                                   "mapped", "word", "mapcount", "flags", "zero", "tail", "same-tails", "private-word", "plain", "tail-mapping")


class Field:
    def __init__(self, size):
        self.raw = bytearray(size)

    def put(self, at, size, value):
        self.raw[at:at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")


class StructPages:
    """PAGES: pfn to bytes. SHARED: pfn of a page of struct pages to the pfn whose memory it shows instead."""

    def __init__(self, recipe, era, va_of, free_huge_page):
        self.era, self.va_of, self.free_huge_page = era, va_of, free_huge_page
        self.pages, self.shared, self.blocks = {}, {}, []
        for first, end, marks in recipe.marks:
            unknown = set(marks) - set(KNOWN)
            if unknown:
                raise ValueError("%s: what is %s" % (recipe.path, " ".join(unknown)))
            unit = self.unit(marks, end - first)
            for pfn in range(first, end, unit):
                self.fill(pfn, min(unit, end - pfn), marks)

    @staticmethod
    def unit(marks, pages):
        for name in ("compound", "free"):
            if name in marks:
                order = int(marks[name], 0)
                return 1 << order if order <= 20 else pages
        return 1 << (eras.BUDDY_ORDERS - 1) if "unaccepted" in marks else 1

    def fill(self, pfn, pages, marks):
        self.pages[pfn] = self.head(marks)
        if "free" in marks:
            self.blocks.append((pfn, int(marks["free"], 0)))
        if "compound" not in marks:
            for p in range(pfn + 1, pfn + pages):
                self.pages[p] = self.plain(0, 0, -1, 0)
            return
        tails = pages
        if "hvo" in marks or "same-tails" in marks:
            own = 1 if "hvo" in marks else 2    # pages of struct pages that are this block's own
            tails = min(64 * own, pages)
            for p in range(pfn + 64 * own, pfn + pages, 64):
                self.shared[p] = pfn + 64 * (own - 1)
        tail = self.tail(pfn, marks)
        for p in range(pfn + 1, pfn + tails):
            self.pages[p] = tail
        if pages > 1:
            self.pages[pfn + 1] = self.first_tail(tail, marks)

    def plain(self, flags, mapping, word, refcount, private=0):
        l, f = self.era.page, Field(self.era.page.size)
        f.put(l.flags, 8, flags | ZONE)
        f.put(l.lru, 8, 0xdead000000000100)
        f.put(l.lru + 8, 8, 0xdead000000000122)
        f.put(l.mapping, 8, mapping)
        f.put(l.mapcount, 4, word)
        f.put(l.count, 4, refcount)
        f.put(l.private, 8, private)
        return bytes(f.raw)

    def head(self, marks):
        e = self.era
        flags = int(marks.get("flags", "0"), 0)
        for name in FLAGS:
            if name in marks:
                flags |= 1 << e.flags[name]
        if "compound" in marks:
            flags |= 1 << e.flags["head"]
        mapping = POINTER if "lru" in marks or "mapped" in marks or "swapcache" in marks else 0
        for name, bits in LOW_BITS.items():
            if name in marks:
                mapping = POINTER | bits
        word = int(marks.get("mapcount", "-1"), 0)
        for name in ("slab", "table", "offline", "unaccepted"):
            if name in marks:
                if name in e.types:
                    word = e.types[name]
                elif name == "slab":
                    flags |= 1 << e.flags["slab"]
        if "hugetlb" in marks and e.hugetlb == "type":
            word = e.types["hugetlb"]
        private, count = int(marks.get("private-word", "0"), 0), 1
        if "free" in marks:
            word, private, count = e.types.get("buddy", -1), int(marks["free"], 0), 0
            flags |= 0 if e.types else 1 << 19      # PG_buddy, before 2.6.38
        word = int(marks["word"], 0) if "word" in marks else word
        raw = self.plain(flags, int(marks["mapping"], 0) if "mapping" in marks else mapping, word, count, private)
        return self.as_tail(raw, POINTER) if "tail" in marks else raw

    def as_tail(self, raw, word):
        """A struct page whose compound_head says that it is a tail."""
        f = Field(0)
        f.raw = bytearray(raw)
        f.put(self.era.page.lru, 8, word | 1)
        return bytes(f.raw)

    def tail(self, pfn, marks):
        e = self.era
        if not e.tails:     # before 4.4: a flag, and the head's address over private
            return self.plain(1 << e.flags["head"] + 1, 0, -1, 0, self.va_of(pfn))
        raw = self.plain(0, int(marks.get("tail-mapping", hex(TAIL_MAPPING)), 0), -1, 0)
        if e.tails == "info":
            return self.as_tail(raw, -(64 << int(marks["compound"], 0)))
        return self.as_tail(raw, self.va_of(pfn))

    def first_tail(self, raw, marks):
        e, f = self.era, Field(0)
        f.raw = bytearray(raw)
        order = int(marks.get("order", marks["compound"]), 0)
        huge = "hugetlb" in marks
        flags = ZONE | (0 if e.tails else 1 << e.flags["head"] + 1)
        if e.order == "flags":
            flags |= order & 0xff
        elif e.order:
            f.put(e.order[1], e.order[0], order)
        if e.hugetlb == "flag" and huge:
            flags |= 1 << eras.PG_HUGETLB
        f.put(e.page.flags, 8, flags)
        if isinstance(e.hugetlb, tuple):
            size, at = e.hugetlb
            f.put(at, size, (self.free_huge_page if huge else self.free_huge_page + 64) if size == 8 else e.dtor if huge else 1)
        return bytes(f.raw)
