// SPDX-License-Identifier: GPL-2.0-or-later
// The dead kernel: its names from memory, a VMCOREINFO of another kernel, and every way not to be understood.
#include "tests/unit/unit.h"

#include "tests/unit/image/opened.h"

static const struct machine_plan plan = { .ram = 256ull << 20, .levels = 4, .era = &era_6_1 };

static struct machine m;
static struct opened o;

static void names_from_memory(void **state)
{
	(void)state;
	machine_create(&m, &plan);
	opened_create(&o, &m);
	assert_true(o.kernel.has_info && o.kernel.translates && o.kernel.filters);
	assert_string_equal(o.kernel.why_not, "");
	assert_string_equal(o.kernel.uts[KF_UTS_SYSNAME], "Linux");
	assert_string_equal(o.kernel.uts[KF_UTS_NODENAME], "crashed");
	assert_string_equal(o.kernel.uts[KF_UTS_RELEASE], "6.1.0-test");
	assert_string_equal(o.kernel.uts[KF_UTS_VERSION], "#1 SMP TEST");
	assert_string_equal(o.kernel.uts[KF_UTS_MACHINE], "x86_64");
	assert_string_equal(o.kernel.uts[KF_UTS_DOMAINNAME], "(none)");
	assert_int_equal(o.kernel.page_shift, 12);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* Physical address of utsname field I. */
static uint64_t uts_field(const struct machine *machine, unsigned int i)
{
	uint64_t va = strtoull(strstr(machine->info, "SYMBOL(init_uts_ns)=") + 20, NULL, 16);

	return va - MACHINE_KERNEL_VA + MACHINE_KERNEL + 4 + 65 * i;
}

/* Bytes of a longer name lie behind a shorter one's end; and a name that fills its field has no end. */
static void names_that_are_not_clean(void **state)
{
	char full[65];

	(void)state;
	machine_create(&m, &plan);
	core_put(&m.core, uts_field(&m, 1), "short\0longer name", 17);
	memset(full, 'd', sizeof(full));
	core_put(&m.core, uts_field(&m, 5), full, sizeof(full));
	opened_create(&o, &m);
	for (size_t i = 5; i < KF_UTS_BYTES; i++)
		assert_int_equal(o.kernel.uts[KF_UTS_NODENAME][i], 0);
	assert_int_equal(strlen(o.kernel.uts[KF_UTS_DOMAINNAME]), 64);
	opened_destroy(&o);
	machine_destroy(&m);
}

static void offset_of_the_names(void **state)
{
	(void)state;
	machine_create(&m, &plan);
	machine_drop_key(&m, "OFFSET(uts_namespace.name)");	/* then it is 4 */
	opened_create(&o, &m);
	assert_true(o.kernel.translates);
	opened_destroy(&o);
	machine_destroy(&m);
}

static void of_another_kernel(void **state)
{
	struct kf_vmcore vc;
	struct kf_kernel k;
	struct kf_error err;

	(void)state;
	machine_create(&m, &plan);
	machine_key(&m, "OSRELEASE", "6.1.0-other");
	machine_finish(&m);
	CHECK_OK("open", kf_vmcore_open(&vc, m.core.path, &err), &err);
	CHECK_REFUSED("mismatch", kf_kernel_init(&k, &vc, m.info, strlen(m.info), &err), KF_MISMATCH, &err,
		      "VMCOREINFO is of kernel 6.1.0-other, the memory of 6.1.0-test");
	kf_vmcore_close(&vc);
	machine_destroy(&m);
}

/* Whatever lacks, there is a kernel with names that readers accept, and words for the report. */
static void not_understood(void **state)
{
	static const struct {
		const char *name, *key, *value;
		const char *why;
		bool translates;
	} rows[] = {
		{ "no uts", "SYMBOL(init_uts_ns)", NULL, "SYMBOL(init_uts_ns)", false },
		{ "uts where nothing is", "SYMBOL(init_uts_ns)", "ffffffff70000000", "cannot be read", false },
		{ "uts that is none", "SYMBOL(init_uts_ns)", "ffffffff83000000", "holds no system name", false },
		{ "no page tables", "SYMBOL(init_top_pgt)", NULL, "page tables cannot be found", false },
		{ "page tables where nothing is", "SYMBOL(init_top_pgt)", "fffffffff0000000", "cannot be read", false },
		{ "another depth of tables", "NUMBER(pgtable_l5_enabled)", "1", "cannot be read", false },
		{ "another phys_base", "NUMBER(phys_base)", "0", "", false },
		{ "no struct page", "OFFSET(page.flags)", NULL, "OFFSET(page.flags)", true },
		{ "no memory model", "SYMBOL(mem_section)", NULL, "memory model", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &plan);
		if (rows[i].value)
			machine_key(&m, rows[i].key, "%s", rows[i].value);
		else
			machine_drop_key(&m, rows[i].key);
		opened_create(&o, &m);
		CHECK_EQ(rows[i].name, o.kernel.translates, rows[i].translates);
		CHECK(rows[i].name, !o.kernel.filters);
		CHECK(rows[i].name, o.kernel.why_not[0] && strstr(o.kernel.why_not, rows[i].why));
		CHECK_TEXT(rows[i].name, o.kernel.uts[KF_UTS_SYSNAME], "Linux");
		CHECK_TEXT(rows[i].name, o.kernel.uts[KF_UTS_RELEASE], "6.1.0-test");
		CHECK_TEXT(rows[i].name, o.kernel.uts[KF_UTS_MACHINE], "x86_64");
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

static void no_vmcoreinfo_at_all(void **state)
{
	struct kf_vmcore vc;
	struct kf_kernel k;
	struct kf_error err;

	(void)state;
	machine_create(&m, &plan);
	machine_finish(&m);
	CHECK_OK("open", kf_vmcore_open(&vc, m.core.path, &err), &err);
	CHECK_OK("init", kf_kernel_init(&k, &vc, "", 0, &err), &err);
	assert_false(k.has_info || k.translates || k.filters);
	assert_string_equal(k.why_not, "there is no VMCOREINFO");
	assert_string_equal(k.uts[KF_UTS_RELEASE], "unknown");
	assert_int_equal(k.page_shift, 12);
	kf_kernel_find_memmap(&k, 0x10000);
	assert_false(k.filters);
	kf_kernel_deinit(&k);
	kf_vmcore_close(&vc);
	machine_destroy(&m);
}

/* A PAGESIZE that the machine cannot have: its own is taken, and nothing is believed of the rest. */
static void page_sizes(void **state)
{
	static const struct {
		const char *value;
		unsigned int shift;
	} rows[] = {
		{ "4096", 12 }, { "16384", 12 }, { "65536", 12 }, { "2048", 12 }, { "131072", 12 }, { "5000", 12 }, { "0", 12 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64];
		struct kf_vmcore vc = { .machine = 62 };
		struct kf_kernel k;
		struct kf_error err;

		snprintf(text, sizeof(text), "PAGESIZE=%s\n", rows[i].value);
		CHECK_OK(text, kf_kernel_init(&k, &vc, text, strlen(text), &err), &err);
		CHECK_EQ(text, k.page_shift, rows[i].shift);
		assert_false(k.translates);
		if (strcmp(rows[i].value, "65536") == 0)
			assert_non_null(strstr(k.why_not, "PAGESIZE"));
		kf_kernel_deinit(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_from_memory),
		cmocka_unit_test(names_that_are_not_clean),
		cmocka_unit_test(offset_of_the_names),
		cmocka_unit_test(of_another_kernel),
		cmocka_unit_test(not_understood),
		cmocka_unit_test(no_vmcoreinfo_at_all),
		cmocka_unit_test(page_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
