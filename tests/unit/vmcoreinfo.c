// SPDX-License-Identifier: GPL-2.0-or-later
// VMCOREINFO's text: the form of each kind of key, the first occurrence wins, and text that means harm.
#include "tests/unit/unit.h"

#include "sender/kernel/vmcoreinfo.h"

static struct kf_vmcoreinfo vi;

static void parse(const char *text)
{
	memset(&vi, 0xa5, sizeof(vi));
	kf_vmcoreinfo_parse(&vi, text, strlen(text));
}

static void each_form(void **state)
{
	static const struct {
		const char *line;
		enum kf_key key;
		bool has;
		uint64_t value;
	} rows[] = {
		{ "PAGESIZE=4096", KF_KEY_PAGESIZE, true, 4096 },
		{ "CRASHTIME=1700000000", KF_KEY_CRASHTIME, true, 1700000000 },
		{ "KERNELOFFSET=11c00000", KF_KEY_KERNELOFFSET, true, 0x11c00000 },
		{ "KERNELOFFSET=0", KF_KEY_KERNELOFFSET, true, 0 },
		{ "SYMBOL(prb)=ffffffff94662540", KF_KEY_SYM_PRB, true, 0xffffffff94662540 },
		{ "SYMBOL(prb)=10", KF_KEY_SYM_PRB, true, 0x10 },
		{ "SYMBOL(prb)=0", KF_KEY_SYM_PRB, false, 0 },
		{ "SYMBOL(prb)=ffffffffffffffff", KF_KEY_SYM_PRB, false, 0 },
		{ "SYMBOL(prb)=-1", KF_KEY_SYM_PRB, false, 0 },
		{ "SYMBOL(prb)=fffffffffffffffff", KF_KEY_SYM_PRB, false, 0 },
		{ "SYMBOL(prb)=xyz", KF_KEY_SYM_PRB, false, 0 },
		{ "SIZE(page)=64", KF_KEY_SIZE_PAGE, true, 64 },
		{ "SIZE(page)=0x40", KF_KEY_SIZE_PAGE, false, 0 },
		{ "SIZE(page)=ff", KF_KEY_SIZE_PAGE, false, 0 },
		{ "OFFSET(page.flags)=0", KF_KEY_OFF_PAGE_FLAGS, true, 0 },
		{ "OFFSET(page.flags)=-1", KF_KEY_OFF_PAGE_FLAGS, true, UINT64_MAX },
		{ "LENGTH(zone.free_area)=11", KF_KEY_LEN_FREE_AREA, true, 11 },
		{ "NUMBER(phys_base)=6291456", KF_KEY_NUM_PHYS_BASE, true, 6291456 },
		{ "NUMBER(phys_base)=-679477248", KF_KEY_NUM_PHYS_BASE, true, (uint64_t)-679477248ll },
		{ "NUMBER(phys_base)=0x600000", KF_KEY_NUM_PHYS_BASE, true, 0x600000 },
		{ "NUMBER(sme_mask)=800000000000", KF_KEY_NUM_SME_MASK, true, 800000000000 },
		{ "NUMBER(PG_lru)=", KF_KEY_NUM_PG_LRU, false, 0 },
		{ "NUMBER(PG_lru)= 4", KF_KEY_NUM_PG_LRU, false, 0 },
		{ "NUMBER(PG_lru)=4 ", KF_KEY_NUM_PG_LRU, false, 0 },
		{ "NUMBER(PG_lru)=+4", KF_KEY_NUM_PG_LRU, false, 0 },
		{ "NUMBER(PG_lru)=99999999999999999999", KF_KEY_NUM_PG_LRU, false, 0 },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456", KF_KEY_NUM_BUDDY, true, (uint64_t)-268435456ll },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		parse(rows[i].line);
		CHECK_EQ(rows[i].line, kf_has(&vi, rows[i].key), rows[i].has);
		CHECK_EQ(rows[i].line, kf_value(&vi, rows[i].key, 77), rows[i].has ? rows[i].value : 77);
	}
}

