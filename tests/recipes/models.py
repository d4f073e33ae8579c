# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory models: where the struct pages of a machine lie, and what its memory says of that."""
import struct

PAGE = 4096
BLOCK = 512     # readers take the struct pages of so many pfns at once
VMEMMAP = {4: 0xffffea0000000000, 5: 0xffd4000000000000}
NOWHERE = 0x3fffff000   # a physical page that no PT_LOAD has


def described(recipe):
    """First pfns of the blocks whose struct pages a reader may want."""
    blocks = {pfn // BLOCK for pfn in recipe.ram_pfns()}
    for first, end, _ in recipe.marks:
        blocks.update(range(first // BLOCK, (end - 1) // BLOCK + 1))
    return sorted(b * BLOCK for b in blocks)


def lacks(recipe, pfn, how):
    return any(first <= pfn < end and how == kind for (first, end), kind in recipe.nostruct)


class Vmemmap:
    """struct page of pfn at base + pfn * size, whatever lies between."""

    def __init__(self, machine, by):
        self.m, self.by, self.size = machine, by, machine.era.page.size
        self.base = VMEMMAP[machine.levels]
        self.frames = {}    # virtual page to physical page
        first, end = machine.recipe_range("memmap")
        if by == "2M":
            self.chunk = first * PAGE
            if self.chunk % (1 << 21):
                raise ValueError("memmap must begin at a multiple of 0x200 pages")
            self.end = end * PAGE

    def va_of(self, pfn):
        return self.base + pfn * self.size

    def frame(self, va):
        page = va // PAGE * PAGE
        if page not in self.frames:
            if self.by == "2M":
                paddr = self.chunk + (page - self.base)
                if not self.chunk <= paddr < self.end:
                    raise MemoryError("struct pages reach beyond memmap")
                self.m.memory.write(paddr, b"\xff" * PAGE)
            else:
                paddr = self.m.memmap.take(PAGE)
                self.m.memory.write(paddr, b"\xff" * PAGE)
            self.frames[page] = paddr
        return self.frames[page]

    def put(self, pfn, raw):
        va, at = self.va_of(pfn), 0
        while at < len(raw):
            n = min(PAGE - (va + at) % PAGE, len(raw) - at)
            self.m.memory.write(self.frame(va + at) + (va + at) % PAGE, raw[at:at + n])
            at += n

    def place(self, sp):
        for pfn, like in sp.shared.items():
            self.frames[self.va_of(pfn)] = self.frame(self.va_of(like))
        for pfn, raw in sp.pages.items():
            how = [k for k in ("unmapped", "unread", "absent") if lacks(self.m.recipe, pfn, k)]
            if not how:
                self.put(pfn, raw)
        for block in described(self.m.recipe):
            for va in range(self.va_of(block) // PAGE * PAGE, self.va_of(block + BLOCK), PAGE):
                pfn = (va - self.base) // self.size
                if lacks(self.m.recipe, pfn, "unread"):
                    self.frames[va] = NOWHERE
                elif not lacks(self.m.recipe, pfn, "unmapped") and not lacks(self.m.recipe, pfn, "absent"):
                    self.frame(va)
        if self.by == "2M":
            self.m.tables.map(self.base, self.chunk, "2M")
            return
        for va, paddr in self.frames.items():
            self.m.tables.map(va, paddr)


class Array:
    """Struct pages of pfns [first, end) in one piece of the direct map."""

    def __init__(self, machine, first, end):
        self.m, self.first, self.size = machine, first, machine.era.page.size
        size = (end - first) * self.size
        self.paddr = machine.memmap.take(size, 64)
        machine.memory.write(self.paddr, b"\xff" * size)
        self.va = machine.direct(self.paddr)

    def put(self, pfn, raw):
        self.m.memory.write(self.paddr + (pfn - self.first) * self.size, raw)


class Arrays:
    """Several such: of sections without vmemmap, of nodes, or of the whole machine."""

    def __init__(self, machine, ranges):
        self.arrays = [(first, end, Array(machine, first, end)) for first, end in ranges]

    def array_of(self, pfn):
        for first, end, array in self.arrays:
            if first <= pfn < end:
                return array
        return None

    def va_of(self, pfn):
        array = self.array_of(pfn)
        return array.va + (pfn - array.first) * array.size if array else 0

    def place(self, sp):
        for pfn, raw in sp.pages.items():
            array = self.array_of(pfn)
            if array:
                array.put(pfn, raw)


class Sparse:
    """Sections in one array or in roots; struct pages in vmemmap or section by section in the direct map."""

    def __init__(self, m, extreme, vmemmap):
        self.m, self.extreme = m, extreme
        self.bits = int(m.word("section-bits", "27"))
        self.memory_bits = int(m.word("physmem-bits", "46" if m.levels == 4 else "52"))
        self.pps = 1 << self.bits - 12
        blocks = [b for b in described(m.recipe) if not lacks(m.recipe, b, "absent")]
        ends = {}
        for b in blocks:
            ends[b // self.pps] = max(ends.get(b // self.pps, 0), b + BLOCK)
        self.sections = sorted(ends)
        if vmemmap:
            self.map = Vmemmap(m, vmemmap)
        else:
            self.map = Arrays(m, [(s * self.pps, ends[s]) for s in self.sections])
        self.va_of = self.map.va_of

    def place(self, sp):
        self.map.place(sp)
        words = {s: self.va_of(s * self.pps) - s * self.pps * self.m.era.page.size | self.m.section_flags(s * self.pps)
                 for s in self.sections}
        return (self.roots if self.extreme else self.plain)(words)

    def plain(self, words):
        count = 1 << self.memory_bits - self.bits
        table = self.m.data(count * 16, 4096)
        for s, word in words.items():
            self.m.put(table + 16 * s, struct.pack("<QQ", word % (1 << 64), 0))
        return self.keys(table, count)

    def roots(self, words):
        count = max(1, (1 << self.memory_bits - self.bits) * 16 // PAGE)
        table = self.m.image.take(count * 8)
        pages = {}
        for s, word in words.items():
            root, slot = divmod(s, PAGE // 16)
            if root not in pages:
                pages[root] = self.m.image.take(PAGE)
                self.m.memory.word(table + 8 * root, self.m.direct(pages[root]))
            self.m.memory.word(pages[root] + 16 * slot, word)
        va = self.m.direct(table)
        if self.m.word("mem-section", "") == "pointer":
            pointer = self.m.data(8)
            self.m.put(pointer, struct.pack("<Q", va))
            va = pointer
        return self.keys(va, count)

    def keys(self, va, count):
        out = ["SYMBOL(mem_section)=%x" % va, "LENGTH(mem_section)=%d" % count, "SIZE(mem_section)=16",
               "OFFSET(mem_section.section_mem_map)=0"]
        if "section" in self.m.era.exports or "section-bits" in self.m.recipe.words:
            out.append("NUMBER(SECTION_SIZE_BITS)=%d" % self.bits)
        if "physmem" in self.m.era.exports or "physmem-bits" in self.m.recipe.words:
            out.append("NUMBER(MAX_PHYSMEM_BITS)=%d" % self.memory_bits)
        if "vmemmap" in self.m.era.exports and isinstance(self.map, Vmemmap):
            out.append("SYMBOL(vmemmap)=%x" % self.map.base)
        return out


class Flat:
    def __init__(self, m):
        self.m = m
        self.map = Arrays(m, [(0, described(m.recipe)[-1] + BLOCK)])
        self.va_of = self.map.va_of

    def place(self, sp):
        self.map.place(sp)
        pointer, pgdat = self.m.data(8), self.m.pgdats[0]
        self.m.put(pointer, struct.pack("<Q", self.map.arrays[0][2].va))
        return ["SYMBOL(mem_map)=%x" % pointer, "SYMBOL(contig_page_data)=%x" % pgdat]


class Discontig:
    """One array for each node."""

    def __init__(self, m):
        self.m = m
        self.map = Arrays(m, m.recipe.nodes)
        self.va_of = self.map.va_of

    def place(self, sp):
        self.map.place(sp)
        for n, (first, end, array) in enumerate(self.map.arrays):
            self.m.put(self.m.pgdats[n] + self.m.NODE_MEM_MAP, struct.pack("<Q", array.va))
        return ["OFFSET(pglist_data.node_mem_map)=%d" % self.m.NODE_MEM_MAP]


def make(machine):
    words = machine.word("model", "sparse-extreme vmemmap=4K").split()
    vmemmap = dict(w.partition("=")[::2] for w in words).get("vmemmap")
    if words[0] == "flat":
        return Flat(machine)
    if words[0] == "discontig":
        return Discontig(machine)
    if words[0] not in ("sparse", "sparse-extreme"):
        raise ValueError("no memory model is called %s" % words[0])
    return Sparse(machine, words[0] == "sparse-extreme", vmemmap)
