// SPDX-License-Identifier: GPL-2.0-or-later
// Every field of every message that can be wrong by itself: one row each, and every way to cut a payload short.
#include "tests/unit/unit.h"

#include "proto/message.h"
#include "tests/unit/sample/payload.h"

struct poke {
	size_t at;
	unsigned int width;	/* bytes; 0: no more pokes */
	uint64_t value;
};

struct row {
	const char *name;
	uint8_t type;
	struct poke pokes[5];
	const char *refusal;
};

#define PFN_MAX (1ull << 40)

static const struct row rows[] = {
	{ "hello: reserved", 1, { { 4, 4, 1 } }, "HELLO: reserved" },
	{ "hello: unknown flag", 1, { { 0, 4, 2 } }, "HELLO: unknown flags 0x2" },
	{ "hello: new, with a session", 1, { { 0, 4, 0 } }, "id of an old one" },
	{ "hello: text over its cap", 1, { { 56, 2, 256 } }, "cut short" },
	{ "hello: text beyond the payload", 1, { { 73, 2, 16 } }, "cut short" },
	{ "hello: text that ends early", 1, { { 73, 2, 14 } }, "1 bytes too many" },

	{ "dump: page of 2 KiB", 2, { { 0, 4, 11 } }, "DUMP: page size" },
	{ "dump: page of 128 KiB", 2, { { 0, 4, 17 } }, "page size" },
	{ "dump: page shift that would overflow", 2, { { 0, 4, 0xffffffff } }, "page size" },
	{ "dump: no pages", 2, { { 8, 8, 0 } }, "max_mapnr" },
	{ "dump: too many pages", 2, { { 8, 8, PFN_MAX + 1 } }, "max_mapnr" },
	{ "dump: too many notes", 2, { { 32, 8, (1ull << 30) + 1 } }, "bytes of notes" },
	{ "dump: VMCOREINFO behind the notes", 2, { { 40, 8, 5001 }, { 48, 4, 0 } }, "outside the notes" },
	{ "dump: VMCOREINFO reaches out of the notes", 2, { { 48, 4, 4001 } }, "outside the notes" },
	{ "dump: VMCOREINFO offset that would overflow", 2, { { 40, 8, UINT64_MAX } }, "outside the notes" },
	{ "dump: VMCOREINFO over its cap", 2, { { 32, 8, 1ull << 30 }, { 48, 4, (1u << 20) + 1 } }, "outside the notes" },
	{ "dump: level 32", 2, { { 52, 4, 32 } }, "dump level 32" },
	{ "dump: codec of an unknown flag", 2, { { 56, 4, 0x40 } }, "unknown codec at rest 0x40" },
	{ "dump: two codecs", 2, { { 56, 4, 3 } }, "unknown codec at rest" },
	{ "dump: the incomplete flag as codec", 2, { { 56, 4, 8 } }, "unknown codec at rest" },
	{ "dump: reserved", 2, { { 60, 4, 1 } }, "reserved" },
	{ "dump: bytes behind a text's end", 2, { { 64 + 10, 1, 'x' } }, "utsname field 0 has bytes behind its end" },
	{ "dump: bytes behind the last text's end", 2, { { 453, 1, 1 } }, "utsname field 5" },

	{ "log: unknown flag", 4, { { 8, 4, 4 } }, "LOG: unknown flags" },
	{ "log: reserved", 4, { { 12, 4, 1 } }, "reserved" },
	{ "log: over the cap", 4, { { 0, 8, (1ull << 30) - 5 } }, "over the log's cap" },
	{ "log: offset that would overflow", 4, { { 0, 8, UINT64_MAX } }, "over the log's cap" },
	{ "log: unavailable, with text", 4, { { 0, 8, 0 }, { 8, 4, 3 } }, "unavailable log with text" },

	{ "notes: over the cap", 6, { { 0, 8, (1ull << 30) - 19 } }, "NOTES: block" },
	{ "notes: offset that would overflow", 6, { { 0, 8, UINT64_MAX } }, "block" },

	{ "ram: unknown flag", 5, { { 0, 4, 2 } }, "RAM: unknown flags" },
	{ "ram: no range", 5, { { 4, 4, 0 } }, "0 ranges" },
	{ "ram: count over the cap", 5, { { 4, 4, 32769 } }, "32769 ranges" },
	{ "ram: count beyond the payload", 5, { { 4, 4, 4 } }, "cut short" },
	{ "ram: count below the payload", 5, { { 4, 4, 2 } }, "16 bytes too many" },
	{ "ram: empty range", 5, { { 24, 8, 0x200 } }, "range 1" },
	{ "ram: range upside down", 5, { { 24, 8, 0x201 } }, "range 1" },
	{ "ram: overlapping", 5, { { 24, 8, 0x9e } }, "range 1" },
	{ "ram: out of order", 5, { { 40, 8, 0 }, { 48, 8, 1 } }, "range 2" },
	{ "ram: beyond all memory", 5, { { 48, 8, PFN_MAX + 1 } }, "range 2" },
	{ "vital: unknown flag", 7, { { 0, 4, 2 } }, "VITAL: unknown flags" },
	{ "vital: overlapping", 7, { { 24, 8, 0x9e } }, "VITAL: its range 1" },

	{ "batch: reserved", 8, { { 2, 2, 1 } }, "BATCH: reserved" },
	{ "batch: unknown codec", 8, { { 0, 1, 4 } }, "unknown codec 4" },
	{ "batch: page of 2 KiB", 8, { { 1, 1, 11 } }, "page size" },
	{ "batch: page of 128 KiB", 8, { { 1, 1, 17 } }, "page size" },
	{ "batch: pages of 8 KiB", 8, { { 1, 1, 13 } }, "3 data pages in 12288 bytes" },
	{ "batch: no runs", 8, { { 4, 4, 0 } }, "0 runs" },
	{ "batch: runs over the cap", 8, { { 4, 4, 4097 } }, "4097 runs" },
	{ "batch: runs beyond the payload", 8, { { 4, 4, 6 } }, "cut short" },
	{ "batch: raw bytes over the cap", 8, { { 8, 4, (1u << 20) + 4096 } }, "1052672 bytes in" },
	{ "batch: stored bytes over the cap", 8, { { 12, 4, (1u << 20) + (1u << 16) + 1 } }, "bytes in" },
	{ "batch: stored bytes of no page", 8, { { 8, 4, 0 } }, "0 bytes from 40" },
	{ "batch: pages of no stored byte", 8, { { 12, 4, 0 } }, "bytes from 0" },
	{ "batch: stored bytes beyond the payload", 8, { { 12, 4, 41 } }, "cut short" },
	{ "batch: stored bytes below the payload", 8, { { 12, 4, 39 } }, "1 bytes too many" },
	{ "batch: raw bytes do not fit the runs", 8, { { 8, 4, 4 * 4096 } }, "3 data pages in 16384 bytes" },
	{ "batch: raw bytes are no pages", 8, { { 8, 4, 3 * 4096 + 1 } }, "3 data pages in 12289 bytes" },
	{ "batch: empty run", 8, { { 32, 4, 0 } }, "run 0" },
	{ "batch: run over the cap", 8, { { 48, 4, 65537 } }, "run 1" },
	{ "batch: runs over the cap together", 8, { { 48, 4, 65535 }, { 56, 8, 0x20000 } }, "65538 pages" },
	{ "batch: overlapping runs", 8, { { 40, 8, 0x81 } }, "run 1" },
	{ "batch: runs out of order", 8, { { 56, 8, 0x10 } }, "run 2" },
	{ "batch: the same page twice", 8, { { 56, 8, 0x86 } }, "run 2" },
	{ "batch: beyond all memory", 8, { { 56, 8, PFN_MAX + 1 } }, "run 2" },
	{ "batch: pfn that would overflow", 8, { { 56, 8, UINT64_MAX } }, "run 2" },
	{ "batch: unknown kind", 8, { { 52, 4, 2 } }, "unknown kind 2" },
	{ "batch: data run called zero", 8, { { 36, 4, 1 } }, "1 data pages in 12288 bytes" },

	{ "pages: no room for entries", 8, { { 0, 1, 3 }, { 12, 4, 11 } }, "no room for the entries of 3 pages" },
	{ "pages: a page of no byte", 8, { { 0, 1, 3 }, { 72, 4, 0x20000000 } }, "page 0 in 0 bytes" },
	{ "pages: a page above its size", 8, { { 0, 1, 3 }, { 72, 4, 0x20001001 } }, "page 0 in 4097 bytes" },
	{ "pages: a raw page of another size", 8, { { 0, 1, 3 }, { 72, 4, 4095 } }, "raw page 0 in 4095 bytes" },
	{ "pages: bytes that no page has", 8, { { 0, 1, 3 }, { 72, 4, 0x20000009 }, { 76, 4, 0x2000000a }, { 80, 4, 0x20000008 } },
	  "take 39 bytes of 40" },
	{ "pages: bytes that are not there", 8, { { 0, 1, 3 }, { 72, 4, 0x2000000a }, { 76, 4, 0x2000000a }, { 80, 4, 0x20000009 } },
	  "take 41 bytes of 40" },

	{ "window: unknown flag", 9, { { 0, 4, 2 } }, "WINDOW: unknown flags" },
	{ "window: vital, with a range", 9, { { 0, 4, 1 } }, "range of its own" },
	{ "window: runs over the cap", 9, { { 4, 4, 65537 } }, "over the caps" },
	{ "window: a run too few", 9, { { 4, 4, 4 } }, "do not cover" },
	{ "window: a run too many", 9, { { 4, 4, 6 } }, "run 5 is damaged" },
	{ "window: begins between groups", 9, { { 8, 8, 0x81 } }, "is no window" },
	{ "window: empty", 9, { { 8, 8, 0x1c0 } }, "is no window" },
	{ "window: upside down", 9, { { 8, 8, 0x200 } }, "is no window" },
	{ "window: beyond all memory", 9, { { 16, 8, PFN_MAX + 1 } }, "is no window" },
	{ "window: longer than its verdicts", 9, { { 16, 8, 0x1c1 } }, "do not cover" },
	{ "window: shorter than its verdicts", 9, { { 16, 8, 0x1bf } }, "more pages than the window has" },
	{ "window: carry in that does not reach in", 9, { { 24, 8, 0x80 } }, "carry in" },
	{ "window: carry in without a reason", 9, { { 32, 4, 0 } }, "carry in" },
	{ "window: a reason without a carry in", 9, { { 24, 8, 0 } }, "carry in" },
	{ "window: carry in beyond all memory", 9, { { 24, 8, PFN_MAX + 1 } }, "carry in" },
	{ "window: carry in of an unknown class", 9, { { 32, 4, 8 } }, "unknown class" },
	{ "window: carry in, reserved", 9, { { 36, 4, 1 } }, "reserved" },
	{ "window: carry out that does not reach out", 9, { { 40, 8, 0x1c0 } }, "carry out" },
	{ "window: carry out without a reason", 9, { { 48, 4, 0 } }, "carry out" },
	{ "window: carry out of an unknown class", 9, { { 48, 4, 8 } }, "unknown class" },
	{ "window: carry out, reserved", 9, { { 52, 4, 1 } }, "reserved" },
	{ "window: more pages than it has", 9, { { 64, 8, 21 } }, "more pages than the window has" },
	{ "window: tally that would overflow", 9, { { 64, 8, UINT64_MAX } }, "more pages than the window has" },
	{ "window: keeps fewer than its verdicts", 9, { { 56, 8, 157 } }, "verdicts keep 158 pages, the tally 157" },
	{ "window: more zero pages than kept", 9, { { 120, 8, 159 } }, "more pages than it keeps" },
	{ "window: zero and unreadable are more than kept", 9, { { 120, 8, 156 } }, "more pages than it keeps" },
	{ "window: more undecided than kept", 9, { { 136, 8, 159 } }, "more pages than it keeps" },
	{ "window: more rescued than kept", 9, { { 144, 8, 159 } }, "more pages than it keeps" },
	{ "window: unreadable ranges over the cap", 9, { { 152, 4, 32769 } }, "over the caps" },
	{ "window: undecided ranges over the cap", 9, { { 156, 4, 32769 } }, "over the caps" },
	{ "window: unreadable ranges beyond the payload", 9, { { 152, 4, 32768 } }, "cut short" },
	{ "window: undecided ranges beyond the payload", 9, { { 156, 4, 3 } }, "cut short" },
	{ "window: fewer unreadable than listed", 9, { { 128, 8, 2 } }, "WINDOW" },
	{ "window: more unreadable than listed", 9, { { 128, 8, 4 } }, "WINDOW" },
	{ "window: fewer undecided than listed", 9, { { 136, 8, 5 } }, "WINDOW" },
	{ "window: unreadable before the window", 9, { { 160, 8, 0x7f } }, "unreadable range 0" },
	{ "window: unreadable behind the window", 9, { { 184, 8, 0x1c1 } }, "unreadable range 1" },
	{ "window: unreadable overlapping", 9, { { 176, 8, 0xb1 } }, "unreadable range 1" },
	{ "window: undecided before the window", 9, { { 192, 8, 0x7f } }, "undecided range 0" },
	{ "window: empty undecided range", 9, { { 200, 8, 0xa0 } }, "undecided range 0" },
	{ "window: an empty run inside", 9, { { 209, 1, 0 }, { 210, 1, 100 }, { 211, 1, 108 } }, "run 1 is damaged" },
	{ "window: verdicts too long", 9, { { 212, 1, 81 } }, "run 4 is damaged" },
	{ "window: verdicts too short", 9, { { 212, 1, 79 } }, "1 pages left" },
	{ "window: a run in more bytes than it needs", 9, { { 4, 4, 4 }, { 211, 1, 0x80 | 58 }, { 212, 1, 0 } }, "run 3 is damaged" },
	{ "window: a run that does not end", 9, { { 212, 1, 0x80 } }, "damaged" },

	{ "end: unknown reason", 10, { { 0, 4, 4 } }, "END: unknown reason 4" },
	{ "end: reserved", 10, { { 4, 4, 1 } }, "reserved" },

	{ "resume: carry that does not reach beyond", 34, { { 8, 8, 0x2000 } }, "RESUME: carry" },
	{ "resume: carry of an unknown class", 34, { { 16, 4, 8 } }, "unknown class" },
	{ "resume: carry, reserved", 34, { { 20, 4, 1 } }, "reserved" },
	{ "resume: unknown flag", 34, { { 24, 4, 4 } }, "unknown flags" },
	{ "resume: reserved", 34, { { 28, 4, 1 } }, "reserved" },
	{ "resume: beyond all memory", 34, { { 0, 8, PFN_MAX + 1 }, { 8, 8, PFN_MAX } }, "pfn" },
	{ "durable: unknown flag", 36, { { 24, 4, 4 } }, "DURABLE: unknown flags" },
	{ "durable: reserved", 36, { { 28, 4, 1 } }, "reserved" },
	{ "stored: unknown flag", 37, { { 0, 4, 4 } }, "STORED: unknown flags" },
	{ "stored: text over its cap", 37, { { 4, 2, 256 } }, "cut short" },
	{ "level: 32", 38, { { 0, 4, 32 } }, "LEVEL: level 32" },
	{ "level: reserved", 38, { { 4, 4, 1 } }, "LEVEL" },
	{ "abort: code 0", 65, { { 0, 4, 0 } }, "ABORT: unknown code 0" },
	{ "abort: unknown code", 65, { { 0, 4, 6 } }, "unknown code 6" },
	{ "abort: text beyond the payload", 65, { { 4, 2, 10 } }, "cut short" },
};

