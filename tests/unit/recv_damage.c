// SPDX-License-Identifier: GPL-2.0-or-later
// Every single flipped bit and every truncation of a stream: none yields a finished dump, none crashes, none hangs.
//
// recv_damage STREAM COUNT [SEED] does COUNT of each, at random places of a stream of any size; STREAM must be a whole one.
#include "tests/unit/recv/rig.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/unit/recv/memio.h"

#define RECIPE "tests/vectors/v1/ok-every-message.stream"
#define HANG_SECONDS 20		/* SIGALRM ends a process that is not done by then */

struct stream {
	uint8_t *bytes;		/* a private mapping: what is flipped stays in the process */
	size_t len;
};

static struct stream map(const char *path)
{
	struct stream s;
	int fd = open(path, O_RDONLY);
	struct stat st;

	CHECK(path, fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0);
	s.len = (size_t)st.st_size;
	s.bytes = mmap(NULL, s.len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(path, s.bytes != MAP_FAILED);
	close(fd);
	return s;
}

static void begin(struct rig *r, struct memio *m, struct kf_feed *feed, struct kf_pace pace)
{
	memio_init(m);
	rig_init_on(r, &m->io, MEMIO_BASE);
	r->setup.pace = pace;
	rig_begin(r, feed);
}

static void end(struct rig *r, struct memio *m)
{
	kf_assembler_destroy(r->a);
	kf_packer_destroy(r->packer);
	memio_deinit(m);
}

/* The receiver says that it is not whole, why, and no file bears the name of a whole dump. */
static bool is_refused(const struct rig *r, const struct memio *m)
{
	return r->status != KF_OK && r->reason[0] && !memio_find(m, "vmcore");
}

static bool refuses(const uint8_t *bytes, size_t len)
{
	struct kf_feed feed;
	struct memio m;
	struct rig r;
	bool refused;

	alarm(HANG_SECONDS);
	/* Synced and checkpointed after every batch. */
	begin(&r, &m, &feed, (struct kf_pace){ .sync_bytes = 1, .sync_ms = 60000, .checkpoint_bytes = 1, .checkpoint_ms = 60000 });
	rig_give(&r, &feed, bytes, len);
	rig_end(&r, &feed);
	refused = is_refused(&r, &m);
	end(&r, &m);
	return refused;
}

/* Or nothing below would prove anything. */
static void whole_is_taken(void **state)
{
	struct stream s = map(RECIPE);
	bool sent[KF_TYPES] = { false };

	(void)state;
	assert_true(s.len <= 65536);
	assert_false(refuses(s.bytes, s.len));
	for (size_t at = KF_PREFACE_BYTES; at < s.len; at += KF_HEADER_BYTES + kf_le32_at(s.bytes + at + 4))
		sent[s.bytes[at + 2]] = true;
	for (unsigned int type = KF_MSG_HELLO; type <= KF_MSG_END; type++)
		CHECK_EQ("every message of a sender", sent[type] ? type : 0, type);
	munmap(s.bytes, s.len);
}

static void every_bit(void **state)
{
	struct stream s = map(RECIPE);

	(void)state;
	for (size_t bit = 0; bit < 8 * s.len; bit++) {
		s.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (!refuses(s.bytes, s.len))
			fail_msg("bit %zu of byte %zu may be flipped", bit % 8, bit / 8);
		s.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	munmap(s.bytes, s.len);
}

static void every_truncation(void **state)
{
	struct stream s = map(RECIPE);

	(void)state;
	for (size_t len = 0; len < s.len; len++)
		if (!refuses(s.bytes, len))
			fail_msg("the first %zu bytes are enough", len);
	munmap(s.bytes, s.len);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* In a process of its own, which has the receiver as it was when all before AT had come. */
static bool refuses_from(struct rig *r, struct kf_feed *feed, const struct memio *m, const struct stream *s, uint64_t bit, bool cut)
{
	size_t at = bit / 8;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid) {
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			print_error("byte %zu bit %u %s: status 0x%x\n", at, (unsigned int)(bit % 8), cut ? "cut" : "flipped", (unsigned int)status);
		return WIFEXITED(status) && !WEXITSTATUS(status);
	}
	alarm(HANG_SECONDS);
	s->bytes[at] ^= (uint8_t)(cut ? 0 : 1u << bit % 8);
	rig_give(r, feed, s->bytes + at, cut ? 0 : s->len - at);
	rig_end(r, feed);
	_exit(is_refused(r, m) ? 0 : 1);
}

/* The stream is read once; at each place, in order, a copy of the whole process goes on with the damage. */
static int random_places(const char *path, unsigned int count, uint64_t seed)
{
	struct stream s = map(path);
	uint64_t *bits = calloc(count, sizeof(*bits));
	unsigned int wrong = 0;
	struct kf_feed feed;
	struct memio m;
	struct rig r;
	size_t at = 0;
	bool whole;

	assert_non_null(bits);
	for (unsigned int i = 0; i < count; i++)
		bits[i] = next_random(&seed) % (8 * s.len);
	qsort(bits, count, sizeof(*bits), compare);
	begin(&r, &m, &feed, KF_PACE_DEFAULT);
	for (unsigned int i = 0; i < count; i++) {
		rig_give(&r, &feed, s.bytes + at, bits[i] / 8 - at);
		at = bits[i] / 8;
		wrong += !refuses_from(&r, &feed, &m, &s, bits[i], false);
		wrong += !refuses_from(&r, &feed, &m, &s, bits[i], true);
	}
	rig_give(&r, &feed, s.bytes + at, s.len - at);
	rig_end(&r, &feed);
	whole = r.status == KF_OK && memio_find(&m, "vmcore");
	printf("%zu bytes: %u flips and %u truncations, %u not refused or ended badly; undamaged it is %s\n", s.len, count, count, wrong,
	       whole ? "whole" : "NOT whole");
	end(&r, &m);
	munmap(s.bytes, s.len);
	free(bits);
	return whole && !wrong ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_is_taken),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_truncation),
	};

	if (argc > 2)
		return random_places(argv[1], (unsigned int)strtoul(argv[2], NULL, 0), argc > 3 ? strtoull(argv[3], NULL, 0) : 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
