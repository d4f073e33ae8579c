// SPDX-License-Identifier: GPL-2.0-or-later
// A small crashed machine as a vmcore; see machine.h.
#include "tests/unit/image/machine.h"

#include "tests/unit/unit.h"

#define SECTION_PFNS (MACHINE_SECTION / 4096)
#define STRUCT_PAGES 0x2000000ull
#define PRESENT 0x163ull	/* present, writable, accessed, dirty, global */
#define LARGE 0x80ull

uint64_t machine_kernel_va(uint64_t paddr)
{
	return MACHINE_KERNEL_VA + (paddr - MACHINE_KERNEL);
}

uint64_t machine_take(struct machine *m, uint64_t bytes, uint64_t align)
{
	uint64_t at = (m->free + align - 1) / align * align;

	m->free = at + bytes;
	assert_true(m->free <= MACHINE_KERNEL + MACHINE_KERNEL_BYTES);
	return at;
}

static unsigned int top_shift(const struct machine *m)
{
	return m->plan.levels == 5 ? 48 : 39;
}

uint64_t machine_entry(struct machine *m, uint64_t va, unsigned int shift)
{
	uint64_t table = m->root;

	for (unsigned int s = top_shift(m);; s -= 9) {
		uint64_t at = table + (va >> s & 511) * 8, entry;

		if (s == shift)
			return at;
		entry = core_get_u64(&m->core, at);
		if (!entry) {
			entry = machine_take(m, 4096, 4096) | PRESENT;
			core_put_u64(&m->core, at, entry);
		}
		table = entry & 0x000ffffffffff000;
	}
}

void machine_map(struct machine *m, uint64_t va, uint64_t paddr, unsigned int shift)
{
	core_put_u64(&m->core, machine_entry(m, va, shift), paddr | PRESENT | (shift > 12 ? LARGE : 0));
}

void machine_key(struct machine *m, const char *key, const char *format, ...)
{
	char line[256], changed[KEYS_MAX];
	int n = snprintf(line, sizeof(line), "%s=", key);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	keys_change(changed, m->info, key, line);
	memcpy(m->info, changed, sizeof(changed));
}

void machine_drop_key(struct machine *m, const char *key)
{
	char changed[KEYS_MAX];

	keys_change(changed, m->info, key, NULL);
	memcpy(m->info, changed, sizeof(changed));
}

static void map_memory(struct machine *m)
{
	m->root = machine_take(m, 4096, 4096);
	for (uint64_t at = 0; at < m->plan.ram; at += 1ull << 30)
		machine_map(m, m->direct + at, at, 30);
	for (uint64_t at = 0; at < MACHINE_KERNEL_BYTES; at += 2ull << 20)
		machine_map(m, MACHINE_KERNEL_VA + at, MACHINE_KERNEL + at, 21);
}

/* How many nodes begin below PFN. */
static uint64_t nodes_below(const struct machine *m, uint64_t pfn)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->plan.node_count; i++)
		n += m->plan.nodes[i].first < m->plan.nodes[i].end && m->plan.nodes[i].first <= pfn;
	return n;
}

/* From the first struct page that there could be. */
static uint64_t struct_page_offset(const struct machine *m, uint64_t pfn)
{
	return pfn * ERA_PAGE_BYTES + nodes_below(m, pfn) * MACHINE_NODE_SHIFT;
}

uint64_t machine_struct_page(const struct machine *m, uint64_t pfn)
{
	return STRUCT_PAGES + struct_page_offset(m, pfn);
}

uint64_t machine_struct_page_va(const struct machine *m, uint64_t pfn)
{
	bool vmemmap = m->plan.model == MACHINE_SPARSEMEM || m->plan.small_vmemmap;

	return (vmemmap ? m->vmemmap : m->direct + STRUCT_PAGES) + struct_page_offset(m, pfn);
}

static uint64_t section_count(const struct machine *m)
{
	return (m->plan.ram + MACHINE_SECTION - 1) / MACHINE_SECTION;
}

/* All memory that struct pages take, up to the end of a section. */
static uint64_t struct_page_bytes(const struct machine *m)
{
	uint64_t shifts = m->plan.model == MACHINE_DISCONTIGMEM ? 2ull << 20 : 0;

	return section_count(m) * SECTION_PFNS * ERA_PAGE_BYTES + shifts;
}

