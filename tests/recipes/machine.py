# SPDX-License-Identifier: GPL-2.0-or-later
"""A small machine made from a recipe: its memory, its page tables, its VMCOREINFO, its vmcore."""
import struct

import elfcore
import eras
import freelists
import klog
import models
from memory import PAGE, Memory, Store
from paging import PageTables
from structpage import StructPages

KERNEL_MAP = 0xffffffff80000000
DIRECT_5 = 0xff11000000000000
TEXT_PAGES = "4"    # at the start of the kernel's range, without the right to write; data and tables follow
SIZES = {"4K": 1 << 12, "2M": 1 << 21, "1G": 1 << 30}


class Machine:
    # Where fields lie in the made-up pglist_data, whose one zone comes first.
    NR_ZONES, NODE_MEM_MAP, NODE_START_PFN, NODE_SPANNED, NODE_ID = 1088, 1096, 1104, 1112, 1120
    PGDAT_BYTES, ZONE_BYTES, ZONE_FREE_AREA, FREE_AREA_BYTES = 1152, 1088, 64, 88

    def __init__(self, recipe):
        self.recipe, self.era = recipe, eras.ERAS[recipe.words["era"]]
        self.levels = int(self.word("paging", "4"))
        self.sme_mask = 1 << 47 if self.word("sme", "") else 0
        self.page_offset = DIRECT_5 if self.levels == 5 else self.era.page_offset
        self.memory = Memory()
        self.kernel = self.recipe_range("kernel")
        self.text = int(self.word("text", "0xffffffff81000000"), 0)
        self.text_pages = int(self.word("text-pages", TEXT_PAGES), 0)
        self.phys_base = self.kernel[0] * PAGE - (self.text - KERNEL_MAP)
        self.stamp()
        self.image = Store(self.memory, self.kernel[0] + self.text_pages, self.kernel[1])
        self.memmap = Store(self.memory, *self.recipe_range("memmap"))
        self.log_text = None
        self.build()

    def word(self, name, otherwise):
        return self.recipe.words.get(name, otherwise)

    def recipe_range(self, name):
        first, _, last = self.recipe.words[name].partition("-")
        return int(first, 0), int(last, 0) + 1

    def stamp(self):
        for pfn in self.recipe.ram:
            self.memory.stamp(pfn)
        for first, end, marks in self.recipe.marks:
            if "zero" in marks:
                for pfn in range(first, end):
                    self.memory.pages[pfn] = bytearray(PAGE)

    # Addresses

    def direct(self, paddr):
        return self.page_offset + paddr

    def text_va(self, paddr):
        return self.text + paddr - self.kernel[0] * PAGE

    def data(self, size, align=8):
        """Memory of the kernel image; its virtual address."""
        return self.text_va(self.image.take(size, align))

    def put(self, va, raw):
        self.memory.write(va - self.text + self.kernel[0] * PAGE, raw)

    def section_flags(self, pfn):
        return int(self.word("section-flags", hex(self.era.section_flags)), 0)

    # Building

    def build(self):
        root = self.image.take(PAGE)
        self.tables = PageTables(self.memory, self.image, root, self.levels, self.sme_mask)
        self.root_va = self.text_va(root)
        self.make_uts()
        self.log_keys = klog.make(self.era.log, self)
        self.make_nodes()
        self.free_huge_page = self.text + 0x1230
        model = models.make(self)
        self.struct_pages = StructPages(self.recipe, self.era, model.va_of, self.free_huge_page)
        self.model_keys = model.place(self.struct_pages)
        freelists.thread(self, model)
        self.map_kernel()
        self.info = self.vmcoreinfo()
        self.all_segments, self.cached = self.segments(), {}

    def make_uts(self):
        names = ("Linux", "recipe", self.era.release + self.word("release", "-recipe"), "#1 SMP", "x86_64", "(none)")
        self.release = names[2]
        self.uts = self.data(4 + 6 * 65)
        self.put(self.uts + self.era.uts_offset, b"".join(n.encode().ljust(65, b"\0") for n in names))

    def make_nodes(self):
        nodes = self.nodes = self.recipe.nodes or [(0, max(self.recipe.ram) + 1)]
        self.online, self.node_data, self.pgdats = self.data(8), self.data(8 * 64), []
        self.put(self.online, struct.pack("<Q", sum(1 << n for n in range(len(nodes)) if n not in self.recipe.offline_nodes)))
        for n, (first, end) in enumerate(nodes):
            pgdat = self.data(self.PGDAT_BYTES, 64)
            self.put(pgdat + self.NODE_START_PFN, struct.pack("<QQI", first, end - first, n))
            self.put(self.node_data + 8 * n, struct.pack("<Q", pgdat))
            self.pgdats.append(pgdat)

    def map_kernel(self):
        for pfn in range(*self.kernel):
            self.tables.map(self.text_va(pfn * PAGE), pfn * PAGE, writable=pfn >= self.kernel[0] + self.text_pages)
        by = self.word("direct", "2M")
        for paddr in sorted({pfn * PAGE // SIZES[by] * SIZES[by] for pfn in self.recipe.ram}):
            self.tables.map(self.direct(paddr), paddr, by)

    def vmcoreinfo(self):
        e, has = self.era, self.era.exports.__contains__
        l, f = e.page, e.flags
        out = ["OSRELEASE=" + self.release, "PAGESIZE=4096", "SYMBOL(init_uts_ns)=%x" % self.uts]
        out += ["OFFSET(uts_namespace.name)=0"] if has("uts") else []
        out += ["SYMBOL(node_online_map)=%x" % self.online, "SYMBOL(swapper_pg_dir)=%x" % self.root_va,
                "SYMBOL(_stext)=%x" % self.text]
        out += self.model_keys
        out += ["SIZE(page)=%d" % l.size, "SIZE(pglist_data)=%d" % self.PGDAT_BYTES, "SIZE(zone)=%d" % self.ZONE_BYTES,
                "SIZE(free_area)=%d" % self.FREE_AREA_BYTES, "SIZE(list_head)=16",
                "SIZE(nodemask_t)=8", "OFFSET(page.flags)=%d" % l.flags, "OFFSET(page.%s)=%d" % (e.count, l.count),
                "OFFSET(page.mapping)=%d" % l.mapping, "OFFSET(page.lru)=%d" % l.lru]
        if "buddy" in e.types:
            out += ["OFFSET(page._mapcount)=%d" % l.mapcount, "OFFSET(page.private)=%d" % l.private]
        out += self.compound_keys()
        out += ["OFFSET(pglist_data.node_zones)=0", "OFFSET(pglist_data.nr_zones)=%d" % self.NR_ZONES,
                "OFFSET(pglist_data.node_start_pfn)=%d" % self.NODE_START_PFN,
                "OFFSET(pglist_data.node_spanned_pages)=%d" % self.NODE_SPANNED, "OFFSET(pglist_data.node_id)=%d" % self.NODE_ID,
                "OFFSET(zone.free_area)=%d" % self.ZONE_FREE_AREA, "OFFSET(zone.vm_stat)=32", "OFFSET(zone.spanned_pages)=0",
                "OFFSET(free_area.free_list)=0", "OFFSET(list_head.next)=0", "OFFSET(list_head.prev)=8",
                "LENGTH(zone.free_area)=%d" % eras.BUDDY_ORDERS]
        out += self.log_keys
        out += ["LENGTH(free_area.free_list)=5", "NUMBER(NR_FREE_PAGES)=0", "NUMBER(PG_lru)=%d" % f["lru"],
                "NUMBER(PG_private)=%d" % f["private"], "NUMBER(PG_swapcache)=%d" % f["swapcache"]]
        out += self.type_keys()
        if has("phys_base"):
            out.append("NUMBER(phys_base)=%d" % self.phys_base)
        out.append("SYMBOL(%s)=%x" % (e.root, self.root_va))
        out += ["NUMBER(pgtable_l5_enabled)=%d" % (self.levels == 5)] if has("l5") else []
        out += ["SYMBOL(node_data)=%x" % self.node_data, "LENGTH(node_data)=64"] if not self.word("model", "").startswith("flat") else []
        out += ["KERNELOFFSET=%x" % (self.text - 0xffffffff81000000), "NUMBER(KERNEL_IMAGE_SIZE)=1073741824"]
        out += ["NUMBER(sme_mask)=%d" % self.sme_mask] if has("sme") else []
        out.append("CRASHTIME=1795500625")
        return "".join(line + "\n" for line in self.with_own_keys(out))

    def compound_keys(self):
        e, out = self.era, []
        has = e.exports.__contains__
        if has("compound"):
            out += ["OFFSET(page.compound_dtor)=%d" % e.hugetlb[1], "OFFSET(page.compound_order)=%d" % e.order[1]]
        if has("folio"):
            out += ["OFFSET(folio._folio_dtor)=%d" % (e.page.size + e.hugetlb[1]),
                    "OFFSET(folio._folio_order)=%d" % (e.page.size + e.order[1])]
        # Exported since 4.6, as the order was.
        if e.tails and self.recipe.words["era"] != "4.4":
            out.append("OFFSET(page.compound_%s)=%d" % (e.tails, e.page.lru))
        return out

    def type_keys(self):
        e, out = self.era, []
        has = e.exports.__contains__
        if has("swapbacked"):
            out.append("NUMBER(PG_swapbacked)=%d" % e.flags["swapbacked"])
        if "slab" in e.types:
            out.append("NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=%d" % e.types["slab"])
        elif "buddy" in e.types:
            out.append("NUMBER(PG_slab)=%d" % e.flags["slab"])
        if has("hwpoison"):
            out.append("NUMBER(PG_hwpoison)=%d" % e.flags["hwpoison"])
        if has("head_mask"):
            out.append("NUMBER(PG_head_mask)=%d" % (1 << e.flags["head"]))
        if has("pg_hugetlb"):
            out.append("NUMBER(PG_hugetlb)=%d" % eras.PG_HUGETLB)
        if has("dtor"):
            out.append("NUMBER(HUGETLB_PAGE_DTOR)=%d" % e.dtor)
        if has("free_huge_page"):
            out.append("SYMBOL(free_huge_page)=%x" % self.free_huge_page)
        for name in ("buddy", "hugetlb", "offline", "unaccepted"):
            if name in e.types:
                out.append("NUMBER(PAGE_%s_MAPCOUNT_VALUE)=%d" % (name.upper(), e.types[name]))
        return out

    def with_own_keys(self, lines):
        """`key -NUMBER(PG_hwpoison)` takes a line out, `key NUMBER(x)=1` puts one in or another in its place."""
        for key in self.recipe.keys:
            name = key.lstrip("-").partition("=")[0]
            lines = [line for line in lines if line.partition("=")[0] != name]
            if not key.startswith("-"):
                lines.append(key)
        return lines + self.recipe.appended

    # The file

    def segments(self):
        first, end = (p * PAGE for p in self.kernel)
        out = [elfcore.Segment(self.text, first, end, end)]
        for load in self.recipe.loads:
            out.append(elfcore.Segment(self.direct(load.start), load.start, load.end, load.file_end))
        for h in self.recipe.phdrs:
            out.append(elfcore.Segment(h["vaddr"], h["paddr"], h["paddr"] + h["size"], h["paddr"] + h["size"]))
        return out

    def write(self, path):
        info = elfcore.note(b"VMCOREINFO", 0, self.info.encode())
        cpus = elfcore.note(b"CORE", 1, elfcore.prstatus(1)) + elfcore.note(b"CORE", 1, elfcore.prstatus(0))
        if self.word("device-dump", ""):
            cpus = elfcore.note(b"LINUX", 0x700, b"recipe".ljust(44, b"\0") + bytes(int(self.word("device-dump", "0")))) + cpus
        groups = [cpus + info] if self.word("notes", "1") == "1" else [cpus, info]
        elfcore.write(path, self.memory, self.all_segments, groups, self.word("phdrs", "aligned") == "aligned")

    def contents(self, pfn):
        """What a dump must hold of a page: the bytes that lie in a PT_LOAD, zeros for the rest."""
        if pfn not in self.cached:
            page, out = self.memory.page(pfn), bytearray(PAGE)
            for s in self.all_segments:
                a, b = max(s.start - pfn * PAGE, 0), min(s.file_end - pfn * PAGE, PAGE)
                if a < b:
                    out[a:b] = page[a:b]
            self.cached[pfn] = bytes(out)
        return self.cached[pfn]

    def max_mapnr(self):
        return max((s.end + PAGE - 1) // PAGE for s in self.all_segments if s.start < 1 << 52)
