// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel log: prefixes, several lines, escapes, records that wrapped, lack text, are being written or damaged.
#include "tests/unit/unit.h"

#include "sender/kernel/klog.h"
#include "tests/unit/image/opened.h"
#include "tests/unit/image/printk.h"

static const struct machine_plan plan = { .ram = 256ull << 20, .levels = 4, .era = &era_6_1 };

#define LOG_MAX (1u << 20)

static struct machine m;
static struct printk_ring ring;
static char got[LOG_MAX];
static size_t got_len;

static enum kf_status take(void *context, const char *text, size_t len, struct kf_error *err)
{
	size_t *calls_left = context;

	if (calls_left && (*calls_left)-- == 0)
		return kf_fail(err, KF_FAILED, "enough");
	assert_true(got_len + len < LOG_MAX);
	memcpy(got + got_len, text, len);
	got_len += len;
	got[got_len] = '\0';
	return KF_OK;
}

static void begin(unsigned int count_bits, unsigned int size_bits, uint64_t first, uint64_t position)
{
	machine_create(&m, &plan);
	printk_create(&ring, &m, count_bits, size_bits, first, position);
}

static enum kf_status read_log(struct kf_error *err)
{
	struct opened o;
	enum kf_status st;

	got_len = 0;
	got[0] = '\0';
	opened_create(&o, &m);
	assert_true(o.kernel.translates);
	st = kf_klog_read(&o.kernel.tr, &o.kernel.info, take, NULL, err);
	opened_destroy(&o);
	return st;
}

static void check_log(const char *name, const char *wanted)
{
	struct kf_error err;

	CHECK_OK(name, read_log(&err), &err);
	CHECK_TEXT(name, got, wanted);
	machine_destroy(&m);
}

static void add(uint64_t ns, uint32_t caller, const char *text)
{
	printk_add(&ring, ns, caller, text, strlen(text));
}

static void prefixes(void **state)
{
	(void)state;
	begin(4, 12, 0, 0);
	add(0, 0, "Linux version 6.1");
	add(1234567890, 0x80000003, "from a CPU");
	add(99999999999999, 1234567, "much later");
	check_log("prefixes", "[    0.000000] [      T0] Linux version 6.1\n"
			      "[    1.234567] [      C3] from a CPU\n"
			      "[99999.999999] [T1234567] much later\n");
}

static void without_callers(void **state)
{
	(void)state;
	begin(4, 12, 0, 0);
	add(1000, 5, "one");
	add(2000, 6, "two\nlines");
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	check_log("no caller", "[    0.000001] one\n"
			       "[    0.000002] two\n"
			       "               lines\n");
}

static void contents(void **state)
{
	(void)state;
	begin(5, 12, 0, 0);
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	add(0, 0, "first\n\nthird");
	add(0, 0, "tab\there");
	add(0, 0, "\x1b[31mred\x7f");
	add(0, 0, "caf\xc3\xa9");
	printk_add(&ring, 0, 0, "nul\0inside", 10);
	add(0, 0, "a \\x41 of its own");
	check_log("contents", "[    0.000000] first\n               \n               third\n"
			      "[    0.000000] tab\there\n"
			      "[    0.000000] \\x1b[31mred\\x7f\n"
			      "[    0.000000] caf\\xc3\\xa9\n"
			      "[    0.000000] nul\\x00inside\n"
			      "[    0.000000] a \\x41 of its own\n");
}

static void records_that_are_passed_over(void **state)
{
	uint64_t id[7];

	(void)state;
	begin(4, 12, 100, 0);
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	for (unsigned int i = 0; i < COUNT(id); i++) {
		char text[16];

		snprintf(text, sizeof(text), "record %u", i);
		id[i] = printk_add(&ring, i * 1000000000ull, 0, text, strlen(text));
	}
	printk_set_state(&ring, id[1], PRINTK_RESERVED);	/* was being written */
	printk_set_state(&ring, id[2], PRINTK_COMMITTED);	/* may still grow, but is there */
	printk_set_state(&ring, id[3], PRINTK_REUSABLE);
	printk_set_positions(&ring, id[4], 1, 1);		/* had no room */
	core_put_u64(&m.core, ring.descs + (id[5] & 15) * PRINTK_DESC_BYTES, (id[5] - 16) | 2ull << 62);	/* an older one */
	check_log("passed over", "[    0.000000] record 0\n"
				 "[    2.000000] record 2\n"
				 "[    6.000000] record 6\n");
}