static void texts(void **state)
{
	(void)state;
	parse("OSRELEASE=6.1.0-50-cloud-amd64\nBUILD-ID=bb603a9147d3efe4744bf83c83eee397c591cc20\n");
	assert_string_equal(vi.osrelease, "6.1.0-50-cloud-amd64");
	assert_string_equal(vi.build_id, "bb603a9147d3efe4744bf83c83eee397c591cc20");
	parse("");
	assert_string_equal(vi.osrelease, "");
	assert_string_equal(vi.build_id, "");
	for (int k = 0; k < KF_KEYS; k++)
		assert_false(kf_has(&vi, (enum kf_key)k));
}

static void first_wins(void **state)
{
	(void)state;
	parse("SIZE(page)=64\nSIZE(page)=80\nOSRELEASE=first\nOSRELEASE=second\n");
	assert_int_equal(kf_value(&vi, KF_KEY_SIZE_PAGE, 0), 64);
	assert_string_equal(vi.osrelease, "first");
	/* Also if the first one reads as nothing. */
	parse("SYMBOL(prb)=0\nSYMBOL(prb)=ffffffff80000000\n");
	assert_false(kf_has(&vi, KF_KEY_SYM_PRB));
}

static void keys_stand_at_a_line_start_and_whole(void **state)
{
	static const char *const lines[] = {
		" SIZE(page)=64", "xSIZE(page)=64", "SIZE(page)", "SIZE(page) =64", "SIZE(page)x=64", "size(page)=64", "SIZE(pag)=64",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		parse(lines[i]);
		CHECK(lines[i], !kf_has(&vi, KF_KEY_SIZE_PAGE));
	}
}

static void absent_is_not_zero(void **state)
{
	(void)state;
	parse("OFFSET(page.flags)=0\n");
	assert_true(kf_has(&vi, KF_KEY_OFF_PAGE_FLAGS));
	assert_false(kf_has(&vi, KF_KEY_OFF_PAGE_MAPPING));
	assert_int_equal(kf_value(&vi, KF_KEY_OFF_PAGE_MAPPING, 5), 5);
}

static void every_key_is_found(void **state)
{
	(void)state;
	for (int k = 0; k < KF_KEYS; k++) {
		char line[256];

		snprintf(line, sizeof(line), "junk\n%s=10\nmore=junk", kf_key_text((enum kf_key)k));
		parse(line);
		CHECK(line, kf_has(&vi, (enum kf_key)k));
		for (int other = 0; other < KF_KEYS; other++)
			CHECK(line, other == k || !kf_has(&vi, (enum kf_key)other));
	}
}

/* The text is not NUL terminated, may hold NULs, and may be cut anywhere. */
static void hostile_text(void **state)
{
	static const char good[] = "OSRELEASE=6.1\nSIZE(page)=64\nSYMBOL(prb)=ffffffff80000000\nNUMBER(PG_lru)=4";
	char longer[5000];
	uint64_t seed = 3;

	(void)state;
	for (size_t len = 0; len < sizeof(good); len++) {
		char *exact = malloc(len ? len : 1);

		memcpy(exact, good, len);
		kf_vmcoreinfo_parse(&vi, exact, len);
		free(exact);
	}
	assert_int_equal(kf_value(&vi, KF_KEY_NUM_PG_LRU, 0), 4);	/* no final newline is needed */

	memset(longer, 'A', sizeof(longer));
	memcpy(longer, "OSRELEASE=", 10);
	longer[200] = '\n';
	kf_vmcoreinfo_parse(&vi, longer, sizeof(longer));
	assert_int_equal(strlen(vi.osrelease), sizeof(vi.osrelease) - 1);

	kf_vmcoreinfo_parse(&vi, "SIZE(page)=6\0004\nSIZE(page)=64\n", 28);
	assert_true(strlen(vi.osrelease) == 0);

	for (unsigned int round = 0; round < 2000; round++) {
		char *noise = malloc(300);

		for (size_t i = 0; i < 300; i++)
			noise[i] = "SIZE(page)=NUMBER.\n\0-x0123456789"[next_random(&seed) % 32];
		kf_vmcoreinfo_parse(&vi, noise, 300);
		free(noise);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form),
		cmocka_unit_test(texts),
		cmocka_unit_test(first_wins),
		cmocka_unit_test(keys_stand_at_a_line_start_and_whole),
		cmocka_unit_test(absent_is_not_zero),
		cmocka_unit_test(every_key_is_found),
		cmocka_unit_test(hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
