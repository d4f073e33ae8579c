// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages: the list and its cap; what is gathered from a made machine; judging out of order; what went early stays.
#include "tests/unit/unit.h"

#include "sender/dump/job.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/printk.h"
#include "tests/unit/image/symbols.h"

#define STEXT (MACHINE_KERNEL_VA + 0x1000)
#define IMAGE_PFN (MACHINE_KERNEL / 4096)
#define IMAGE_PAGES (MACHINE_KERNEL_BYTES / 4096)
#define EDGE (1ull << 18)

/* A note, or with END 0 a new limit. */
struct step {
	uint64_t first, end;
};

static void list_of_pages(void **state)
{
	static const struct {
		const char *name;
		struct step steps[6];
		uint64_t pages;
		size_t ranges;
		bool full;
	} rows[] = {
		{ "apart", { { 100, 0 }, { 10, 20 }, { 30, 40 } }, 20, 2, false },
		{ "in any order, overlapping, twice", { { 100, 0 }, { 30, 40 }, { 10, 35 }, { 30, 40 } }, 30, 1, false },
		{ "touching", { { 100, 0 }, { 20, 30 }, { 10, 20 }, { 30, 31 } }, 21, 1, false },
		{ "nothing", { { 100, 0 }, { 10, 10 }, { 10, 5 } }, 0, 0, false },
		{ "cut at the limit", { { 100, 0 }, { 0, 90 }, { 200, 300 } }, 100, 2, true },
		{ "the same again does not fill it", { { 100, 0 }, { 0, 60 }, { 500, 501 }, { 0, 60 }, { 0, 60 } }, 61, 2, false },
		{ "cut from what is new", { { 100, 0 }, { 0, 60 }, { 0, 90 } }, 90, 1, false },
		{ "nothing behind a full one", { { 32, 0 }, { 0, 32 }, { 64, 65 } }, 32, 1, true },
		{ "a higher limit opens it again", { { 32, 0 }, { 0, 64 }, { 40, 0 }, { 64, 128 } }, 40, 2, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_vital_list l = { 0 };

		for (size_t k = 0; k < COUNT(rows[i].steps); k++) {
			const struct step *s = &rows[i].steps[k];

			if (!s->end && s->first)
				kf_vital_list_limit(&l, s->first);
			else
				(void)kf_vital_note(&l, s->first, s->end);
		}
		CHECK_EQ(rows[i].name, kf_vital_list_settle(&l), rows[i].pages);
		CHECK_EQ(rows[i].name, l.pages.count, rows[i].ranges);
		CHECK_EQ(rows[i].name, l.full, rows[i].full);
		kf_vital_list_deinit(&l);
	}
}

/* Neither ranges nor time grow without bound: single pages far apart, and the same few again and again. */
static void list_is_bounded(void **state)
{
	struct kf_vital_list l = { 0 };

	(void)state;
	kf_vital_list_limit(&l, 1u << 30);
	for (uint64_t i = 0; i < 400000; i++)
		(void)kf_vital_note(&l, 2 * (i * 7919 % 400009), 2 * (i * 7919 % 400009) + 1);
	assert_true(l.full);
	assert_true(l.pages.count <= KF_VITAL_RANGES_MAX);
	kf_vital_list_deinit(&l);
	kf_vital_list_limit(&l, 5000);
	for (uint64_t i = 0; i < 3000000; i++)
		(void)kf_vital_note(&l, 3 * (i % 100), 3 * (i % 100) + 1);
	assert_int_equal(kf_vital_list_settle(&l), 100);
	assert_false(l.full);
	kf_vital_list_deinit(&l);
}

static struct kf_job *job_create(struct machine *m, struct kf_dump_setup *setup)
{
	struct kf_job *j = calloc(1, sizeof(*j));
	struct kf_error err;
	uint64_t end;

	*setup = (struct kf_dump_setup){ .vmcore = m->core.path, .level = 31 };
	machine_finish(m);
	j->setup = setup;
	CHECK_OK("open", kf_vmcore_open(&j->vc, m->core.path, &err), &err);
	CHECK_OK("kernel", kf_kernel_init(&j->kernel, &j->vc, m->info, strlen(m->info), &err), &err);
	CHECK_OK("ram", kf_ram_init(&j->ram, &j->vc, j->kernel.page_shift, &err), &err);
	kf_kernel_find_memmap(&j->kernel, j->ram.max_mapnr);
	end = j->kernel.filters ? kf_memmap_end(&j->kernel.memmap) : 0;
	if (end)
		kf_ram_clip(&j->ram, end);
	kf_job_find_vital(j);
	return j;
}

static void job_destroy(struct kf_job *j)
{
	kf_job_vital_deinit(&j->vital);
	kf_ram_deinit(&j->ram);
	kf_kernel_deinit(&j->kernel);
	kf_vmcore_close(&j->vc);
	free(j);
}

static bool is_vital(const struct kf_job *j, uint64_t pfn)
{
	return kf_range_set_pages(&j->vital.pages, pfn, pfn + 1);
}

static const struct machine_plan small = { .ram = 300ull << 20, .levels = 4, .era = &era_6_12 };
static const struct machine_plan large = { .ram = 1200ull << 20, .levels = 5, .era = &era_6_1 };

/* The image, sections and tables of a machine are found; what the decision drops of them is not sent. */
static void gathered_and_judged(void **state)
{
	const struct machine_plan *plans[] = { &small, &large };

	(void)state;
	for (size_t i = 0; i < COUNT(plans); i++) {
		struct kf_dump_setup setup;
		struct machine m;
		struct kf_job *j;
		uint64_t freed = IMAGE_PFN + IMAGE_PAGES - 8;

		machine_create(&m, plans[i]);
		machine_key(&m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)STEXT);
		machine_free_block(&m, freed, 3);
		j = job_create(&m, &setup);
		CHECK_EQ("image and tables", j->vital.kernel.pages[KF_VITAL_IMAGE] + j->vital.kernel.pages[KF_VITAL_TABLES] +
			 j->vital.kernel.pages[KF_VITAL_SECTIONS], IMAGE_PAGES);
		CHECK("the root table", is_vital(j, m.root / 4096));
		CHECK("text", is_vital(j, IMAGE_PFN) && is_vital(j, freed - 1));
		CHECK("freed init memory", !is_vital(j, freed) && !is_vital(j, freed + 7));
		CHECK_EQ("kept", j->vital.kept, IMAGE_PAGES - 8);
		CHECK_EQ("dropped", j->vital.dropped, 8);
		CHECK("not an ordinary page", !is_vital(j, machine_plain_pfn(&m)));
		CHECK("why no per-cpu area", strstr(j->vital.kernel.percpu_why_not, "SYMBOL(kallsyms_names)") != NULL);
		job_destroy(j);
		machine_destroy(&m);
	}
}