static void map_struct_pages(struct machine *m, size_t s)
{
	const uint64_t bytes = SECTION_PFNS * ERA_PAGE_BYTES;
	uint64_t va = m->vmemmap + s * bytes;

	assert_true(s < MACHINE_SECTIONS);
	m->section_pages[s] = STRUCT_PAGES + s * bytes;
	if (!m->plan.small_vmemmap) {
		machine_map(m, va, m->section_pages[s], 21);
		return;
	}
	for (uint64_t at = 0; at < bytes; at += 4096)
		machine_map(m, va + at, m->section_pages[s] + at, 12);
}

/* Sections of 16 bytes, by roots of 256 or in one array of as many as 46 bits of memory have. */
static void make_sections(struct machine *m)
{
	size_t n = (size_t)section_count(m);
	uint64_t array, flags = 0x1f;	/* present, has a map, online, early, and one that later kernels have */

	if (m->plan.plain_sparse) {
		array = machine_take(m, 16 * n, 64);
		m->sections = machine_kernel_va(array);
	} else {
		uint64_t roots = machine_take(m, 2048 * 8, 64);

		array = machine_take(m, 4096, 4096);
		core_put_u64(&m->core, roots, m->direct + array);
		m->sections = machine_kernel_va(roots);
	}
	for (size_t s = 0; s < n; s++)	/* the encoded address is that of pfn 0 */
		core_put_u64(&m->core, array + 16 * s, m->vmemmap | flags);
	machine_key(m, "SYMBOL(mem_section)", "%" PRIx64, m->sections);
	machine_key(m, "LENGTH(mem_section)", "%u", m->plan.plain_sparse ? 524288 : m->plan.levels == 5 ? 131072 : 2048);
	machine_key(m, "SIZE(mem_section)", "16");
	machine_key(m, "OFFSET(mem_section.section_mem_map)", "0");
	machine_key(m, "NUMBER(SECTION_SIZE_BITS)", "27");
	machine_key(m, "NUMBER(MAX_PHYSMEM_BITS)", "%d", m->plan.levels == 5 ? 52 : 46);
}

static void make_mem_map(struct machine *m)
{
	m->mem_map = machine_take(m, 8, 8);
	core_put_u64(&m->core, m->mem_map, machine_struct_page_va(m, 0));
	machine_key(m, "SYMBOL(mem_map)", "%" PRIx64, machine_kernel_va(m->mem_map));
}

/* As a kernel of 64 nodes has them, of which the plan's are online. */
static void make_nodes(struct machine *m)
{
	uint64_t online = 0;

	m->node_data = machine_take(m, 64 * 8, 64);
	m->online = machine_take(m, 8, 8);
	for (size_t i = 0; i < m->plan.node_count; i++) {
		const struct machine_node *n = &m->plan.nodes[i];

		m->pgdat[i] = machine_take(m, MACHINE_PGDAT_BYTES, 64);
		core_put_u64(&m->core, m->node_data + 8 * i, machine_kernel_va(m->pgdat[i]));
		core_put_u64(&m->core, m->pgdat[i] + MACHINE_PGDAT_START, n->first);
		core_put_u64(&m->core, m->pgdat[i] + MACHINE_PGDAT_SPANNED, n->end - n->first);
		if (n->first < n->end)
			core_put_u64(&m->core, m->pgdat[i] + MACHINE_PGDAT_MEM_MAP, machine_struct_page_va(m, n->first));
		online |= 1ull << i;
	}
	core_put_u64(&m->core, m->online, online);
	machine_key(m, "SYMBOL(node_data)", "%" PRIx64, machine_kernel_va(m->node_data));
	machine_key(m, "LENGTH(node_data)", "64");
	machine_key(m, "SYMBOL(node_online_map)", "%" PRIx64, machine_kernel_va(m->online));
	machine_key(m, "SIZE(nodemask_t)", "8");
	machine_key(m, "SIZE(pglist_data)", "%u", MACHINE_PGDAT_BYTES);
	machine_key(m, "OFFSET(pglist_data.node_mem_map)", "%u", MACHINE_PGDAT_MEM_MAP);
	machine_key(m, "OFFSET(pglist_data.node_start_pfn)", "%u", MACHINE_PGDAT_START);
	machine_key(m, "OFFSET(pglist_data.node_spanned_pages)", "%u", MACHINE_PGDAT_SPANNED);
}

static void make_model(struct machine *m)
{
	static void (*const make[])(struct machine *m) = {
		[MACHINE_SPARSEMEM] = make_sections, [MACHINE_FLATMEM] = make_mem_map, [MACHINE_DISCONTIGMEM] = make_nodes,
	};

	assert_true(section_count(m) <= MACHINE_SECTIONS);
	for (size_t s = 0; s < struct_page_bytes(m) / (SECTION_PFNS * ERA_PAGE_BYTES); s++)
		map_struct_pages(m, s);
	make[m->plan.model](m);
}

