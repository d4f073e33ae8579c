// SPDX-License-Identifier: GPL-2.0-or-later
// The assembler: correct streams become whole dumps, whatever the order in which workers finish; cut
// streams become incomplete ones that hold only right pages.
#include "proto/names.h"
#include "tests/unit/recv/judge.h"

static void run_plan(const char *name, const struct plan *p, uint64_t seed)
{
	struct plan_stream s;
	struct rig r;
	char text[8192];

	rig_init(&r);
	r.seed = seed;
	plan_stream_make(&s, p, NULL, NULL);
	rig_run(&r, s.bytes, s.len);
	if (r.status)
		fail_msg("%s, seed %" PRIu64 ": %s", name, seed, r.reason);
	CHECK_EQ(name, r.replies[KF_MSG_WELCOME], 1);
	CHECK_EQ(name, r.replies[KF_MSG_STORED], 1);
	CHECK_EQ(name, r.replies[KF_MSG_ABORT], 0);
	CHECK_EQ(name, r.stored_flags, KF_STORED_WHOLE);
	CHECK_EQ(name, r.durable_pfn, p->max_mapnr);
	CHECK_TEXT(name, r.file, "vmcore");
	CHECK(name, !rig_has(&r, "vmcore-incomplete") && !rig_has(&r, "journal") && !rig_has(&r, "manifest.json.new"));
	judge_rig(name, &r, p, true);
	rig_text(&r, "vmcore-dmesg.txt", text, sizeof(text));
	CHECK_TEXT(name, text, PLAN_LOG);
	rig_text(&r, "manifest.json", text, sizeof(text));
	CHECK(name, strstr(text, "\"state\": \"complete\""));
	CHECK(name, strstr(text, "\"claimed_host\": \"..madeup\""));
	plan_stream_free(&s);
	rig_deinit(&r);
}

static void add_vital(struct plan *p)
{
	plan_add(p->vital, 255, 259);	/* zero pages, and across a window's edge */
	plan_add(p->vital, 605, 607);	/* one that cannot be read */
	plan_add(p->vital, 990, 991);
	for (int i = 0; i < PLAN_WORDS; i++)
		p->kept[i] |= p->vital[i];
}

static void whole_dumps(void **state)
{
	struct plan p;

	(void)state;
	for (uint64_t seed = 0; seed < 12; seed++) {
		plan_default(&p);
		run_plan("four windows", &p, seed);
		add_vital(&p);
		run_plan("with vital pages", &p, seed);
		p.rest = KF_REST_ZLIB;
		p.batch_pages = 7;
		run_plan("zlib, small batches", &p, seed);
		p.rest = KF_REST_RAW;
		p.wire = KF_WIRE_NONE;
		memset(p.ends, 0, sizeof(p.ends));
		p.ends[0] = p.max_mapnr;
		run_plan("raw, one window", &p, seed);
	}
}

static void every_codec(void **state)
{
	static const enum kf_rest_codec rests[] = { KF_REST_RAW, KF_REST_ZLIB, KF_REST_LZO, KF_REST_SNAPPY, KF_REST_ZSTD };
	struct plan p;

	(void)state;
	plan_default(&p);
	add_vital(&p);
	for (size_t i = 0; i < COUNT(rests); i++)
		for (unsigned int wire = 0; wire < KF_WIRE_CODECS; wire++) {
			char name[32];

			p.rest = rests[i];
			p.wire = (enum kf_wire_codec)wire;
			snprintf(name, sizeof(name), "%s, %s", kf_rest_codec_name(p.rest), kf_wire_codec_name(wire));
			run_plan(name, &p, wire);
		}
}

static void odd_dumps(void **state)
{
	struct plan p;

	(void)state;
	plan_default(&p);
	memset(p.kept, 0, sizeof(p.kept));
	memset(p.zero, 0, sizeof(p.zero));
	memset(p.unreadable, 0, sizeof(p.unreadable));
	memset(p.undecided, 0, sizeof(p.undecided));
	run_plan("nothing is kept", &p, 0);
	plan_add(p.kept, 5, 9);
	plan_add(p.zero, 5, 9);
	run_plan("only zero pages", &p, 0);
	plan_add(p.unreadable, 5, 9);
	memset(p.zero, 0, sizeof(p.zero));
	run_plan("nothing can be read", &p, 0);
	memcpy(p.kept, p.ram, sizeof(p.kept));
	memset(p.unreadable, 0, sizeof(p.unreadable));
	run_plan("everything is kept", &p, 0);
	memcpy(p.vital, p.kept, sizeof(p.vital));
	run_plan("everything is vital", &p, 0);
}

