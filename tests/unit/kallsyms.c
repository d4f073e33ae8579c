// SPDX-License-Identifier: GPL-2.0-or-later
// Symbols and members of structures, out of the dump alone.
#include "tests/unit/unit.h"

#include "sender/kernel/btf.h"
#include "sender/kernel/kallsyms.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"
#include "tests/unit/image/symbols.h"

static const struct machine_plan plan = { .ram = 130ull << 20, .levels = 4, .era = &era_6_12 };

#define STEXT (MACHINE_KERNEL_VA + 0x1000)
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define Y100 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"

static const struct symbol table[] = {
	{ "A__per_cpu_start", 0x10 },
	{ "A__per_cpu_offsets", 0x20 },	/* only begins like one that is looked for */
	{ "Tstartup", MACHINE_KERNEL_VA },
	{ "T_stext", STEXT },
	{ "t" X50 Y100 Y100, STEXT + 0x100 },	/* its length has two bytes */
	{ "D__per_cpu_offset", MACHINE_KERNEL_VA + 0x400000 },
	{ "dslab_caches", MACHINE_KERNEL_VA + 0x400100 },
	{ "bslab_caches", MACHINE_KERNEL_VA + 0x400200 },	/* the first counts */
	{ "bnr_cpu_ids", MACHINE_KERNEL_VA + 0x7fffff },
};

static void find(struct machine *m, struct kf_symbols *s, enum kf_status *st, struct kf_error *err)
{
	struct opened o;

	opened_create(&o, m);
	*st = kf_kallsyms_read(s, &o.kernel.tr, &o.kernel.info, err);
	opened_destroy(&o);
}

static void three_schemes(void **state)
{
	static const struct {
		const char *name;
		enum symbols_scheme scheme;
	} rows[] = {
		{ "absolute ones apart", SYMBOLS_ABSOLUTE }, { "from a base", SYMBOLS_BASE }, { "from the place", SYMBOLS_PLACE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine m;
		struct symbols tables;
		struct kf_symbols s;
		enum kf_status st;
		struct kf_error err;

		machine_create(&m, &plan);
		machine_key(&m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)STEXT);
		symbols_create(&tables, &m, rows[i].scheme, table, COUNT(table));
		find(&m, &s, &st, &err);
		CHECK_OK(rows[i].name, st, &err);
		CHECK_EQ(rows[i].name, s.count, COUNT(table));
		CHECK_EQ(rows[i].name, s.va[KF_SYM_PER_CPU_OFFSET], MACHINE_KERNEL_VA + 0x400000);
		CHECK_EQ(rows[i].name, s.va[KF_SYM_SLAB_CACHES], MACHINE_KERNEL_VA + 0x400100);
		CHECK_EQ(rows[i].name, s.va[KF_SYM_NR_CPU_IDS], MACHINE_KERNEL_VA + 0x7fffff);
		if (rows[i].scheme == SYMBOLS_ABSOLUTE)
			CHECK_EQ(rows[i].name, s.va[KF_SYM_PER_CPU_START], 0x10);
		CHECK(rows[i].name, s.has[KF_SYM_PER_CPU_START] && !s.has[KF_SYM_INIT_PID_NS] && !s.has[KF_SYM_START_BTF]);
		machine_destroy(&m);
	}
}

struct damage {
	const char *name;
	void (*harm)(struct machine *m, struct symbols *t);
	enum kf_status status;
	const char *part;
};

static void no_key(struct machine *m, struct symbols *t)
{
	(void)t;
	machine_drop_key(m, "SYMBOL(kallsyms_offsets)");
}

static void no_symbols(struct machine *m, struct symbols *t) { core_put_u64(&m->core, t->count, 0); }
static void too_many(struct machine *m, struct symbols *t) { core_put_u64(&m->core, t->count, 0xffffffff); }
/* One long name after the other, up to the end of what is mapped. */
static void no_end(struct machine *m, struct symbols *t) { core_put_u64(&m->core, t->count, 4 << 20); }

static void names_unmapped(struct machine *m, struct symbols *t)
{
	(void)t;
	machine_key(m, "SYMBOL(kallsyms_names)", "%" PRIx64, (uint64_t)(MACHINE_KERNEL_VA - 0x100000));
}

static void tokens_unmapped(struct machine *m, struct symbols *t)
{
	(void)t;
	machine_key(m, "SYMBOL(kallsyms_token_table)", "%" PRIx64, (uint64_t)(MACHINE_KERNEL_VA - 0x100000));
}