/* The payload is exactly as large as its bytes, so that a sanitizer sees each step too far. */
static enum kf_status decode(uint8_t type, const uint8_t *bytes, size_t len, struct kf_error *err)
{
	uint8_t *exact = calloc(1, len ? len : 1);
	struct kf_message m;
	enum kf_status st;

	if (len)
		memcpy(exact, bytes, len);
	st = kf_decode(&m, type, exact, len, err);
	free(exact);
	return st;
}

static void every_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s;
		struct kf_error err;

		sample_of(&s, rows[i].type);
		for (size_t k = 0; k < COUNT(rows[i].pokes) && rows[i].pokes[k].width; k++)
			sample_poke(s.bytes, rows[i].pokes[k].at, rows[i].pokes[k].width, rows[i].pokes[k].value);
		CHECK_REFUSED(rows[i].name, decode(s.type, s.bytes, s.len, &err), KF_INVALID, &err, rows[i].refusal);
	}
}

/* Where the rest of a payload is a text of any length, shorter ones are good down to this one. */
static size_t shortest(uint8_t type, size_t len)
{
	switch (type) {
	case KF_MSG_VMCOREINFO:
		return 1;
	case KF_MSG_LOG:
		return 16;
	case KF_MSG_NOTES:
		return 9;
	default:
		return len;
	}
}

