// SPDX-License-Identifier: GPL-2.0-or-later
// A small crashed arm64 machine as a vmcore; see board.h.
#include "tests/unit/arm64/board.h"

#include "tests/unit/unit.h"

#define EM_ARM64 183
#define RELEASE "6.12.0-test"

const struct board_plan board_plans[] = {
	{ "4K, 39 bits", 12, 39, 39, 3, 30, 9, HIGH_NONE, false },
	{ "4K, 48 bits", 12, 48, 48, 4, 39, 9, HIGH_NONE, false },
	{ "4K, 52 bits", 12, 52, 52, 5, 48, 4, HIGH_AT_8, false },
	{ "4K, 52 bits on a machine with 48", 12, 52, 48, 4, 39, 9, HIGH_NONE, false },
	{ "4K, 39 bits, before 5.4", 12, 39, 39, 3, 30, 9, HIGH_NONE, true },
	{ "4K, 48 bits, before 5.4", 12, 48, 48, 4, 39, 9, HIGH_NONE, true },
	{ "16K, 36 bits", 14, 36, 36, 2, 25, 11, HIGH_NONE, false },
	{ "16K, 47 bits", 14, 47, 47, 3, 36, 11, HIGH_NONE, false },
	{ "16K, 48 bits", 14, 48, 48, 4, 47, 1, HIGH_NONE, false },
	{ "16K, 52 bits", 14, 52, 52, 4, 47, 5, HIGH_AT_8, false },
	{ "16K, 52 bits on a machine with 47", 14, 52, 47, 3, 36, 11, HIGH_NONE, false },
	{ "64K, 42 bits", 16, 42, 42, 2, 29, 13, HIGH_NONE, false },
	{ "64K, 48 bits", 16, 48, 48, 3, 42, 6, HIGH_NONE, false },
	{ "64K, 48 bits, memory of 52", 16, 48, 48, 3, 42, 6, HIGH_AT_12, false },
	{ "64K, 52 bits", 16, 52, 52, 3, 42, 10, HIGH_AT_12, false },
	{ "64K, 52 bits on a machine with 48", 16, 52, 48, 3, 42, 10, HIGH_AT_12, false },
	{ "64K, 42 bits, before 5.4", 16, 42, 42, 2, 29, 13, HIGH_NONE, true },
};
const size_t board_plan_count = COUNT(board_plans);

const struct board_plan *board_plan(const char *name)
{
	for (size_t i = 0; i < COUNT(board_plans); i++)
		if (strcmp(board_plans[i].name, name) == 0)
			return &board_plans[i];
	fail_msg("no plan '%s'", name);
	return NULL;
}

void board_key(struct board *b, const char *key, const char *format, ...)
{
	char line[256], changed[KEYS_MAX];
	int n = snprintf(line, sizeof(line), "%s=", key);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	keys_change(changed, b->info, key, line);
	memcpy(b->info, changed, sizeof(changed));
}

void board_drop_key(struct board *b, const char *key)
{
	char changed[KEYS_MAX];

	keys_change(changed, b->info, key, NULL);
	memcpy(b->info, changed, sizeof(changed));
}

uint64_t board_take(struct board *b, uint64_t bytes, uint64_t align)
{
	uint64_t at = (b->free + align - 1) / align * align;

	b->free = at + bytes;
	assert_true(b->free <= BOARD_RAM + BOARD_IMAGE_AT + BOARD_IMAGE_BYTES);
	return at;
}

uint64_t board_image_va(const struct board *b, uint64_t paddr)
{
	return b->image_va + (paddr - BOARD_RAM - BOARD_IMAGE_AT);
}

uint64_t board_linear_va(const struct board *b, uint64_t paddr)
{
	return b->linear_va + (paddr - BOARD_RAM);
}

uint64_t board_nowhere(const struct board *b)
{
	unsigned int used = b->plan->used;
	uint64_t half = UINT64_MAX << (used - 1), quarter = 1ull << (used - 2);

	return (b->plan->old_layout ? half - quarter : half + quarter) & UINT64_MAX << 34;
}

uint64_t board_address_bits(const struct board *b, uint64_t paddr)
{
	uint64_t low = paddr & 0xffffffffffff & UINT64_MAX << b->plan->page_shift, high = paddr >> 48;

	switch (b->plan->high) {
	case HIGH_AT_12:
		return low | high << 12;
	case HIGH_AT_8:
		return low | (high & 3) << 48 | (high >> 2) << 8;
	case HIGH_NONE:
		break;
	}
	assert_true(high == 0);
	return low;
}

