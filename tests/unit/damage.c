// SPDX-License-Identifier: GPL-2.0-or-later
// A dead kernel whose memory or VMCOREINFO is damaged anywhere: nothing crashes or runs for ever, and the books balance.
#include "tests/unit/unit.h"

#include "sender/filter/scan.h"
#include "sender/kernel/klog.h"
#include "sender/vmcore/guard.h"
#include "sender/vmcore/ram.h"
#include "tests/unit/image/printk.h"
#include "tests/unit/image/scene.h"

#define ROUNDS 150u
/* The log may be escaped and indented, but not beyond this for a ring of 4 KiB. */
#define LOG_MAX (1u << 20)

static uint64_t seed;

static uint64_t below(uint64_t n)
{
	return next_random(&seed) % n;
}

/* Values that break things: around 0 and powers of two, addresses of the image, addresses of nothing. */
static uint64_t nasty(const struct machine *m)
{
	switch (below(8)) {
	case 0:
		return below(3) - 1;
	case 1:
		return 1ull << below(64);
	case 2:
		return (1ull << below(64)) - 1;
	case 3:
		return machine_kernel_va(MACHINE_KERNEL + below(m->free - MACHINE_KERNEL));
	case 4:
		return m->direct + below(m->plan.ram);
	case 5:
		return (MACHINE_KERNEL + below(MACHINE_KERNEL_BYTES)) & ~0xfffull;	/* physical, */
	case 6:
		return ((MACHINE_KERNEL + below(MACHINE_KERNEL_BYTES)) & ~0xfffull) | 0x1e3;	/* as a table has it */
	default:
		return next_random(&seed);
	}
}

/* Words of tables, sections, names and log. */
static void damage_memory(struct machine *m)
{
	for (uint64_t n = below(12); n > 0; n--)
		core_put_u64(&m->core, MACHINE_KERNEL + below((m->free - MACHINE_KERNEL) / 8) * 8, nasty(m));
}

static void damage_struct_pages(struct machine *m)
{
	for (uint64_t n = below(200); n > 0; n--)
		core_put_u64(&m->core, m->section_pages[0] + below(1ull << 20) / 8 * 8, nasty(m) & nasty(m));
}

/* The value of one line. */
static void damage_info(struct machine *m)
{
	for (uint64_t n = below(4); n > 0; n--) {
		size_t at = (size_t)below(strlen(m->info));
		char key[128];
		size_t len;

		while (at > 0 && m->info[at - 1] != '\n')
			at--;
		len = strcspn(m->info + at, "=\n");
		if (len >= sizeof(key) || m->info[at + len] != '=')
			continue;
		memcpy(key, m->info + at, len);
		key[len] = '\0';
		if (strncmp(key, "SYMBOL", 6) == 0)
			machine_key(m, key, "%" PRIx64, nasty(m));
		else
			machine_key(m, key, "%" PRId64, (int64_t)nasty(m));
	}
}

static enum kf_status count_log(void *context, const char *text, size_t len, struct kf_error *err)
{
	size_t *bytes = context;

	(void)text, (void)err;
	*bytes += len;
	return KF_OK;
}

static void check_scan(struct kf_kernel *k, const struct kf_ram *ram, const char *name)
{
	struct kf_carry carry = { 0 };
	struct kf_scan s;
	struct kf_error err;

	CHECK_OK(name, kf_scan_init(&s, k, ram, 31, 3 * 1024, &err), &err);
	while (kf_scan_next(&s))
		for (size_t i = 0; i < s.stretch_count; i++) {
			const struct kf_stretch *st = &s.stretches[i];
			uint64_t pages = 0, kept = 0;

			for (int c = 0; c < KF_CLASSES; c++)
				pages += st->tally.pages[c];
			for (uint64_t pfn = st->first; pfn < st->end; pfn++) {
				bool bit = kf_bit(s.bitmap, pfn - s.first);

				CHECK(name, !bit || kf_range_set_pages(&ram->data, pfn, pfn + 1));
				kept += bit;
			}
			CHECK_EQ(name, pages, kf_range_set_pages(&ram->ram, st->first, st->end));
			CHECK_EQ(name, st->tally.pages[KF_KEPT], kept);
			CHECK(name, st->tally.undecided <= kept);
			CHECK(name, st->in.end == carry.end && (!st->out.end || st->out.end > st->end));
			carry = st->out;
		}
	CHECK_EQ(name, s.end, ram->max_mapnr);
	kf_scan_deinit(&s);
}

static void look(struct machine *m, const char *name)
{
	struct kf_vmcore vc;
	struct kf_kernel k;
	struct kf_ram ram;
	struct kf_error err;
	size_t log_bytes = 0;
	uint64_t end;

	machine_finish(m);
	CHECK_OK(name, kf_vmcore_open(&vc, m->core.path, &err), &err);
	if (kf_kernel_init(&k, &vc, m->info, strlen(m->info), &err)) {
		CHECK_EQ(name, err.status, KF_MISMATCH);
		kf_vmcore_close(&vc);
		return;
	}
	CHECK_OK(name, kf_ram_init(&ram, &vc, k.page_shift, &err), &err);
	kf_kernel_find_memmap(&k, ram.max_mapnr);
	end = k.filters ? kf_memmap_end(&k.memmap) : 0;
	if (end)
		kf_ram_clip(&ram, end);
	if (k.translates && kf_klog_read(&k.tr, &k.info, count_log, &log_bytes, &err))
		CHECK(name, err.text[0]);
	CHECK(name, log_bytes < LOG_MAX);
	check_scan(&k, &ram, name);
	kf_ram_deinit(&ram);
	kf_kernel_deinit(&k);
	kf_vmcore_close(&vc);
}

static void rounds(uint64_t first, void (*damage)(struct machine *m))
{
	static const struct era *const eras[] = { &era_3_18, &era_4_3, &era_4_9, &era_6_1, &era_6_4, &era_6_7, &era_6_12, &era_6_18 };
	struct kf_error err;

	CHECK_OK("guard", kf_guard_install(&err), &err);
	for (uint64_t round = first; round < first + ROUNDS; round++) {
		const struct machine_plan plan = {
			.ram = 64ull << 20, .levels = round % 2 ? 4 : 5, .era = eras[round % COUNT(eras)], .small_vmemmap = round % 5 == 0,
		};
		struct machine m;
		struct printk_ring ring;
		char name[32];

		seed = round;
		snprintf(name, sizeof(name), "round %" PRIu64, round);
		machine_create(&m, &plan);
		printk_create(&ring, &m, 4, 12, below(100), below(1u << 20) * 8);
		for (unsigned int i = 0; i < 20; i++)
			printk_add(&ring, i, i, "a line of the log\nand another", 10 + i % 20);
		machine_free_block(&m, 0x2800, 10);
		machine_cache(&m, 0x3000);
		damage(&m);
		look(&m, name);
		machine_destroy(&m);
	}
}

static void damage_all(struct machine *m)
{
	damage_memory(m);
	damage_struct_pages(m);
	damage_info(m);
}

static void of_memory(void **state)
{
	(void)state;
	rounds(0, damage_memory);
}

static void of_struct_pages(void **state)
{
	(void)state;
	rounds(10000, damage_struct_pages);
}

static void of_vmcoreinfo(void **state)
{
	(void)state;
	rounds(20000, damage_info);
}

static void of_everything(void **state)
{
	(void)state;
	rounds(30000, damage_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_memory),
		cmocka_unit_test(of_struct_pages),
		cmocka_unit_test(of_vmcoreinfo),
		cmocka_unit_test(of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