/* A log around the place where judging begins anew: BELOW of its 16 pages of text lie before the edge. */
static struct kf_job *log_at_edge(struct machine *m, struct kf_dump_setup *setup, uint64_t below, void (*mark)(struct machine *m))
{
	struct printk_ring ring;

	machine_create(m, &large);
	machine_key(m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)STEXT);
	printk_create(&ring, m, 4, 16, 0, 0);
	core_put_u64(&m->core, ring.prb + PRINTK_DATA, m->direct + (EDGE - below) * 4096);
	mark(m);
	return job_create(m, setup);
}

static void nothing(struct machine *m) { (void)m; }
static void free_to_the_edge(struct machine *m) { machine_free_block(m, EDGE - 8, 3); }
static void free_from_the_edge(struct machine *m) { machine_free_block(m, EDGE, 10); }
static void huge_below(struct machine *m) { machine_huge(m, EDGE / 2, 17); }
static void gigantic_at(struct machine *m) { machine_huge(m, EDGE, 18); }
/* No sound kernel has it: a block that lies at no multiple of its size, and reaches across. */
static void across_the_edge(struct machine *m) { machine_free_block(m, EDGE - 256, 9); }

static void edge_of_a_block(void **state)
{
	static const struct {
		const char *name;
		void (*mark)(struct machine *m);
		uint64_t pages_below;
		bool below, above;	/* which of the text is vital */
		uint64_t rescued;	/* by the scan of all, once it went */
	} rows[] = {
		{ "nothing is excluded", nothing, 8, true, true, 0 },
		{ "a free block ends at the edge", free_to_the_edge, 8, false, true, 0 },
		{ "one begins there", free_from_the_edge, 8, true, false, 0 },
		{ "a page of 512 MiB ends there", huge_below, 8, false, true, 0 },
		{ "one of 1 GiB begins there", gigantic_at, 8, true, false, 0 },
		{ "a damaged one reaches across, and was judged too", across_the_edge, 8, false, false, 0 },
		{ "a damaged one reaches across, from where nothing was judged", across_the_edge, 0, false, true, 16 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup;
		struct machine m;
		struct kf_job *j = log_at_edge(&m, &setup, rows[i].pages_below, rows[i].mark);
		struct kf_tally t = { 0 };
		struct kf_error err;

		for (uint64_t pfn = EDGE - rows[i].pages_below; pfn < EDGE - rows[i].pages_below + 16; pfn++)
			CHECK_EQ(rows[i].name, is_vital(j, pfn), pfn < EDGE ? rows[i].below : rows[i].above);
		/* The scan of all from the beginning, with cyclic windows of one stretch: each vital page is kept. */
		CHECK_OK("scan", kf_scan_init(&j->scan, &j->kernel, &j->ram, 31, 1, &err), &err);
		j->scan.vital = &j->vital.pages;
		while (kf_scan_next(&j->scan)) {
			for (uint64_t pfn = j->scan.first; pfn < j->scan.end; pfn++)
				if (is_vital(j, pfn))
					CHECK(rows[i].name, kf_bit(j->scan.bitmap, pfn - j->scan.first));
			for (size_t k = 0; k < j->scan.stretch_count; k++)
				kf_tally_add(&t, &j->scan.stretches[k].tally);
		}
		CHECK_EQ(rows[i].name, t.rescued, rows[i].rescued);
		kf_scan_deinit(&j->scan);
		job_destroy(j);
		machine_destroy(&m);
	}
}

/* Whatever class a page that went early has by the time of its window: it stays, and what lies beside it goes. */
static void sent_stays(void **state)
{
	static void (*const marks[])(struct machine *m, uint64_t pfn) = { machine_anon, machine_cache };
	static struct kf_range some[] = { { 0x10001, 0x10003 }, { 0x10005, 0x10006 } };
	const struct kf_range_set early = { some, COUNT(some) };

	(void)state;
	for (size_t i = 0; i <= COUNT(marks); i++) {
		struct kf_dump_setup setup;
		struct machine m;
		struct kf_job *j;
		struct kf_tally t = { 0 };
		struct kf_error err;

		machine_create(&m, &small);
		if (i == COUNT(marks))
			machine_free_block(&m, 0x10000, 3);
		for (uint64_t pfn = 0x10000; i < COUNT(marks) && pfn < 0x10008; pfn++)
			marks[i](&m, pfn);
		j = job_create(&m, &setup);
		CHECK_OK("scan", kf_scan_init(&j->scan, &j->kernel, &j->ram, 31, 1024, &err), &err);
		j->scan.vital = &early;
		while (kf_scan_next(&j->scan)) {
			for (uint64_t pfn = 0x10000; pfn < 0x10008; pfn++)
				if (pfn >= j->scan.first && pfn < j->scan.end)
					CHECK_EQ("kept", kf_bit(j->scan.bitmap, pfn - j->scan.first), kf_range_set_pages(&early, pfn, pfn + 1));
			for (size_t k = 0; k < j->scan.stretch_count; k++)
				kf_tally_add(&t, &j->scan.stretches[k].tally);
		}
		CHECK_EQ("rescued", t.rescued, 3);
		CHECK_EQ("gone", t.pages[KF_USER] + t.pages[KF_CACHE] + t.pages[KF_FREE], 5);
		kf_scan_deinit(&j->scan);
		job_destroy(j);
		machine_destroy(&m);
	}
}

/* A machine of two tasks, whose symbols and types are in memory. */
struct tasks {
	struct machine m;
	uint64_t ns, node, pids[2], tasks[2], stacks[2];	/* physical */
	uint64_t per_cpu, offsets, unit;
};

static const struct btf_struct structs[] = {
	{ "pid_namespace", 256, { { "idr", 8 } } },
	{ "idr", 24, { { "idr_rt", 0 } } },
	{ "xarray", 16, { { "xa_head", 8 } } },
	{ "xa_node", 576, { { "shift", 0 }, { "slots", 40 } } },
	{ "pid", 112, { { "tasks", 16 } } },
	{ "task_struct", 8192, { { "stack", 32 }, { "pid_links", 0x100 } } },
};

static void tasks_create(struct tasks *t)
{
	uint64_t plain, at, bytes;
	struct symbols tables;

	machine_create(&t->m, &small);
	plain = machine_plain_pfn(&t->m) * 4096;
	machine_key(&t->m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)STEXT);
	t->ns = machine_take(&t->m, 256, 64);
	t->offsets = machine_take(&t->m, 64, 64);
	t->unit = machine_take(&t->m, 8, 8);
	t->node = plain;
	t->per_cpu = plain + 0x100000;
	core_put_u64(&t->m.core, t->ns + 16, t->m.direct + t->node + 2);
	for (size_t i = 0; i < 2; i++) {
		t->pids[i] = plain + (1 + i) * 0x10000;
		t->tasks[i] = plain + (1 + i) * 0x10000 + 0x2000;
		t->stacks[i] = plain + (1 + i) * 0x10000 + 0x8000;
		core_put_u64(&t->m.core, t->node + 40 + 8 * (7 + i), t->m.direct + t->pids[i]);
		core_put_u64(&t->m.core, t->pids[i] + 16, t->m.direct + t->tasks[i] + 0x100);
		core_put_u64(&t->m.core, t->tasks[i] + 32, t->m.direct + t->stacks[i]);
		core_put_u64(&t->m.core, t->offsets + 8 * i, t->m.direct + t->per_cpu + i * 0x40000 - MACHINE_KERNEL_VA);
	}
	core_put_u64(&t->m.core, t->unit, 0x20000);
	at = machine_kernel_va(btf_create(&t->m, structs, COUNT(structs), &bytes));
	symbols_create(&tables, &t->m, SYMBOLS_BASE, (const struct symbol[]){
		{ "D__per_cpu_start", MACHINE_KERNEL_VA }, { "T_stext", STEXT }, { "Dinit_pid_ns", machine_kernel_va(t->ns) },
		{ "D__per_cpu_offset", machine_kernel_va(t->offsets) }, { "dpcpu_unit_size", machine_kernel_va(t->unit) },
		{ "D__start_BTF", at }, { "D__stop_BTF", at + bytes },
	}, 7);
}

