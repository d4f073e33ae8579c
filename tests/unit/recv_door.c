// SPDX-License-Identifier: GPL-2.0-or-later
// The door for plain connections: who is let in by what it says, how many may stand there, for how long; its lines.
#include "tests/unit/recv/hall.h"

#include <unistd.h>

#include "proto/preface.h"
#include "receiver/net/murmur.h"

static void say(int fd, const void *bytes, size_t n)
{
	if (n)
		assert_int_equal(write(fd, bytes, n), n);
}

static void by_what_it_says(void **state)
{
	static const struct { const char *name, *says; size_t len; bool hangs_up, enters, stays; const char *line; } table[] = {
		{ "a preface", KF_MAGIC "\1\0\1\0\0\0\0\0abcdefghijklmnop", 32, false, true, false, "" },
		{ "a preface and more", KF_MAGIC "\1\0\1\0\0\0\0\0abcdefghijklmnopqrstuvwxyz", 40, false, true, false, "" },
		{ "a preface, and its end", KF_MAGIC "\1\0\1\0\0\0\0\0abcdefghijklmnop", 32, true, true, false, "" },
		{ "nothing", "", 0, false, false, true, "" },
		{ "nothing, and goes", "", 0, true, false, false, "" },
		{ "the first byte", KF_MAGIC, 1, false, false, true, "" },
		{ "the magic", KF_MAGIC, 8, false, false, true, "" },
		{ "all but the last byte", KF_MAGIC "\1\0\1\0\0\0\0\0abcdefghijklmnop", 31, false, false, true, "" },
		{ "half a preface, and goes", KF_MAGIC "\1\0\1", 11, true, false, false, "" },
		{ "one wrong byte", "x", 1, false, false, false, "192.0.0.1: turned away: what it says is no kferry stream\n" },
		{ "a wrong byte late", "\x93KFERRY\r\n", 9, false, false, false, "192.0.0.1: turned away: what it says is no kferry stream\n" },
		{ "HTTP", "GET / HTTP/1.1\r\n\r\n", 18, true, false, false, "192.0.0.1: turned away: what it says is no kferry stream\n" },
		{ "TLS", "\x16\x03\x01\x02\x00\x01", 6, false, false, false, "192.0.0.1: turned away: it speaks TLS, but this address is a tcp:// one" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct hall h;
		const char *said;
		int fd;

		hall_init(&h, 10000, NULL);
		fd = hall_knock(&h, false, 0, 1);
		hall_turn(&h);
		say(fd, table[i].says, table[i].len);
		if (table[i].hangs_up)
			shutdown(fd, SHUT_WR);
		usleep(1000);
		hall_turn(&h);
		hall_turn(&h);
		CHECK_EQ(table[i].name, h.entered, table[i].enters);
		CHECK_EQ(table[i].name, hall_closed(fd), !table[i].enters && !table[i].stays);
		said = hall_said(&h);
		CHECK(table[i].name, strlen(table[i].line) ? strstr(said, table[i].line) != NULL : said[0] == '\0');
		if (table[i].enters) {
			CHECK_TEXT(table[i].name, h.peer, "192.0.0.1");
			CHECK_TEXT(table[i].name, h.identity, "192.0.0.1");
		}
		close(fd);
		hall_deinit(&h);
	}
}

static void read_on(void *hall)
{
	struct hall *h = hall;
	struct kf_error err;
	uint8_t byte;
	size_t n = 0;

	h->readable += kf_channel_read(h->channel, &byte, 1, &n, &err) == KF_GOT_BYTES;
}

/* An end without a word would look like a broken line to who speaks TLS, and it would try again. */
static void tls_is_told(void **state)
{
	static const uint8_t hello[] = { 22, 3, 1, 2, 0, 1 }, alert[] = { 21, 3, 3, 0, 2, 2, 70 };
	uint8_t got[100];
	struct hall h;
	int fd;

	(void)state;
	hall_init(&h, 10000, NULL);
	fd = hall_knock(&h, false, 0, 1);
	say(fd, hello, sizeof(hello));
	usleep(1000);
	hall_turn(&h);
	assert_int_equal(read(fd, got, sizeof(got)), sizeof(alert));
	assert_memory_equal(got, alert, sizeof(alert));
	assert_int_equal(read(fd, got, sizeof(got)), 0);	/* an end, not a reset, which would take the alert with it */
	close(fd);
	hall_deinit(&h);
}

/* Nothing was read at the door: the channel has every byte, whatever pieces it came in. */
static void nothing_is_lost(void **state)
{
	uint8_t preface[KF_PREFACE_BYTES + 3], got[100];
	struct kf_error err;
	struct hall h;
	size_t n = 0;
	int fd;

	(void)state;
	kf_preface_encode(preface, KF_ROLE_SENDER);
	memcpy(preface + KF_PREFACE_BYTES, "abc", 3);
	for (size_t cut = 0; cut < KF_PREFACE_BYTES; cut += 7) {
		hall_init(&h, 10000, NULL);
		fd = hall_knock(&h, false, 0, 1);
		say(fd, preface, cut);
		usleep(1000);
		hall_turn(&h);
		assert_int_equal(h.entered, 0);
		say(fd, preface + cut, sizeof(preface) - cut);
		usleep(1000);
		hall_turn(&h);
		assert_int_equal(h.entered, 1);
		assert_int_equal(kf_channel_read(h.channel, got, sizeof(got), &n, &err), KF_GOT_BYTES);
		assert_int_equal(n, sizeof(preface));
		assert_memory_equal(got, preface, n);
		assert_int_equal(kf_channel_read(h.channel, got, sizeof(got), &n, &err), KF_GOT_NOTHING);
		kf_channel_use(h.channel, read_on, NULL, &h);
		kf_channel_want(h.channel, true);
		say(fd, "d", 1);	/* one byte is enough from now on */
		usleep(1000);
		hall_turn(&h);
		assert_int_equal(h.readable, 1);
		kf_channel_want(h.channel, false);
		close(fd);
		assert_int_equal(kf_channel_read(h.channel, got, sizeof(got), &n, &err), KF_GOT_END);
		hall_deinit(&h);
	}
}

static void the_first_goes(void **state)
{
	int fds[KF_DOOR_PLACES + 10];
	struct hall h;

	(void)state;
	hall_init(&h, 10000, NULL);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		fds[i] = hall_knock(&h, false, i, 1);	/* each of another address */
	for (unsigned int i = 0; i < COUNT(fds); i++)
		CHECK_EQ("of all", hall_closed(fds[i]), i < 10);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	hall_turn(&h);
	for (unsigned int i = 0; i < COUNT(fds); i++)	/* one in three is of 192.0.7.7 */
		fds[i] = i % 3 == 0 ? hall_knock(&h, false, 7, 7) : hall_knock(&h, false, i, 1);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		CHECK_EQ("three kinds", hall_closed(fds[i]), i < 10);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	hall_deinit(&h);
}

/* Whoever comes often takes places from itself, not from others. */
static void one_address_has_half(void **state)
{
	int fds[KF_DOOR_PLACES], other, late;
	struct hall h;

	(void)state;
	hall_init(&h, 2000, NULL);
	other = hall_knock(&h, false, 0, 2);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		fds[i] = hall_knock(&h, false, 0, 1);
	assert_false(hall_closed(other));
	for (unsigned int i = 0; i < COUNT(fds); i++)	/* who is here keeps its place for a moment */
		CHECK_EQ("of one address", hall_closed(fds[i]), i >= KF_DOOR_PLACES / 2);
	assert_true(kf_door_takes(h.door));	/* others */
	assert_non_null(strstr(hall_said(&h), "192.0.0.1: turned away: too many of its address came just before it\n"));
	usleep(1050000);
	late = hall_knock(&h, false, 0, 1);
	assert_false(hall_closed(late) || hall_closed(other) || hall_closed(fds[1]));
	assert_true(hall_closed(fds[0]));
	assert_non_null(strstr(hall_said(&h), "192.0.0.1: turned away: 64 others of 192.0.0.1 wait at the door\n"));
	for (unsigned int i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	close(other);
	close(late);
	hall_deinit(&h);
}

/* One machine has as many addresses of IPv6 as it likes, but they begin in the same way. */
static void one_network_has_half(void **state)
{
	int fds[KF_DOOR_PLACES], other;
	struct hall h;

	(void)state;
	hall_init(&h, 10000, NULL);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		fds[i] = hall_knock_six(&h, 7, (uint16_t)i);
	other = hall_knock_six(&h, 8, 0);
	for (unsigned int i = 0; i < COUNT(fds); i++)
		CHECK_EQ("of one network", hall_closed(fds[i]), i >= KF_DOOR_PLACES / 2);
	assert_false(hall_closed(other));
	assert_non_null(strstr(hall_said(&h), "2001:db8:0:7::40: turned away: too many of its address came just before it\n"));
	for (unsigned int i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	close(other);
	hall_deinit(&h);
}

/* When all places are taken, those who have them keep them for a moment. */
static void a_moment_for_each(void **state)
{
	int fds[KF_DOOR_PLACES];
	struct hall h;

	(void)state;
	hall_init(&h, 2000, NULL);
	for (unsigned int i = 0; i < COUNT(fds); i++) {
		assert_true(kf_door_takes(h.door));
		fds[i] = hall_knock(&h, false, i, 1);
	}
	assert_false(kf_door_takes(h.door));
	usleep(1050000);
	assert_true(kf_door_takes(h.door));
	close(fds[0]);
	fds[0] = hall_knock(&h, false, 200, 1);
	usleep(1000);
	hall_turn(&h);
	assert_true(kf_door_takes(h.door));	/* the others are as old */
	for (unsigned int i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	hall_deinit(&h);
}

static void time_is_over(void **state)
{
	struct hall h;
	int silent, slow, late;

	(void)state;
	hall_init(&h, 200, NULL);
	silent = hall_knock(&h, false, 0, 1);
	slow = hall_knock(&h, false, 0, 2);
	say(slow, KF_MAGIC, 8);
	usleep(120000);
	late = hall_knock(&h, false, 0, 3);
	hall_turn(&h);
	assert_false(hall_closed(silent) || hall_closed(slow) || hall_closed(late));
	usleep(100000);
	hall_turn(&h);
	assert_true(hall_closed(silent) && hall_closed(slow));
	assert_false(hall_closed(late));
	assert_non_null(strstr(hall_said(&h), "192.0.0.2: turned away: not known after 0 s"));
	close(silent);
	close(slow);
	close(late);
	hall_deinit(&h);
}

/* The known wait for room, for any time, and enter in their order. */
static void waits_for_room(void **state)
{
	uint8_t preface[KF_PREFACE_BYTES];
	struct hall h;
	int fds[3], crowd[KF_DOOR_PLACES + 10];

	(void)state;
	kf_preface_encode(preface, KF_ROLE_SENDER);
	hall_init(&h, 50, NULL);
	h.room = false;
	for (unsigned int i = 0; i < 3; i++) {
		fds[i] = hall_knock(&h, false, 0, i);
		say(fds[i], preface, i == 1 ? 5 : sizeof(preface));	/* the second is never known */
	}
	usleep(1000);
	hall_turn(&h);
	usleep(60000);
	hall_turn(&h);
	assert_int_equal(h.entered, 0);
	assert_false(hall_closed(fds[0]) || hall_closed(fds[2]));
	assert_true(hall_closed(fds[1]));
	for (unsigned int i = 0; i < COUNT(crowd); i++)
		crowd[i] = hall_knock(&h, false, 1, i);
	assert_false(hall_closed(fds[0]) || hall_closed(fds[2]));	/* they are the oldest, but they are known */
	for (unsigned int i = 0; i < COUNT(crowd); i++)
		close(crowd[i]);
	hall_turn(&h);
	h.room = true;
	kf_door_open(h.door);
	assert_int_equal(h.entered, 2);
	CHECK_TEXT("the last", h.peer, "192.0.0.2");
	h.room = false;
	kf_door_clear(h.door);
	for (unsigned int i = 0; i < 3; i++)
		close(fds[i]);
	hall_deinit(&h);
}

static void refused_behind_the_door(void **state)
{
	uint8_t preface[KF_PREFACE_BYTES];
	struct hall h;
	int fd;

	(void)state;
	kf_preface_encode(preface, KF_ROLE_SENDER);
	hall_init(&h, 10000, NULL);
	h.refuses = true;
	fd = hall_knock(&h, false, 0, 9);
	say(fd, preface, sizeof(preface));
	usleep(1000);
	hall_turn(&h);
	assert_int_equal(h.entered, 1);
	CHECK_TEXT("the line", hall_said(&h), "test: 192.0.0.9: turned away: the hall is closed\n");
	close(fd);
	hall_deinit(&h);
}

static void few_lines(void **state)
{
	struct hall h;
	struct kf_murmur m;
	unsigned int lines = 0;

	(void)state;
	hall_init(&h, 10000, NULL);
	m = (struct kf_murmur){ .log = &h.log };
	for (int i = 0; i < 1000; i++) {
		char peer[32];

		kf_murmur_turned_away(&m, "one", "always the same");
		snprintf(peer, sizeof(peer), "peer %d", i);
		kf_murmur_turned_away(&m, peer, "says something");
		kf_murmur_tick(&m);
	}
	for (const char *s = hall_said(&h); (s = strchr(s, '\n')) != NULL; s++)
		lines++;
	assert_int_equal(lines, KF_MURMUR_LINES);
	assert_null(strstr(strstr(hall_said(&h), "always") + 1, "always"));
	m.since -= KF_MURMUR_MS;
	kf_murmur_tick(&m);
	assert_non_null(strstr(hall_said(&h), "1995 more connections were turned away in 10 s\n"));
	kf_murmur_turned_away(&m, "one", "always the same");	/* a new period */
	assert_non_null(strstr(strstr(hall_said(&h), "1995"), "one: turned away: always the same\n"));
	hall_deinit(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_what_it_says),
		cmocka_unit_test(tls_is_told),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(the_first_goes),
		cmocka_unit_test(one_address_has_half),
		cmocka_unit_test(one_network_has_half),
		cmocka_unit_test(a_moment_for_each),
		cmocka_unit_test(time_is_over),
		cmocka_unit_test(waits_for_room),
		cmocka_unit_test(refused_behind_the_door),
		cmocka_unit_test(few_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