/* An empty line has no text either; makedumpfile prints nothing for it. */
static void empty_lines(void **state)
{
	uint64_t id;

	(void)state;
	begin(4, 12, 0, 0);
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	add(0, 0, "before");
	id = printk_add(&ring, 0, 0, "", 0);
	printk_set_positions(&ring, id, 3, 3);
	add(0, 0, "behind");
	check_log("empty", "[    0.000000] before\n[    0.000000] behind\n");
}

/* Blocks of every length against the ring's end, in both ways that kernels have of wrapping. */
static void wrapped_records(void **state)
{
	(void)state;
	for (unsigned int newest = 0; newest < 2; newest++)
		for (unsigned int len = 1; len <= 64; len++) {
			char wanted[512] = "", text[80], name[64];
			size_t n = 0;

			begin(3, 8, 0, 256 * 7 - 40);	/* 40 bytes before an end */
			ring.fits_to_the_end = newest;
			machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
			for (unsigned int i = 0; i < 3; i++) {
				memset(text, 'a' + (int)i, sizeof(text));
				snprintf(text + (i == 1 ? len : 5), 2, "!");
				add(i * 1000, 0, text);
				n += (size_t)snprintf(wanted + n, sizeof(wanted) - n, "[    0.00000%u] %s\n", i, text);
			}
			snprintf(name, sizeof(name), "wrapped, %u bytes, %s", len, newest ? "since 6.18" : "before");
			check_log(name, wanted);
		}
}

/* The table went round several times; ids are near their own end too. */
static void a_ring_that_went_round(void **state)
{
	char wanted[8 * 64] = "";
	size_t n = 0;

	(void)state;
	begin(3, 10, PRINTK_ID_MASK - 5, 3ull << 40);
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	for (unsigned int i = 0; i < 50; i++) {
		char text[32];

		snprintf(text, sizeof(text), "record %u", i);
		add(i * 1000, 0, text);
		if (i >= 42)
			n += (size_t)snprintf(wanted + n, sizeof(wanted) - n, "[    0.0000%02u] %s\n", i, text);
	}
	check_log("round", wanted);
}

/* text_len says more than the block has, or the block less than a word. */
static void lengths_that_lie(void **state)
{
	uint64_t id, info;

	(void)state;
	begin(4, 12, 0, 0);
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	id = printk_add(&ring, 0, 0, "12345678", 8);
	info = ring.infos + id * PRINTK_INFO_BYTES;
	core_put_u64(&m.core, info + 16, 0xffff);
	add(0, 0, "next");
	id = printk_add(&ring, 0, 0, "lost", 4);
	printk_set_positions(&ring, id, 64, 68);
	id = printk_add(&ring, 0, 0, "lost", 4);
	printk_set_positions(&ring, id, 64, 0);
	id = printk_add(&ring, 0, 0, "lost", 4);
	printk_set_positions(&ring, id, 0, 0);
	check_log("lengths", "[    0.000000] 12345678\n[    0.000000] next\n");
}

static void rings_that_cannot_be(void **state)
{
	static const struct {
		const char *name;
		uint64_t at;		/* in the ring */
		uint64_t value;
		enum kf_status status;
		const char *why;
	} rows[] = {
		{ "too many records", PRINTK_COUNT_BITS, 31, KF_INVALID, "impossible sizes" },
		{ "too much text", PRINTK_SIZE_BITS, 41, KF_INVALID, "impossible sizes" },
		{ "no text", PRINTK_SIZE_BITS, 2, KF_INVALID, "impossible sizes" },
		{ "a head far away", PRINTK_HEAD_ID, 1000, KF_INVALID, "more than it holds" },
		{ "a head behind the tail", PRINTK_TAIL_ID, 100, KF_INVALID, "more than it holds" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_error err;

		begin(4, 12, 0, 0);
		add(0, 0, "text");
		core_put_u64(&m.core, ring.prb + rows[i].at, rows[i].value);
		CHECK_REFUSED(rows[i].name, read_log(&err), rows[i].status, &err, rows[i].why);
		machine_destroy(&m);
	}
}

/* Parts of the ring where no memory is: no crash, and what can be read is. */
static void parts_that_are_not_there(void **state)
{
	static const uint64_t parts[] = { PRINTK_DESCS, PRINTK_INFOS, PRINTK_DATA };

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		begin(4, 12, 0, 0);
		add(0, 0, "text");
		core_put_u64(&m.core, ring.prb + parts[i], 0xffffffff70000000);
		check_log("a part that is not there", "");
	}
}

