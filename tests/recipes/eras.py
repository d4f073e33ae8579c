# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel eras: where struct page's fields lie, which numbers its flags and types have, and what VMCOREINFO tells of it."""
from types import SimpleNamespace

# Fields of struct page by era. Compound fields lie in the first tail's struct page.
PAGE_2_6 = dict(size=56, flags=0, count=8, mapcount=12, private=16, mapping=24, lru=40)
PAGE_3 = dict(size=64, flags=0, mapping=8, mapcount=24, count=28, lru=32, private=48)
PAGE_4_18 = dict(size=64, flags=0, lru=8, mapping=24, private=40, mapcount=48, count=52)

# Flag numbers, as the kernels of the era export them.
FLAGS_OLD = dict(lru=5, active=6, slab=7, reserved=10, private=11, head=14, swapcache=16, swapbacked=19, hwpoison=23)
FLAGS_4_4 = dict(lru=5, active=6, slab=7, reserved=10, private=11, head=14, swapcache=15, swapbacked=18, hwpoison=21)
FLAGS_4_10 = dict(lru=5, active=6, waiters=7, slab=8, swapcache=9, reserved=11, private=12, head=15, swapbacked=18, hwpoison=22)
FLAGS_5 = dict(lru=4, active=5, waiters=7, slab=9, swapcache=10, reserved=12, private=13, head=16, swapbacked=19, hwpoison=23)
FLAGS_6_6 = dict(lru=5, head=6, waiters=7, active=8, slab=11, swapcache=12, reserved=14, private=15, swapbacked=18, hwpoison=22)
FLAGS_6_10 = dict(lru=5, head=6, waiters=7, active=8, swapcache=10, reserved=13, private=14, swapbacked=17, hwpoison=20)

BITS = dict(buddy=-129, offline=-257, table=-513)
BITS_6_9 = dict(BITS, hugetlb=-2049)
BITS_6_10 = dict(BITS_6_9, slab=-4097)
BITS_6_11 = dict(buddy=-0x40000001, offline=-0x20000001, table=-0x10000001, hugetlb=-0x4000001, slab=-0x2000001)
BYTES = dict(buddy=0xf0000000, offline=0xf1000000, table=0xf2000000, hugetlb=0xf4000000, slab=0xf5000000,
             unaccepted=0xf7000000)
BYTES = {k: v - (1 << 32) for k, v in BYTES.items()}


def era(release, page, flags, types, **rest):
    e = SimpleNamespace(release=release, page=SimpleNamespace(**page), flags=flags, types=types,
                        tails="head", order=None, hugetlb=None, dtor=2, log="prb", exports=(), count="_refcount",
                        uts_offset=0, root="init_top_pgt", page_offset=0xffff888000000000, section_flags=0x0f)
    vars(e).update(rest)
    return e


