// SPDX-License-Identifier: GPL-2.0-or-later
// A good stream with damage: bits flipped with and without right checksums. Nothing crashes, nothing hangs,
// and what is called whole is right.
#include "tests/unit/recv/judge.h"

#include "common/checksum.h"
#include "proto/frame.h"

static void make_plan(struct plan *p, enum kf_wire_codec wire)
{
	plan_default(p);
	plan_add(p->vital, 255, 259);
	plan_add(p->vital, 606, 607);
	for (int i = 0; i < PLAN_WORDS; i++)
		p->kept[i] |= p->vital[i];
	p->wire = wire;
}

static bool try(const char *name, const struct plan *p, const uint8_t *bytes, size_t len, uint64_t seed)
{
	struct rig r;
	bool whole;

	rig_init(&r);
	r.seed = seed;
	rig_run(&r, bytes, len);
	whole = r.status == KF_OK;
	if (whole)
		judge_rig(name, &r, p, true);
	else
		assert_true(r.reason[0]);
	rig_deinit(&r);
	return whole;
}

static void any_bit(void **state)
{
	struct plan_stream s;
	struct plan p;
	uint64_t seed = 11;

	(void)state;
	make_plan(&p, KF_WIRE_NONE);
	plan_stream_make(&s, &p, NULL, NULL);
	for (int i = 0; i < 300; i++) {
		size_t at = next_random(&seed) % (i % 3 ? s.len : 4000);
		uint8_t bit = (uint8_t)(1u << next_random(&seed) % 8);

		s.bytes[at] ^= bit;
		assert_false(try("a bit", &p, s.bytes, s.len, seed));
		s.bytes[at] ^= bit;
	}
	plan_stream_free(&s);
}

/* Where frame N begins. */
static size_t frame_at(const struct plan_stream *s, uint64_t n)
{
	size_t at = KF_PREFACE_BYTES;

	while (n--)
		at += KF_HEADER_BYTES + kf_le32_at(s->bytes + at + 4);
	return at;
}

/* Changes a field of frame N and makes its checksums right again, as a hostile sender would. */
static void poison(struct plan_stream *s, uint64_t n, uint64_t *seed)
{
	static const uint64_t evil[] = { 0, 1, 63, 64, 255, 256, 0xffff, 1 << 20, INT32_MAX, UINT32_MAX, 1ull << 40, INT64_MAX, UINT64_MAX };
	uint8_t *frame = s->bytes + frame_at(s, n), *payload = frame + KF_HEADER_BYTES;
	uint32_t len = kf_le32_at(frame + 4);
	struct kf_header h = { .type = frame[2], .len = len, .number = n };
	unsigned int width = 1u << next_random(seed) % 4;
	uint64_t value = next_random(seed) % 2 ? evil[next_random(seed) % COUNT(evil)] : next_random(seed);

	if (len >= width) {
		/* Mostly the fields, which stand in front, and seldom the pages behind them. */
		size_t span = len - width + 1, at = next_random(seed) % (span < 200 || next_random(seed) % 8 == 0 ? span : 200);

		for (unsigned int i = 0; i < width; i++)
			payload[at + i] = (uint8_t)(value >> (8 * i));
	}
	h.payload_crc = kf_crc32c(payload, len);
	kf_header_encode(frame, &h);
}

static void check_fields(enum kf_wire_codec wire, unsigned int rounds)
{
	struct plan_stream good, s;
	struct plan p;
	uint64_t seed = 5;
	unsigned int refused = 0;

	make_plan(&p, wire);
	plan_stream_make(&good, &p, NULL, NULL);
	s = good;
	s.bytes = malloc(good.len);
	for (unsigned int i = 0; i < rounds; i++) {
		struct rig r;

		memcpy(s.bytes, good.bytes, good.len);
		poison(&s, next_random(&seed) % good.frames, &seed);
		rig_init(&r);
		r.seed = seed;
		rig_run(&r, s.bytes, s.len);
		refused += r.status != KF_OK;
		rig_deinit(&r);
	}
	assert_true(refused > rounds / 2);	/* others changed texts, times or nothing */
	plan_stream_free(&s);
	plan_stream_free(&good);
}

static void hostile_fields(void **state)
{
	(void)state;
	check_fields(KF_WIRE_NONE, 1500);
}

static void hostile_pages(void **state)
{
	(void)state;
	check_fields(KF_WIRE_PAGES, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bit),
		cmocka_unit_test(hostile_fields),
		cmocka_unit_test(hostile_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