static void tasks_and_cpus(void **state)
{
	struct kf_dump_setup setup;
	struct tasks t;
	struct kf_job *j;

	(void)state;
	tasks_create(&t);
	j = job_create(&t.m, &setup);
	CHECK_TEXT("found", j->vital.kernel.tasks_why_not, "");
	CHECK_TEXT("found", j->vital.kernel.percpu_why_not, "");
	CHECK_EQ("tasks", j->vital.kernel.tasks, 2);
	CHECK_EQ("cpus", j->vital.kernel.cpus, 2);
	CHECK_EQ("per-cpu areas", j->vital.kernel.pages[KF_VITAL_PERCPU], 2 * 0x20);
	CHECK_EQ("a node, and for each: a pid, a task, a stack", j->vital.kernel.pages[KF_VITAL_TASKS], 1 + 2 * (1 + 2 + 4));
	for (size_t i = 0; i < 2; i++) {
		CHECK("its pid", is_vital(j, t.pids[i] / 4096));
		CHECK("its task", is_vital(j, t.tasks[i] / 4096) && is_vital(j, t.tasks[i] / 4096 + 1));
		CHECK("its stack", is_vital(j, t.stacks[i] / 4096) && is_vital(j, t.stacks[i] / 4096 + 3));
		CHECK("its per-cpu area", is_vital(j, (t.per_cpu + i * 0x40000) / 4096) && !is_vital(j, (t.per_cpu + i * 0x40000) / 4096 + 0x20));
	}
	job_destroy(j);
	machine_destroy(&t.m);
}