static void make_uts(struct machine *m)
{
	const char *const texts[] = { "Linux", "crashed", m->plan.era->release, "#1 SMP TEST", "x86_64", "(none)" };
	uint64_t at = machine_take(m, 512, 64);

	for (size_t i = 0; i < COUNT(texts); i++)
		core_put(&m->core, at + 4 + 65 * i, texts[i], strlen(texts[i]) + 1);
	machine_key(m, "SYMBOL(init_uts_ns)", "%" PRIx64, machine_kernel_va(at));
	machine_key(m, "OFFSET(uts_namespace.name)", "4");
}

void machine_create(struct machine *m, const struct machine_plan *plan)
{
	memset(m, 0, sizeof(*m));
	m->plan = *plan;
	m->direct = plan->levels == 5 ? 0xff11000000000000 : 0xffff888000000000;
	m->vmemmap = plan->levels == 5 ? 0xffd4000000000000 : 0xffffea0000000000;
	m->free = MACHINE_KERNEL;
	core_create(&m->core);
	core_add_segment(&m->core, MACHINE_KERNEL, MACHINE_KERNEL_VA, MACHINE_KERNEL_BYTES, MACHINE_KERNEL_BYTES);
	core_add_segment(&m->core, 0x1000, m->direct + 0x1000, MACHINE_LOW_END - 0x1000, MACHINE_LOW_END - 0x1000);
	core_add_segment(&m->core, MACHINE_HIGH, m->direct + MACHINE_HIGH, plan->ram - MACHINE_HIGH, plan->ram - MACHINE_HIGH);
	snprintf(m->info, sizeof(m->info), "OSRELEASE=%s\n%s", plan->era->release, plan->era->keys);
	map_memory(m);
	make_model(m);
	make_uts(m);
	machine_key(m, "NUMBER(phys_base)", "%" PRId64, (int64_t)MACHINE_PHYS_BASE);
	machine_key(m, "SYMBOL(init_top_pgt)", "%" PRIx64, machine_kernel_va(m->root));
	machine_key(m, "NUMBER(pgtable_l5_enabled)", "%d", plan->levels == 5);
	machine_key(m, "CRASHTIME", "1700000000");
}

void machine_finish(struct machine *m)
{
	uint8_t prstatus[336] = { 0 };

	m->core.note_bytes = 0;
	core_add_note(&m->core, "CORE", 1, prstatus, sizeof(prstatus));
	core_add_note(&m->core, "CORE", 1, prstatus, sizeof(prstatus));
	core_add_note(&m->core, "VMCOREINFO", 0, m->info, strlen(m->info));
	core_finish(&m->core);
}

uint64_t machine_plain_pfn(const struct machine *m)
{
	return (STRUCT_PAGES + struct_page_bytes(m)) / 4096;
}

void machine_destroy(struct machine *m)
{
	core_destroy(&m->core);
}

void machine_page(struct machine *m, uint64_t pfn, const struct page_spec *spec)
{
	uint8_t bytes[ERA_PAGE_BYTES];

	era_page(m->plan.era, bytes, spec);
	core_put(&m->core, machine_struct_page(m, pfn), bytes, sizeof(bytes));
}

void machine_free_block(struct machine *m, uint64_t pfn, unsigned int order)
{
	machine_page(m, pfn, &(struct page_spec){ .type = TYPE_BUDDY, .private_word = order });
}

void machine_anon(struct machine *m, uint64_t pfn)
{
	machine_page(m, pfn, &(struct page_spec){ .flags = PAGE_LRU | PAGE_SWAPBACKED, .mapping = 0xffff888100000001 });
}

void machine_cache(struct machine *m, uint64_t pfn)
{
	machine_page(m, pfn, &(struct page_spec){ .flags = PAGE_LRU, .mapping = 0xffff888100000000 });
}

void machine_huge(struct machine *m, uint64_t pfn, unsigned int order)
{
	struct page_spec head = { .flags = PAGE_HEAD };

	if (m->plan.era->hugetlb == HUGETLB_BY_TYPE)
		head.type = TYPE_HUGETLB;
	machine_page(m, pfn, &head);
	machine_page(m, pfn + 1, &(struct page_spec){ .tail = true, .order = order, .hugetlb = true });
}
