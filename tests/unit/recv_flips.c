// SPDX-License-Identifier: GPL-2.0-or-later
// Every single bit of a stream flipped, and every place where it may be cut: nothing finished comes of it, nothing crashes or
// hangs. The stream has every message that a sender can send. The disk is one that keeps nothing.
#include "tests/unit/recv/rig.h"

#include <sys/stat.h>

#include "proto/frame.h"

#define ROUNDS 1	/* over the seeds by which jobs run in different order */

struct disk {
	struct kf_io_ops ops;	/* those of nowhere, but for these two */
	unsigned int finished;	/* renames to the name of a whole dump */
};

static int rename_watched(void *ctx, int dir, const char *from, const char *to)
{
	struct disk *d = ctx;

	(void)dir, (void)from;
	d->finished += strcmp(to, KF_DUMP_FINISHED) == 0;
	return 0;
}

static struct disk disk_of_nowhere(void)
{
	struct disk d = { .ops = *kf_io_nowhere.ops };

	d.ops.renameat = rename_watched;
	return d;
}

/* Gives the stream to a receiver; true if something finished came of it. */
static bool finishes(struct rig *r, struct disk *d, const uint8_t *bytes, size_t len)
{
	d->finished = 0;
	r->closed = false;
	r->status = KF_FAILED;
	memset(r->replies, 0, sizeof(r->replies));
	r->durable_pfn = 0;
	rig_run(r, bytes, len);
	kf_assembler_destroy(r->a);
	r->a = NULL;
	assert_int_equal(r->status == KF_OK, d->finished > 0);
	assert_int_equal(r->status == KF_OK, (r->stored_flags & KF_STORED_WHOLE) && r->replies[KF_MSG_STORED]);
	return r->status == KF_OK;
}

static uint8_t *load(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	uint8_t *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	bytes = malloc((size_t)st.st_size);
	*len = (size_t)st.st_size;
	assert_int_equal(read(fd, bytes, *len), (ssize_t)*len);
	close(fd);
	return bytes;
}

static void begin(struct rig *r, struct disk *d)
{
	rig_init(r);
	*d = disk_of_nowhere();
	r->io = (struct kf_io){ .ops = &d->ops, .ctx = d };
}

/* So that "every message" stays true when a message is added. */
static void has_every_message(const uint8_t *bytes, size_t len)
{
	static const uint8_t wanted[] = {
		KF_MSG_HELLO, KF_MSG_DUMP, KF_MSG_VMCOREINFO, KF_MSG_LOG, KF_MSG_RAM, KF_MSG_NOTES, KF_MSG_VITAL, KF_MSG_BATCH,
		KF_MSG_WINDOW, KF_MSG_END, KF_MSG_KEEPALIVE,
	};
	bool seen[KF_TYPES] = { false };
	struct kf_error err;
	struct kf_header h;

	for (size_t at = KF_PREFACE_BYTES, n = 0; at < len; at += KF_HEADER_BYTES + h.len, n++) {
		CHECK_OK("header", kf_header_decode(&h, bytes + at, n, &err), &err);
		seen[h.type] = true;
	}
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!seen[wanted[i]])
			fail_msg("the stream has no message of type %u", wanted[i]);
}

static void every_bit_and_every_length(void **state)
{
	size_t len;
	uint8_t *bytes = load("tests/vectors/v1/ok-every-message.stream", &len);
	struct disk d;
	struct rig r;

	(void)state;
	has_every_message(bytes, len);
	begin(&r, &d);
	assert_true(finishes(&r, &d, bytes, len));
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		r.seed = seed;
		for (size_t at = 0; at < len; at++) {
			for (int bit = 0; bit < 8; bit++) {
				bytes[at] ^= (uint8_t)(1u << bit);
				if (finishes(&r, &d, bytes, len))
					fail_msg("bit %d of byte %zu is flipped, and the dump is called whole", bit, at);
				bytes[at] ^= (uint8_t)(1u << bit);
			}
			if (finishes(&r, &d, bytes, at))
				fail_msg("the stream is cut at byte %zu, and the dump is called whole", at);
		}
	}
	print_message("%zu bytes: %zu flips and %zu lengths, each in %d orders\n", len, 8 * len, len, ROUNDS);
	free(bytes);
	rig_deinit(&r);
}

/* A stream of a real kernel, given by KFERRY_STREAM: as many random flips and cuts as KFERRY_FLIPS says. */
static void a_real_one(void **state)
{
	const char *path = getenv("KFERRY_STREAM"), *count = getenv("KFERRY_FLIPS");
	uint64_t rounds = count ? strtoull(count, NULL, 10) : 100, seed = 1;
	struct disk d;
	struct rig r;
	uint8_t *bytes;
	size_t len;

	(void)state;
	if (!path)
		return;
	bytes = load(path, &len);
	begin(&r, &d);
	r.setup.pace = KF_PACE_DEFAULT;
	assert_true(finishes(&r, &d, bytes, len));
	for (uint64_t i = 0; i < rounds; i++) {
		size_t at = next_random(&seed) % len;
		uint8_t bit = (uint8_t)(1u << next_random(&seed) % 8);
		bool cut = i % 2;

		bytes[at] ^= cut ? 0 : bit;
		if (finishes(&r, &d, bytes, cut ? at : len))
			fail_msg("%s at byte %zu, and the dump is called whole", cut ? "cut" : "a flip", at);
		bytes[at] ^= cut ? 0 : bit;
	}
	print_message("%zu bytes: %" PRIu64 " flips and cuts\n", len, rounds);
	free(bytes);
	rig_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_and_every_length),
		cmocka_unit_test(a_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
