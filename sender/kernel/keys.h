/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every VMCOREINFO key that kferry knows, once. */
#ifndef KF_KEYS_H
#define KF_KEYS_H

/*
 * X(identifier, key as it stands in VMCOREINFO). The value's form follows from the key: SYMBOL() and KERNELOFFSET
 * are hexadecimal, the others decimal, NUMBER() either. Sorted by what they serve.
 */
#define KF_VMCOREINFO_KEYS(X) \
	X(PAGESIZE, "PAGESIZE") \
	X(CRASHTIME, "CRASHTIME") \
	X(KERNELOFFSET, "KERNELOFFSET") \
	/* identity */ \
	X(SYM_INIT_UTS_NS, "SYMBOL(init_uts_ns)") \
	X(OFF_UTS_NAME, "OFFSET(uts_namespace.name)") \
	/* translation */ \
	X(SYM_SWAPPER_PG_DIR, "SYMBOL(swapper_pg_dir)") \
	X(SYM_INIT_TOP_PGT, "SYMBOL(init_top_pgt)") \
	X(SYM_INIT_LEVEL4_PGT, "SYMBOL(init_level4_pgt)") \
	X(NUM_PHYS_BASE, "NUMBER(phys_base)") \
	X(SYM_PHYS_BASE, "SYMBOL(phys_base)") \
	X(NUM_PGTABLE_L5, "NUMBER(pgtable_l5_enabled)") \
	X(NUM_SME_MASK, "NUMBER(sme_mask)") \
	X(SYM_STEXT, "SYMBOL(_stext)") \
	/* translation, arm64 */ \
	X(NUM_VA_BITS, "NUMBER(VA_BITS)") \
	X(NUM_MAX_USER_VA_BITS, "NUMBER(MAX_USER_VA_BITS)") \
	X(NUM_TCR_EL1_T1SZ, "NUMBER(TCR_EL1_T1SZ)") \
	X(NUM_PHYS_OFFSET, "NUMBER(PHYS_OFFSET)") \
	X(NUM_KIMAGE_VOFFSET, "NUMBER(kimage_voffset)") \
	/* memory models: SPARSEMEM, DISCONTIGMEM, FLATMEM */ \
	X(SYM_MEM_SECTION, "SYMBOL(mem_section)") \
	X(LEN_MEM_SECTION, "LENGTH(mem_section)") \
	X(SIZE_MEM_SECTION, "SIZE(mem_section)") \
	X(OFF_SECTION_MEM_MAP, "OFFSET(mem_section.section_mem_map)") \
	X(NUM_MAX_PHYSMEM_BITS, "NUMBER(MAX_PHYSMEM_BITS)") \
	X(NUM_SECTION_SIZE_BITS, "NUMBER(SECTION_SIZE_BITS)") \
	X(SYM_NODE_DATA, "SYMBOL(node_data)") \
	X(LEN_NODE_DATA, "LENGTH(node_data)") \
	X(SYM_NODE_ONLINE_MAP, "SYMBOL(node_online_map)") \
	X(SIZE_NODEMASK, "SIZE(nodemask_t)") \
	X(SIZE_PGLIST_DATA, "SIZE(pglist_data)") \
	X(OFF_NODE_MEM_MAP, "OFFSET(pglist_data.node_mem_map)") \
	X(OFF_NODE_START_PFN, "OFFSET(pglist_data.node_start_pfn)") \
	X(OFF_NODE_SPANNED_PAGES, "OFFSET(pglist_data.node_spanned_pages)") \
	X(SYM_MEM_MAP, "SYMBOL(mem_map)") \
	/* struct page */ \
	X(SIZE_PAGE, "SIZE(page)") \
	X(OFF_PAGE_FLAGS, "OFFSET(page.flags)") \
	X(OFF_PAGE_REFCOUNT, "OFFSET(page._refcount)") \
	X(OFF_PAGE_COUNT, "OFFSET(page._count)") \
	X(OFF_PAGE_MAPPING, "OFFSET(page.mapping)") \
	X(OFF_PAGE_MAPCOUNT, "OFFSET(page._mapcount)") \
	X(OFF_PAGE_PRIVATE, "OFFSET(page.private)") \
	X(OFF_PAGE_LRU, "OFFSET(page.lru)") \
	X(OFF_LIST_NEXT, "OFFSET(list_head.next)") \
	X(OFF_LIST_PREV, "OFFSET(list_head.prev)") \
	X(OFF_PAGE_COMPOUND_HEAD, "OFFSET(page.compound_head)") \
	X(OFF_PAGE_COMPOUND_INFO, "OFFSET(page.compound_info)") \
	X(OFF_PAGE_COMPOUND_ORDER, "OFFSET(page.compound_order)") \
	X(OFF_PAGE_COMPOUND_DTOR, "OFFSET(page.compound_dtor)") \
	X(OFF_FOLIO_ORDER, "OFFSET(folio._folio_order)") \
	X(OFF_FOLIO_DTOR, "OFFSET(folio._folio_dtor)") \
	/* page flags and types */ \
	X(NUM_PG_LRU, "NUMBER(PG_lru)") \
	X(NUM_PG_PRIVATE, "NUMBER(PG_private)") \
	X(NUM_PG_SWAPCACHE, "NUMBER(PG_swapcache)") \
	X(NUM_PG_SWAPBACKED, "NUMBER(PG_swapbacked)") \
	X(NUM_PG_SLAB, "NUMBER(PG_slab)") \
	X(NUM_PG_HEAD_MASK, "NUMBER(PG_head_mask)") \
	X(NUM_PG_HWPOISON, "NUMBER(PG_hwpoison)") \
	X(NUM_PG_HUGETLB, "NUMBER(PG_hugetlb)") \
	X(NUM_HUGETLB_DTOR, "NUMBER(HUGETLB_PAGE_DTOR)") \
	X(SYM_FREE_HUGE_PAGE, "SYMBOL(free_huge_page)") \
	X(NUM_BUDDY, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)") \
	X(NUM_SLAB, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)") \
	X(NUM_HUGETLB, "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)") \
	X(NUM_OFFLINE, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)") \
	X(NUM_UNACCEPTED, "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)") \
	X(LEN_FREE_AREA, "LENGTH(zone.free_area)") \
	/* kernel log, lockless ring */ \
	X(SYM_PRB, "SYMBOL(prb)") \
	X(SIZE_RINGBUFFER, "SIZE(printk_ringbuffer)") \
	X(OFF_RB_DESC_RING, "OFFSET(printk_ringbuffer.desc_ring)") \
	X(OFF_RB_TEXT_RING, "OFFSET(printk_ringbuffer.text_data_ring)") \
	X(OFF_DR_COUNT_BITS, "OFFSET(prb_desc_ring.count_bits)") \
	X(OFF_DR_DESCS, "OFFSET(prb_desc_ring.descs)") \
	X(OFF_DR_INFOS, "OFFSET(prb_desc_ring.infos)") \
	X(OFF_DR_HEAD_ID, "OFFSET(prb_desc_ring.head_id)") \
	X(OFF_DR_TAIL_ID, "OFFSET(prb_desc_ring.tail_id)") \
	X(SIZE_DESC, "SIZE(prb_desc)") \
	X(OFF_DESC_STATE, "OFFSET(prb_desc.state_var)") \
	X(OFF_DESC_LPOS, "OFFSET(prb_desc.text_blk_lpos)") \
	X(OFF_LPOS_BEGIN, "OFFSET(prb_data_blk_lpos.begin)") \
	X(OFF_LPOS_NEXT, "OFFSET(prb_data_blk_lpos.next)") \
	X(SIZE_INFO, "SIZE(printk_info)") \
	X(OFF_INFO_TS, "OFFSET(printk_info.ts_nsec)") \
	X(OFF_INFO_TEXT_LEN, "OFFSET(printk_info.text_len)") \
	X(OFF_INFO_CALLER, "OFFSET(printk_info.caller_id)") \
	X(OFF_TR_SIZE_BITS, "OFFSET(prb_data_ring.size_bits)") \
	X(OFF_TR_DATA, "OFFSET(prb_data_ring.data)") \
	X(OFF_ATOMIC_COUNTER, "OFFSET(atomic_long_t.counter)") \
	/* symbols that VMCOREINFO does not name */ \
	X(SYM_KALLSYMS_NAMES, "SYMBOL(kallsyms_names)") \
	X(SYM_KALLSYMS_COUNT, "SYMBOL(kallsyms_num_syms)") \
	X(SYM_KALLSYMS_TOKENS, "SYMBOL(kallsyms_token_table)") \
	X(SYM_KALLSYMS_INDEX, "SYMBOL(kallsyms_token_index)") \
	X(SYM_KALLSYMS_OFFSETS, "SYMBOL(kallsyms_offsets)") \
	X(SYM_KALLSYMS_BASE, "SYMBOL(kallsyms_relative_base)")

enum kf_key {
#define X(id, text) KF_KEY_##id,
	KF_VMCOREINFO_KEYS(X)
#undef X
	KF_KEYS
};

#endif