# order: (bytes, offset in the first tail); "flags" is the low byte of its flags. hugetlb: likewise, or a flag, or a type.
# exports: what the kernels of that time tell, where it is not in all of them.
MODERN = ("uts", "l5", "sme", "physmem", "section", "phys_base", "swapbacked", "offline")
OLD_WAY = dict(root="init_level4_pgt", uts_offset=4, page_offset=0xffff880000000000)
ERAS = {
    "2.6.32": era("2.6.32", PAGE_2_6, FLAGS_OLD, {}, tails=None, order=(8, 48), hugetlb=(8, 40), log="bytes", count="_count",
                  section_flags=3, **OLD_WAY),
    "3.10": era("3.10.0", dict(PAGE_3, size=56), FLAGS_OLD, dict(buddy=-128), tails=None, order=(8, 40), hugetlb=(8, 32),
                log="log", exports=("hwpoison",), count="_count", section_flags=3, **OLD_WAY),
    "4.3": era("4.3.0", PAGE_3, FLAGS_OLD, dict(buddy=-128), tails=None, order=(8, 40), hugetlb=(8, 32),
               exports=("hwpoison", "head_mask", "free_huge_page"), count="_count", section_flags=3, **dict(OLD_WAY, log="printk_log")),
    "4.4": era("4.4.0", PAGE_3, FLAGS_4_4, dict(buddy=-128), order=(4, 44), hugetlb=(4, 40),
               exports=("hwpoison", "head_mask", "free_huge_page"), count="_count", section_flags=3, **dict(OLD_WAY, log="printk_log")),
    "4.9": era("4.9.0", PAGE_3, FLAGS_4_4, dict(buddy=-128), order=(4, 44), hugetlb=(4, 40),
               exports=("hwpoison", "head_mask", "compound", "dtor"), section_flags=3, **dict(OLD_WAY, log="printk_log")),
    "4.14": era("4.14.0", PAGE_3, FLAGS_4_10, dict(buddy=-128), order=(4, 44), hugetlb=(4, 40), log="printk_log", uts_offset=4,
                exports=("hwpoison", "head_mask", "compound", "dtor", "phys_base"), page_offset=0xffff880000000000,
                section_flags=7),
    "4.19": era("4.19.0", PAGE_4_18, FLAGS_4_10, {"buddy": -129}, order=(1, 17), hugetlb=(1, 16), log="printk_log", uts_offset=4,
                exports=("hwpoison", "head_mask", "compound", "dtor", "phys_base", "l5", "swapbacked"), section_flags=7),
    "5.4": era("5.4.0", PAGE_4_18, FLAGS_5, BITS, order=(1, 17), hugetlb=(1, 16), log="printk_log", uts_offset=4,
               exports=("hwpoison", "head_mask", "compound", "dtor", "phys_base", "l5", "sme", "swapbacked", "offline")),
    "5.10": era("5.10.0", PAGE_4_18, FLAGS_5, BITS, order=(1, 17), hugetlb=(1, 16), uts_offset=4,
                exports=tuple(x for x in MODERN if x != "uts") + ("hwpoison", "head_mask", "compound", "dtor")),
    "6.1": era("6.1.0", PAGE_4_18, FLAGS_5, BITS, order=(1, 17), hugetlb=(1, 16),
               exports=MODERN + ("hwpoison", "head_mask", "compound", "dtor")),
    "6.4": era("6.4.0", PAGE_4_18, FLAGS_5, BITS, order=(1, 17), hugetlb=(1, 16),
               exports=MODERN + ("hwpoison", "head_mask", "folio", "dtor")),
    "6.6": era("6.6.0", PAGE_4_18, FLAGS_6_6, BITS, order="flags", hugetlb="flag",
               exports=MODERN + ("hwpoison", "head_mask", "pg_hugetlb")),
    "6.9": era("6.9.0", PAGE_4_18, FLAGS_6_6, BITS_6_9, order="flags", hugetlb="type",
               exports=MODERN + ("hwpoison", "head_mask", "vmemmap")),
    "6.10": era("6.10.0", PAGE_4_18, FLAGS_6_10, BITS_6_10, order="flags", hugetlb="type",
                exports=MODERN + ("hwpoison", "head_mask", "vmemmap")),
    "6.11": era("6.11.0", PAGE_4_18, FLAGS_6_10, BITS_6_11, order="flags", hugetlb="type",
                exports=MODERN + ("hwpoison", "head_mask", "vmemmap")),
    "6.12": era("6.12.0", PAGE_4_18, FLAGS_6_10, {k: v for k, v in BYTES.items() if k != "unaccepted"}, order="flags",
                hugetlb="type", exports=MODERN + ("hwpoison", "head_mask", "vmemmap")),
    "6.16": era("6.16.0", PAGE_4_18, FLAGS_6_10, BYTES, order="flags", hugetlb="type",
                exports=MODERN + ("hwpoison", "head_mask", "vmemmap")),
    "7.1": era("7.1.0", PAGE_4_18, FLAGS_6_10, BYTES, order="flags", hugetlb="type", tails="info",
               exports=MODERN + ("hwpoison", "head_mask", "vmemmap")),
}
# The bit that says hugetlb in the first tail's flags, 6.6 to 6.8. Its low byte holds the order.
PG_HUGETLB = 8
BUDDY_ORDERS = 11
