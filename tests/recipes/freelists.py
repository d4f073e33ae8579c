# SPDX-License-Identifier: GPL-2.0-or-later
"""Free lists of the zones: how kernels before 3.9 tell which pages are free. Threaded through struct page's lru."""
import struct

import eras


def thread(machine, model):
    """Fills each node's one zone. Where free pages are marked nobody follows these lists, and they stay empty."""
    if machine.era.types:
        return
    for (first, end), pgdat in zip(machine.nodes, machine.pgdats):
        machine.put(pgdat, struct.pack("<Q", end - first))      # spanned_pages
        machine.put(pgdat + machine.NR_ZONES, struct.pack("<I", 1))
        free = 0
        for order in range(eras.BUDDY_ORDERS):
            blocks = [pfn for pfn, o in machine.struct_pages.blocks if o == order and first <= pfn < end]
            free += len(blocks) << order
            thread_order(machine, model, pgdat + machine.ZONE_FREE_AREA + order * machine.FREE_AREA_BYTES, blocks)
        machine.put(pgdat + 32, struct.pack("<Q", free))        # vm_stat[NR_FREE_PAGES]


def thread_order(machine, model, area, blocks):
    """Five migrate types; all blocks are on the first one's list."""
    for kind in range(1, 5):
        head = area + 16 * kind
        machine.put(head, struct.pack("<QQ", head, head))
    ring = [area] + [model.va_of(pfn) + machine.era.page.lru for pfn in blocks]
    for i, element in enumerate(ring):
        links = struct.pack("<QQ", ring[(i + 1) % len(ring)], ring[i - 1])
        if i == 0:
            machine.put(element, links)
        else:
            machine.memory.write(element - machine.page_offset, links)