static void offsets_moved(struct machine *m, struct symbols *t)
{
	machine_key(m, "SYMBOL(kallsyms_offsets)", "%" PRIx64, machine_kernel_va(t->offsets + 4));
}

static void stext_renamed(struct machine *m, struct symbols *t)
{
	/* Behind A__per_cpu_start (14 bytes packed), A__per_cpu_offsets and Tstartup. */
	for (uint64_t at = t->names; at < t->names + 100; at++) {
		uint8_t c[8];
		uint64_t word = core_get_u64(&m->core, at);

		memcpy(c, &word, 8);
		if (memcmp(c, "T_stext", 7) == 0)
			core_put(&m->core, at, "T_stexu", 7);
	}
}

static void damaged_tables(void **state)
{
	static const struct damage rows[] = {
		{ "a key is not there", no_key, KF_ABSENT, "SYMBOL(kallsyms_offsets)" },
		{ "no symbols", no_symbols, KF_INVALID, "kallsyms_num_syms" },
		{ "too many", too_many, KF_INVALID, "kallsyms_num_syms" },
		{ "more than there are", no_end, KF_INVALID, "kallsyms_names ends" },
		{ "names are not mapped", names_unmapped, KF_INVALID, "kallsyms_names ends behind 0" },
		{ "tokens are not mapped", tokens_unmapped, KF_INVALID, "kallsyms_token_table" },
		{ "offsets of others", offsets_moved, KF_INVALID, "_stext is not where" },
		{ "no _stext", stext_renamed, KF_INVALID, "has no _stext" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine m;
		struct symbols t;
		struct kf_symbols s;
		enum kf_status st;
		struct kf_error err;

		machine_create(&m, &plan);
		machine_key(&m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)STEXT);
		symbols_create(&t, &m, SYMBOLS_ABSOLUTE, table, COUNT(table));
		rows[i].harm(&m, &t);
		find(&m, &s, &st, &err);
		CHECK_REFUSED(rows[i].name, st, rows[i].status, &err, rows[i].part);
		for (size_t k = 0; k < KF_SYMBOLS; k++)
			CHECK(rows[i].name, !s.has[k]);
		machine_destroy(&m);
	}
}

static const struct btf_struct structs[] = {
	{ "other_struct", 64, { { "stack", 8 }, { "idr", 16 } } },
	{ "pid", 112, { { "count", 0 }, { "tasks", 24 } } },
	{ "task_struct", 8320, { { "stack", 32 }, { "pid_links", 0x5a0 } } },
	{ "xa_node", 576, { { "shift", 0 }, { "slots", 40 } } },
};

static void members(void **state)
{
	struct machine m;
	struct opened o;
	struct kf_btf b;
	struct kf_error err;
	uint64_t bytes, at;

	(void)state;
	machine_create(&m, &plan);
	at = machine_kernel_va(btf_create(&m, structs, COUNT(structs), &bytes));
	opened_create(&o, &m);
	CHECK_OK("btf", kf_btf_read(&b, &o.kernel.tr, at, at + bytes, &err), &err);
	CHECK_EQ("of pid", b.offset[KF_BTF_PID_TASKS], 24);
	CHECK_EQ("of task_struct, not of another", b.offset[KF_BTF_TASK_STACK], 32);
	CHECK_EQ("pid_links", b.offset[KF_BTF_TASK_PID_LINKS], 0x5a0);
	CHECK_EQ("size", b.size[KF_BTF_TASK_STACK], 8320);
	CHECK_EQ("slots", b.offset[KF_BTF_NODE_SLOTS], 40);
	CHECK("what is not there", !b.has[KF_BTF_PID_NS_IDR] && !b.has[KF_BTF_XA_HEAD]);
	CHECK_REFUSED("cut", kf_btf_read(&b, &o.kernel.tr, at, at + bytes - 1, &err), KF_INVALID, &err, "larger than its place");
	CHECK_REFUSED("no BTF", kf_btf_read(&b, &o.kernel.tr, at + 8, at + bytes, &err), KF_INVALID, &err, "there is no BTF");
	CHECK_REFUSED("backwards", kf_btf_read(&b, &o.kernel.tr, at, at - 1, &err), KF_INVALID, &err, "there is no BTF");
	opened_destroy(&o);
	machine_destroy(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_schemes),
		cmocka_unit_test(damaged_tables),
		cmocka_unit_test(members),
	};
	struct kf_error err;

	if (kf_guard_install(&err))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