static void sender_ends_early(void **state)
{
	const char *name = "END with reason deadline behind the second window";
	struct plan_stream s;
	struct plan p;
	struct rig r;
	char text[8192];

	(void)state;
	plan_default(&p);
	p.ends[2] = 0;
	p.reason = KF_END_DEADLINE;
	for (uint64_t pfn = 512; pfn < p.max_mapnr; pfn++) {	/* END counts what was sent */
		p.kept[pfn / 64] &= ~(1ull << (pfn % 64));
		p.undecided[pfn / 64] = p.unreadable[pfn / 64] = 0;
	}
	rig_init(&r);
	plan_stream_make(&s, &p, NULL, NULL);
	rig_run(&r, s.bytes, s.len);
	CHECK_EQ(name, r.status, KF_INCOMPLETE);
	CHECK_EQ(name, r.replies[KF_MSG_STORED], 1);
	CHECK_EQ(name, r.stored_flags, 0);
	CHECK_TEXT(name, r.file, "vmcore-incomplete");
	judge_rig(name, &r, &p, false);
	rig_text(&r, "manifest.json", text, sizeof(text));
	CHECK(name, strstr(text, "deadline") && strstr(text, "\"not_received\""));
	plan_stream_free(&s);
	rig_deinit(&r);
}

/* A stream that breaks off anywhere leaves a dump that opens, or none at all. */
static void cut_streams(void **state)
{
	struct plan_stream s;
	struct plan p;

	(void)state;
	plan_default(&p);
	add_vital(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	for (size_t len = 0; len < s.len; len += 1 + len / 9) {
		struct rig r;
		char name[64];

		snprintf(name, sizeof(name), "cut at %zu of %zu", len, s.len);
		rig_init(&r);
		r.seed = len;
		rig_run(&r, s.bytes, len);
		CHECK(name, r.status == KF_INCOMPLETE || r.status == KF_FAILED);
		CHECK_EQ(name, r.replies[KF_MSG_STORED], 0);
		CHECK_EQ(name, r.status == KF_INCOMPLETE, r.file[0] != '\0');
		if (r.file[0])
			judge_rig(name, &r, &p, false);
		CHECK(name, !r.dir[0] || !rig_has(&r, "vmcore"));
		CHECK(name, !r.dir[0] || rig_has(&r, "manifest.json"));
		rig_deinit(&r);
	}
	plan_stream_free(&s);
}

static enum plan_fate abort_at_second_window(struct kf_message *m, unsigned int nth, void *ctx)
{
	(void)ctx;
	if (m->type == KF_MSG_WINDOW && nth == 1)
		*m = (struct kf_message){ .type = KF_MSG_ABORT,
			.abort = { KF_ABORT_SYSTEM, { "no\nmemory", 9 } } };
	return PLAN_SEND;
}

static void sender_gives_up(void **state)
{
	const char *name = "ABORT from the sender";
	struct plan_stream s;
	struct plan p;
	struct rig r;

	(void)state;
	plan_default(&p);
	rig_init(&r);
	plan_stream_make(&s, &p, abort_at_second_window, NULL);
	rig_run(&r, s.bytes, s.len);
	CHECK_EQ(name, r.status, KF_INCOMPLETE);
	CHECK_EQ(name, r.replies[KF_MSG_ABORT], 0);
	CHECK_TEXT(name, r.reason, "the sender gave up (system): no?memory");
	judge_rig(name, &r, &p, false);
	plan_stream_free(&s);
	rig_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_dumps),
		cmocka_unit_test(every_codec),
		cmocka_unit_test(odd_dumps),
		cmocka_unit_test(sender_ends_early),
		cmocka_unit_test(cut_streams),
		cmocka_unit_test(sender_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