static void every_length(void **state)
{
	struct sample all[SAMPLES];

	(void)state;
	sample_all(all);
	for (size_t i = 0; i < SAMPLES; i++) {
		size_t min = shortest(all[i].type, all[i].len);
		struct kf_error err;

		for (size_t len = 0; len <= all[i].len; len++) {
			enum kf_status st = decode(all[i].type, all[i].bytes, len, &err);

			CHECK_EQ(all[i].name, st, len < min ? KF_INVALID : KF_OK);
		}
		if (min < all[i].len)
			continue;
		CHECK_REFUSED(all[i].name, decode(all[i].type, all[i].bytes, all[i].len + 1, &err), KF_INVALID, &err, all[i].name);
	}
}

static void unknown_types(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < 256; type++) {
		struct kf_error err;

		if (!kf_payload_max((uint8_t)type))
			CHECK_REFUSED("type", decode((uint8_t)type, NULL, 0, &err), KF_INVALID, &err, "unknown message type");
	}
}

/* Blocks have no other rows: nothing in them can be wrong but their emptiness. */
static void empty_blocks(void **state)
{
	struct sample s;
	struct kf_error err;

	(void)state;
	CHECK_REFUSED("vmcoreinfo", decode(KF_MSG_VMCOREINFO, NULL, 0, &err), KF_INVALID, &err, "no text");
	sample_of(&s, KF_MSG_LOG);
	CHECK_OK("log: nothing in the last block", decode(s.type, s.bytes, 16, &err), &err);
	sample_poke(s.bytes, 8, 4, 0);
	CHECK_REFUSED("log: nothing in another", decode(s.type, s.bytes, 16, &err), KF_INVALID, &err, "not the last");
	sample_poke(s.bytes, 0, 8, 0);
	sample_poke(s.bytes, 8, 4, 3);
	CHECK_OK("log: unavailable", decode(s.type, s.bytes, 16, &err), &err);
	sample_poke(s.bytes, 8, 4, 2);
	CHECK_REFUSED("log: unavailable, not the last", decode(s.type, s.bytes, 16, &err), KF_INVALID, &err, "unavailable");
	sample_poke(s.bytes, 0, 8, 1);
	sample_poke(s.bytes, 8, 4, 3);
	CHECK_REFUSED("log: unavailable, behind text", decode(s.type, s.bytes, 16, &err), KF_INVALID, &err, "unavailable");
	sample_of(&s, KF_MSG_NOTES);
	CHECK_REFUSED("notes", decode(s.type, s.bytes, 8, &err), KF_INVALID, &err, "block of 0 bytes");
}

