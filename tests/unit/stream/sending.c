// SPDX-License-Identifier: GPL-2.0-or-later
// A dump of a made-up machine into a saved stream; see sending.h.
#include "tests/unit/stream/sending.h"

#include <unistd.h>

#include "tests/unit/unit.h"

const struct machine_plan sending_small = { .ram = (200ull << 20) + 0x3000, .levels = 4, .era = &era_6_12 };

/* Some pages here and there and the last ones are filled, the others are zeros but for what the machine has there. */
static void fill_pages(struct scene *scene)
{
	uint64_t first = machine_plain_pfn(&scene->m);
	uint8_t page[4096];

	for (uint64_t i = 0; i < 6000; i++) {
		uint64_t pfn = i < 5990 ? first + 3 * i : scene->max_mapnr - 6000 + i, seed = pfn;

		for (size_t at = 0; at < sizeof(page); at += 8) {
			uint64_t v = at % 256 ? pfn : next_random(&seed);

			memcpy(page + at, &v, 8);
		}
		core_put(&scene->m.core, pfn * 4096, page, sizeof(page));
	}
}

void sending_create(struct sending *s, const struct machine_plan *plan)
{
	scene_create(&s->scene, plan);
	scene_fill(&s->scene);
	fill_pages(&s->scene);
	machine_finish(&s->scene.m);
	snprintf(s->path, sizeof(s->path), "%s.stream", s->scene.m.core.path);
	s->target = (struct kf_target){ .scheme = KF_SCHEME_FILE };
	snprintf(s->target.path, sizeof(s->target.path), "%s", s->path);
}

void sending_destroy(struct sending *s)
{
	unlink(s->path);
	scene_destroy(&s->scene);
}

struct kf_dump_setup sending_setup(const struct sending *s, unsigned int level, enum kf_wire_codec codec)
{
	static const struct kf_trust nobody = { .connect_ms = 20000 };
	struct kf_dump_setup setup = {
		.trust = &nobody,
		.vmcore = s->scene.m.core.path, .targets = &s->target, .target_count = 1, .level = level, .rest = KF_REST_ZSTD,
		.wire = codec, .threads = 1, .cyclic_buffer = 64 << 10,
	};

	return setup;
}

enum kf_status sending_run(const struct sending *s, const struct kf_dump_setup *setup, struct kf_error *err)
{
	struct kf_log silent = { .out = stderr, .program = "test" };

	unlink(s->path);
	return kf_dump_run(setup, &silent, err);
}

struct checking {
	const struct sending *sending;
	const struct reading *reading;
};

/* The bytes of PFN as the vmcore has them. */
static void check_page(void *context, uint64_t pfn, const uint8_t *bytes, bool sent_as_zero)
{
	const struct checking *c = context;
	const struct scene *scene = &c->sending->scene;
	const struct reading *r = c->reading;
	const struct core_segment *low = &scene->m.core.segments[1], *high = &scene->m.core.segments[2];
	const struct core_segment *s = pfn * 4096 < MACHINE_HIGH ? low : high;
	static const uint8_t zeros[4096];
	uint8_t wanted[4096] = { 0 };
	uint64_t at = pfn * 4096, left = s->paddr + s->filesz - at;

	assert_true(pread(scene->m.core.fd, wanted, left < 4096 ? left : 4096, (off_t)(s->offset + at - s->paddr)) >= 0);
	if (memcmp(bytes, wanted, 4096) != 0)
		fail_msg("%s: the bytes of pfn 0x%" PRIx64 " are others", r->name, pfn);
	CHECK_EQ(r->name, sent_as_zero, (r->dump.level & 1) && memcmp(wanted, zeros, sizeof(zeros)) == 0);
}

static void read_it(const struct sending *s, struct reading *r, const char *name, unsigned int level, struct checking *c)
{
	*r = (struct reading){ .name = name, .page = check_page, .context = c };
	reading_file(r, s->path);
	CHECK(name, r->ended);
	CHECK_EQ(name, r->dump.level, level);
}

void sending_check_honest(struct sending *s, struct reading *r, const char *name, unsigned int level)
{
	struct checking c = { s, r };

	read_it(s, r, name, level, &c);
	for (uint64_t pfn = 0; pfn < r->dump.max_mapnr; pfn++) {
		if (s->scene.class_of[pfn] == SCENE_HOLE)
			CHECK(name, !r->kept[pfn]);
		else if (scene_at(&s->scene, pfn, level) == SCENE_KEPT)
			CHECK(name, r->kept[pfn] || r->end.reason == KF_END_INPUT);
	}
}

void sending_check(struct sending *s, struct reading *r, const char *name, unsigned int level)
{
	struct checking c = { s, r };

	read_it(s, r, name, level, &c);
	CHECK_EQ(name, r->end.reason, KF_END_COMPLETE);
	CHECK_EQ(name, r->dump.max_mapnr, s->scene.max_mapnr);
	for (uint64_t pfn = 0; pfn < s->scene.max_mapnr; pfn++) {
		CHECK_EQ(name, r->ram[pfn], s->scene.class_of[pfn] != SCENE_HOLE);
		CHECK_EQ(name, r->kept[pfn], scene_at(&s->scene, pfn, level) == SCENE_KEPT);
	}
	CHECK_EQ(name, r->tally.unreadable, 0);
	CHECK_EQ(name, r->tally.undecided, 0);
}
