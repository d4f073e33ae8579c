// SPDX-License-Identifier: GPL-2.0-or-later
// A channel on descriptors that are others' too: no read blocks, and their flags stay as they are.
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receiver/net/channel.h"

static void by_pipe(int ends[2])
{
	assert_int_equal(pipe(ends), 0);
}

static void by_socket(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

/* What is blocked in for longer than the alarm ends the test. */
static void no_read_blocks(void **state)
{
	const struct { const char *name; void (*make)(int ends[2]); } table[] = { { "a pipe", by_pipe }, { "a socket", by_socket } };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct event_base *base = event_base_new();
		struct kf_channel *c;
		struct kf_error err;
		uint8_t got[64];
		int ends[2];
		size_t n = 0;

		table[i].make(ends);
		c = kf_channel_fd_create(base, (struct kf_ends){ .in = ends[0], .out = -1, .shared = true });
		assert_non_null(c);
		alarm(5);
		CHECK_EQ(table[i].name, kf_channel_read(c, got, sizeof(got), &n, &err), KF_GOT_NOTHING);
		assert_int_equal(write(ends[1], "page", 4), 4);
		CHECK_EQ(table[i].name, kf_channel_read(c, got, sizeof(got), &n, &err), KF_GOT_BYTES);
		CHECK_EQ(table[i].name, n, 4);
		assert_memory_equal(got, "page", 4);
		CHECK_EQ(table[i].name, kf_channel_read(c, got, sizeof(got), &n, &err), KF_GOT_NOTHING);
		CHECK_EQ(table[i].name, fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
		close(ends[1]);
		CHECK_EQ(table[i].name, kf_channel_read(c, got, sizeof(got), &n, &err), KF_GOT_END);
		alarm(0);
		kf_channel_destroy(c);
		event_base_free(base);
	}
}

/* A file's bytes are there, also those that no memory holds yet. */
static void a_file_is_read_to_its_end(void **state)
{
	struct event_base *base = event_base_new();
	struct kf_channel *c;
	struct kf_error err;
	FILE *file = tmpfile();
	uint8_t got[4096];
	size_t n, all = 0;

	(void)state;
	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), 1 << 20), 0);
	fsync(fileno(file));
	(void)!posix_fadvise(fileno(file), 0, 0, POSIX_FADV_DONTNEED);
	c = kf_channel_fd_create(base, (struct kf_ends){ .in = dup(fileno(file)), .out = -1, .shared = true });
	assert_non_null(c);
	while (kf_channel_read(c, got, sizeof(got), &n, &err) == KF_GOT_BYTES)
		all += n;
	assert_int_equal(all, 1 << 20);
	kf_channel_destroy(c);
	event_base_free(base);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_read_blocks),
		cmocka_unit_test(a_file_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