/* A field of utsname that is full to its last byte has no end. */
static void text_without_end(void **state)
{
	struct sample s;
	struct kf_error err;

	(void)state;
	sample_of(&s, KF_MSG_DUMP);
	memset(s.bytes + 64 + 65, 'x', 65);
	CHECK_REFUSED("uts", decode(s.type, s.bytes, s.len, &err), KF_INVALID, &err, "utsname field 1 does not end");
	s.bytes[64 + 65 + 64] = '\0';
	CHECK_OK("uts", decode(s.type, s.bytes, s.len, &err), &err);
}

static void closing_the_vital_pages(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		unsigned int width;
		uint64_t value;
	} wrong[] = {
		{ "runs", 4, 4, 1 }, { "first", 8, 8, 64 }, { "end", 16, 8, 64 }, { "carry in", 24, 8, 64 },
		{ "carry in, why", 32, 4, 1 }, { "carry out", 40, 8, 64 }, { "carry out, why", 48, 4, 1 },
		{ "kept", 56, 8, 1 }, { "no data", 112, 8, 1 }, { "undecided", 136, 8, 1 }, { "rescued", 144, 8, 1 },
	};
	struct sample s = { .type = KF_MSG_WINDOW, .len = 176 };
	struct kf_error err;

	(void)state;
	sample_poke(s.bytes, 0, 4, KF_WINDOW_VITAL);
	sample_poke(s.bytes, 120, 8, 5);		/* zero pages among them */
	sample_poke(s.bytes, 128, 8, 2);		/* unreadable ones, listed */
	sample_poke(s.bytes, 152, 4, 1);
	sample_poke(s.bytes, 160, 8, 0x1000);
	sample_poke(s.bytes, 168, 8, 0x1002);
	CHECK_OK("vital", decode(s.type, s.bytes, s.len, &err), &err);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct sample bad = s;

		sample_poke(bad.bytes, wrong[i].at, wrong[i].width, wrong[i].value);
		CHECK_REFUSED(wrong[i].name, decode(bad.type, bad.bytes, bad.len, &err), KF_INVALID, &err, "WINDOW");
	}
	s.bytes[s.len++] = 1;
	CHECK_REFUSED("verdicts", decode(s.type, s.bytes, s.len, &err), KF_INVALID, &err, "range of its own");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field),
		cmocka_unit_test(every_length),
		cmocka_unit_test(unknown_types),
		cmocka_unit_test(empty_blocks),
		cmocka_unit_test(text_without_end),
		cmocka_unit_test(closing_the_vital_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