uint64_t board_entry(struct board *b, uint64_t va, unsigned int shift)
{
	unsigned int bits = b->plan->root_bits, s = b->plan->root_shift;
	uint64_t table = b->root;

	for (;; s -= b->plan->page_shift - 3, bits = b->plan->page_shift - 3) {
		uint64_t at = table + (va >> s & ((1ull << bits) - 1)) * 8, entry;

		if (s == shift)
			return at;
		assert_true(s > shift);
		entry = core_get_u64(&b->core, at);
		if (!entry) {
			uint64_t next = board_take(b, 1ull << b->plan->page_shift, 1ull << b->plan->page_shift);

			entry = next | 3;
			core_put_u64(&b->core, at, entry);
		}
		table = entry & 0xffffffffffff & UINT64_MAX << b->plan->page_shift;
	}
}

/* Valid, accessed, for the kernel only, not executable, may be written and was. SH says inner shareable where it is not address. */
#define DATA 0x0068000000000401ull
#define SHAREABLE 0x300ull

void board_map(struct board *b, uint64_t va, uint64_t paddr, unsigned int shift)
{
	uint64_t entry = DATA | board_address_bits(b, paddr) | (b->plan->high == HIGH_AT_8 ? 0 : SHAREABLE);

	core_put_u64(&b->core, board_entry(b, va, shift), entry | (shift == b->plan->page_shift ? 2 : 0));
}

static void make_uts(struct board *b)
{
	const char *const texts[] = { "Linux", "crashed", RELEASE, "#1 SMP TEST", "aarch64", "(none)" };
	uint64_t page = 1ull << b->plan->page_shift, at = board_take(b, page, page);

	for (size_t i = 0; i < COUNT(texts); i++)
		core_put(&b->core, at + 0x100 + 65 * i, texts[i], strlen(texts[i]) + 1);
	board_map(b, board_image_va(b, at), at, b->plan->page_shift);
	board_key(b, "SYMBOL(init_uts_ns)", "%" PRIx64, board_image_va(b, at) + 0x100);
	board_key(b, "OFFSET(uts_namespace.name)", "0");
}

void board_create(struct board *b, const struct board_plan *plan, uint64_t ram)
{
	uint64_t half = UINT64_MAX << (plan->used - 1), lowest = UINT64_MAX << plan->used, page = 1ull << plan->page_shift;

	memset(b, 0, sizeof(*b));
	*b = (struct board){ .plan = plan, .ram = ram, .free = BOARD_RAM + BOARD_IMAGE_AT + 0x10000 };
	b->image_va = (plan->old_layout ? lowest : UINT64_MAX << ((plan->used < 48 ? plan->used : 48) - 1)) + 0x10000000;
	b->linear_va = (plan->old_layout ? half : lowest) + 0x1200000000 % (1ull << (plan->used - 2));
	core_create(&b->core);
	core_add_segment(&b->core, BOARD_RAM, b->linear_va, ram, ram);
	snprintf(b->info, sizeof(b->info), "OSRELEASE=%s\n%s", RELEASE, era_6_12.keys);
	board_key(b, "PAGESIZE", "%" PRIu64, page);
	board_key(b, "SYMBOL(_stext)", "%" PRIx64, b->image_va + 0x10000);
	board_key(b, "NUMBER(VA_BITS)", "%u", plan->configured);
	if (!plan->old_layout)
		board_key(b, "NUMBER(TCR_EL1_T1SZ)", "0x%x", 64 - plan->used);
	board_key(b, "NUMBER(PHYS_OFFSET)", "0x%" PRIx64, (uint64_t)BOARD_RAM - (b->linear_va - (plan->old_layout ? half : lowest)));
	board_key(b, "NUMBER(kimage_voffset)", "0x%" PRIx64, (uint64_t)(b->image_va - BOARD_RAM - BOARD_IMAGE_AT));
	board_key(b, "NUMBER(MAX_PHYSMEM_BITS)", "%d", plan->high == HIGH_NONE ? 48 : 52);
	b->root = board_take(b, page, page);
	board_key(b, "SYMBOL(swapper_pg_dir)", "%" PRIx64, board_image_va(b, b->root));
	make_uts(b);
}

void board_add_high(struct board *b)
{
	core_add_segment(&b->core, BOARD_HIGH, board_linear_va(b, BOARD_HIGH), BOARD_HIGH_BYTES, BOARD_HIGH_BYTES);
}

void board_finish(struct board *b)
{
	uint8_t prstatus[392] = { 0 };

	b->core.note_bytes = 0;
	core_add_note(&b->core, "CORE", 1, prstatus, sizeof(prstatus));
	core_add_note(&b->core, "VMCOREINFO", 0, b->info, strlen(b->info));
	core_finish(&b->core);
	core_poke(&b->core, CORE_E_MACHINE, 2, EM_ARM64);
}

void board_destroy(struct board *b)
{
	core_destroy(&b->core);
}