static void node_in_itself(struct tasks *t)
{
	for (uint64_t i = 0; i < 64; i++)
		core_put_u64(&t->m.core, t->node + 40 + 8 * i, t->m.direct + t->node + 2);
}

static void wild_pointers(struct tasks *t)
{
	uint64_t seed = 1;

	for (uint64_t i = 0; i < 64; i++)
		core_put_u64(&t->m.core, t->node + 40 + 8 * i, next_random(&seed) & ~1ull);
	core_put_u64(&t->m.core, t->offsets, 0x1234567812345678);
	core_put_u64(&t->m.core, t->unit, UINT64_MAX);
}

static void stack_nowhere(struct tasks *t)
{
	core_put_u64(&t->m.core, t->tasks[0] + 32, 0xffff000000000001);
	core_put_u64(&t->m.core, t->pids[1] + 16, 0x50);
}

/* Tables that lead to each other and to themselves. */
static void tables_in_a_circle(struct tasks *t)
{
	for (uint64_t i = 256; i < 511; i++)
		if (!core_get_u64(&t->m.core, t->m.root + 8 * i))
			core_put_u64(&t->m.core, t->m.root + 8 * i, t->m.root | 0x163);
}

static void damaged_memory(void **state)
{
	static const struct {
		const char *name;
		void (*harm)(struct tasks *t);
	} rows[] = {
		{ "a node that holds itself", node_in_itself }, { "wild pointers", wild_pointers }, { "a stack nowhere", stack_nowhere },
		{ "page tables in a circle", tables_in_a_circle },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup;
		struct tasks t;
		struct kf_job *j;

		tasks_create(&t);
		rows[i].harm(&t);
		j = job_create(&t.m, &setup);
		CHECK(rows[i].name, is_vital(j, IMAGE_PFN) && is_vital(j, t.m.root / 4096));
		CHECK(rows[i].name, j->vital.kept <= (KF_VITAL_BYTES + 2 * KF_VITAL_BYTES_CPU) / 4096);
		CHECK(rows[i].name, j->vital.us < 10 * 1000000);
		job_destroy(j);
		machine_destroy(&t.m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_of_pages),
		cmocka_unit_test(list_is_bounded),
		cmocka_unit_test(gathered_and_judged),
		cmocka_unit_test(edge_of_a_block),
		cmocka_unit_test(sent_stays),
		cmocka_unit_test(tasks_and_cpus),
		cmocka_unit_test(damaged_memory),
	};
	struct kf_error err;

	if (kf_guard_install(&err))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