static void keys_that_lack(void **state)
{
	static const char *const needed[] = {
		"SYMBOL(prb)", "OFFSET(printk_ringbuffer.desc_ring)", "OFFSET(printk_ringbuffer.text_data_ring)",
		"OFFSET(prb_desc_ring.count_bits)", "OFFSET(prb_desc_ring.descs)", "OFFSET(prb_desc_ring.infos)",
		"OFFSET(prb_desc_ring.head_id)", "OFFSET(prb_desc_ring.tail_id)", "SIZE(prb_desc)", "OFFSET(prb_desc.state_var)",
		"OFFSET(prb_desc.text_blk_lpos)", "OFFSET(prb_data_blk_lpos.begin)", "OFFSET(prb_data_blk_lpos.next)",
		"SIZE(printk_info)", "OFFSET(printk_info.ts_nsec)", "OFFSET(printk_info.text_len)",
		"OFFSET(prb_data_ring.size_bits)", "OFFSET(prb_data_ring.data)", "OFFSET(atomic_long_t.counter)",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(needed); i++) {
		struct kf_error err;

		begin(4, 12, 0, 0);
		machine_drop_key(&m, needed[i]);
		CHECK_REFUSED(needed[i], read_log(&err), KF_ABSENT, &err, needed[i]);
		machine_destroy(&m);
	}
}

static void pointer_that_leads_nowhere(void **state)
{
	struct kf_error err;

	(void)state;
	begin(4, 12, 0, 0);
	machine_key(&m, "SYMBOL(prb)", "ffffffff70000000");
	CHECK_REFUSED("prb", read_log(&err), KF_INVALID, &err, "prb cannot be read");
	machine_destroy(&m);
}

static void longest_record(void **state)
{
	static char text[65535];
	struct kf_error err;

	(void)state;
	begin(4, 18, 0, 0);
	machine_drop_key(&m, "OFFSET(printk_info.caller_id)");
	memset(text, 0x80, sizeof(text));		/* four bytes for each */
	printk_add(&ring, 0, 0, text, sizeof(text));
	CHECK_OK("escapes", read_log(&err), &err);
	assert_int_equal(got_len, 15 + 4 * sizeof(text) + 1);
	machine_destroy(&m);
	begin(4, 18, 0, 0);
	memset(text, '\n', sizeof(text));		/* each becomes a line with its indent: cut, but ended */
	printk_add(&ring, 0, 0, text, sizeof(text));
	CHECK_OK("lines", read_log(&err), &err);
	assert_true(got_len > sizeof(text) && got[got_len - 1] == '\n');
	machine_destroy(&m);
}

static void the_taker_may_end_it(void **state)
{
	struct opened o;
	struct kf_error err;
	size_t calls = 1;

	(void)state;
	begin(4, 12, 0, 0);
	add(0, 0, "one");
	add(0, 0, "two");
	opened_create(&o, &m);
	got_len = 0;
	CHECK_REFUSED("taker", kf_klog_read(&o.kernel.tr, &o.kernel.info, take, &calls, &err), KF_FAILED, &err, "enough");
	opened_destroy(&o);
	machine_destroy(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes),
		cmocka_unit_test(without_callers),
		cmocka_unit_test(contents),
		cmocka_unit_test(records_that_are_passed_over),
		cmocka_unit_test(empty_lines),
		cmocka_unit_test(wrapped_records),
		cmocka_unit_test(a_ring_that_went_round),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(rings_that_cannot_be),
		cmocka_unit_test(parts_that_are_not_there),
		cmocka_unit_test(keys_that_lack),
		cmocka_unit_test(pointer_that_leads_nowhere),
		cmocka_unit_test(longest_record),
		cmocka_unit_test(the_taker_may_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
