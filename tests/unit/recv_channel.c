// SPDX-License-Identifier: GPL-2.0-or-later
// Channels by TLS, with a client of OpenSSL: who is refused and with which line, handshakes that are cut anywhere, bytes both ways.
#include "tests/unit/recv/hall.h"

#include <ftw.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/preface.h"
#include "receiver/net/tls_pskdir.h"
#include "tests/unit/recv/certs.h"
#include "tests/unit/recv/tlsclient.h"

static const uint8_t key[32] = "thirty-two bytes, and no secret", other_key[32] = "the key of somebody who is else";

/* Files of both sides, made once. */
struct files {
	char dir[64], psk[80], ca[80], cert[80], key[80];
	struct kf_tls_trust trust;
};

static void put_key(const struct files *f, const char *id, const uint8_t bytes[32], mode_t mode)
{
	char path[160], text[2 * KF_PSK_BYTES + 2];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->psk, id);
	kf_psk_text(text, bytes);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	chmod(path, mode);
}

static int make_files(void **state)
{
	static const struct subject server = { "server", "localhost", -1, 1 };
	static const struct { const char *name; struct subject s; } clients[] = {
		{ "client", { "crash1", NULL, -1, 1 } },
		{ "client-dns", { "another", "crash2.example", -1, 1 } },
		{ "client-expired", { "crash1", NULL, -2, -1 } },
		{ "client-early", { "crash1", NULL, 1, 2 } },
		{ "client-odd", { "../crash1", NULL, -1, 1 } },
		{ "client-nameless", { NULL, NULL, -1, 1 } },
	};
	struct files *f = calloc(1, sizeof(*f));
	struct authority ca, stranger;

	strcpy(f->dir, "/tmp/kferry-channel-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->psk, sizeof(f->psk), "%s/psk", f->dir);
	mkdir(f->psk, 0700);
	put_key(f, "crash1", key, 0600);
	put_key(f, "open", key, 0644);
	ca = certs_authority(f->dir, "ca");
	stranger = certs_authority(f->dir, "stranger-ca");
	certs_sign(&ca, f->dir, "server", &server);
	for (size_t i = 0; i < COUNT(clients); i++)
		certs_sign(&ca, f->dir, clients[i].name, &clients[i].s);
	certs_sign(&stranger, f->dir, "client-stranger", &clients[0].s);
	certs_authority_free(&ca);
	certs_authority_free(&stranger);
	snprintf(f->ca, sizeof(f->ca), "%s/ca.pem", f->dir);
	snprintf(f->cert, sizeof(f->cert), "%s/server.pem", f->dir);
	snprintf(f->key, sizeof(f->key), "%s/server.key", f->dir);
	f->trust = (struct kf_tls_trust){ .psk_dir = f->psk, .files = { f->ca, f->cert, f->key } };
	*state = f;
	return 0;
}

static int drop(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st, (void)what, (void)ftw;
	return remove(path);
}

static int remove_files(void **state)
{
	struct files *f = *state;

	nftw(f->dir, drop, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* Both ends as far as they come; true if the client thinks that the handshake is done. */
static bool shake(struct hall *h, struct tls_client *c)
{
	bool done = false;

	for (int i = 0; i < 12; i++) {
		done = tls_client_step(c) || done;
		hall_turn(h);
	}
	return done;
}

static void who_is_let_in(void **state)
{
	const struct files *f = *state;
	const struct { const char *name; struct tls_who who; bool keys_only, enters; const char *identity, *line; } table[] = {
		{ "a key", { .id = "crash1", .key = key }, false, true, "crash1", "" },
		{ "a key, where there are only keys", { .id = "crash1", .key = key }, true, true, "crash1", "" },
		{ "the wrong key", { .id = "crash1", .key = other_key }, false, false, "", "ID 'crash1': the keys are not the same" },
		{ "an unknown ID", { .id = "crash9", .key = key }, false, false, "", "no key of the ID 'crash9' in " },
		{ "a key that all can read", { .id = "open", .key = key }, false, false, "", "others can read or change this key" },
		{ "a path for an ID", { .id = "../psk/crash1", .key = key }, false, false, "", "'../psk/crash1' is no ID" },
		{ "a ticket, where there are none", { .id = "ticket:00", .key = key }, false, false, "", "'ticket:00' is no ID" },
		{ "control characters for an ID", { .id = "crash1\n\033[2J", .key = key }, false, false, "", "it names an ID that cannot be one" },
		{ "a key and TLS 1.2", { .id = "crash1", .key = key, .max_version = TLS1_2_VERSION }, false, false, "", "it does not speak TLS 1.3" },
		{ "TLS 1.2", { .max_version = TLS1_2_VERSION }, false, false, "", "it does not speak TLS 1.3" },
		{ "a certificate", { .dir = f->dir, .cert = "client" }, false, true, "crash1", "" },
		{ "a certificate with a DNS name", { .dir = f->dir, .cert = "client-dns" }, false, true, "crash2.example", "" },
		{ "an expired one", { .dir = f->dir, .cert = "client-expired" }, false, false, "", "its certificate is refused: certificate has expired" },
		{ "one of tomorrow", { .dir = f->dir, .cert = "client-early" }, false, false, "", "its certificate is refused: certificate is not yet valid" },
		{ "one of another CA", { .dir = f->dir, .cert = "client-stranger" }, false, false, "", "its certificate is refused: " },
		{ "one with a path for a name", { .dir = f->dir, .cert = "client-odd" }, false, false, "", "the name in its certificate cannot name a directory" },
		{ "one without a name", { .dir = f->dir, .cert = "client-nameless" }, false, false, "", "the name in its certificate cannot name a directory" },
		{ "no certificate", { 0 }, false, false, "", "it has no certificate" },
		{ "a certificate, where there are only keys", { .dir = f->dir, .cert = "client" }, true, false, "", "we have no certificate" },
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct kf_tls_trust trust = { .psk_dir = f->psk };
		struct tls_client c;
		struct hall h;

		hall_init(&h, 10000, table[i].keys_only ? &trust : &f->trust);
		tls_client_init(&c, hall_knock(&h, true, 0, 1), &table[i].who);
		shake(&h, &c);
		CHECK_EQ(table[i].name, h.entered, table[i].enters);
		if (table[i].enters) {
			CHECK_TEXT(table[i].name, h.identity, table[i].identity);
			CHECK(table[i].name, strstr(h.peer, "192.0.0.1"));
			CHECK(table[i].name, !h.exposed);
			CHECK(table[i].name, hall_said(&h)[0] == '\0');
		} else {
			CHECK(table[i].name, hall_closed(c.fd));
			if (!strstr(hall_said(&h), table[i].line))
				fail_msg("%s: said '%s', wanted '%s' in it", table[i].name, hall_said(&h), table[i].line);
		}
		tls_client_deinit(&c);
		hall_deinit(&h);
	}
}

/* What an unknown ID is answered must tell nobody that it is unknown. */
static void answers_are_alike(void **state)
{
	const struct files *f = *state;
	uint8_t answers[2][4096];
	ssize_t n[2];

	for (int i = 0; i < 2; i++) {
		struct tls_client c;
		struct hall h;

		hall_init(&h, 10000, &f->trust);
		tls_client_init(&c, hall_knock(&h, true, 0, 1), &(struct tls_who){ .id = i ? "crash9" : "crash1", .key = other_key });
		(void)tls_client_step(&c);
		hall_turn(&h);
		n[i] = read(c.fd, answers[i], sizeof(answers[i]));
		tls_client_deinit(&c);
		hall_deinit(&h);
	}
	assert_int_equal(n[0], 7);	/* an alert */
	assert_int_equal(n[1], n[0]);
	assert_memory_equal(answers[0], answers[1], 7);
}

static void what_is_no_tls(void **state)
{
	static uint8_t noise[100000];
	static const struct { const char *name; const void *says; size_t len; bool stays; const char *line; } table[] = {
		{ "a preface", "\x93KFERRY\n\1\0\1\0\0\0\0\0abcdefghijklmnop", 32, false, "it does not speak TLS" },
		{ "HTTP", "GET / HTTP/1.1\r\n\r\n", 18, false, "it speaks HTTP, not TLS" },
		{ "a record that is too long", "\x16\x03\x01\xff\xff", 5, false, "it does not speak TLS" },
		{ "noise", noise, sizeof(noise), false, "it does not speak TLS" },
		{ "nothing", "", 0, true, "" },
		{ "half a header", "\x16\x03", 2, true, "" },
	};
	const struct files *f = *state;
	uint64_t seed = 5;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)next_random(&seed);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct hall h;
		int fd;

		hall_init(&h, 10000, &f->trust);
		fd = hall_knock(&h, true, 0, 1);
		(void)!write(fd, table[i].says, table[i].len);
		usleep(1000);
		hall_turn(&h);
		CHECK_EQ(table[i].name, h.entered, 0);
		CHECK_EQ(table[i].name, hall_closed(fd), !table[i].stays);
		CHECK(table[i].name, strstr(hall_said(&h), table[i].line));
		CHECK_EQ(table[i].name, hall_said(&h)[0] == '\0', table[i].stays);
		close(fd);
		hall_turn(&h);
		hall_deinit(&h);
	}
}

/* Somebody of ours who does not speak TLS is told so in its own language. */
static void at_the_wrong_port(void **state)
{
	const struct files *f = *state;
	uint8_t preface[KF_PREFACE_BYTES], answer[512];
	struct hall h;
	ssize_t n;
	int fd;

	hall_init(&h, 10000, &f->trust);
	kf_preface_encode(preface, KF_ROLE_SENDER);
	fd = hall_knock(&h, true, 0, 1);
	assert_int_equal(write(fd, preface, sizeof(preface)), sizeof(preface));
	usleep(1000);
	hall_turn(&h);
	n = read(fd, answer, sizeof(answer));
	assert_true(n > KF_PREFACE_BYTES + 24);
	assert_memory_equal(answer, KF_MAGIC, KF_MAGIC_BYTES);
	assert_non_null(memmem(answer, (size_t)n, "this address is a tls:// one", 28));
	assert_int_equal(read(fd, answer, sizeof(answer)), 0);	/* an end, not a break */
	assert_non_null(strstr(hall_said(&h), "this address is a tls:// one\n"));
	close(fd);
	hall_deinit(&h);
}

/* A ClientHello of 100 KiB, say: nobody is listened to for so long before he is known. */
static void too_much_before(void **state)
{
	const struct files *f = *state;
	uint8_t record[5 + 16384] = { 0x16, 3, 1, 0x40, 0, 1, 1, 0x80, 0, 3, 3 };	/* 96 KiB are announced */
	struct hall h;
	int fd;

	hall_init(&h, 10000, &f->trust);
	fd = hall_knock(&h, true, 0, 1);
	for (int i = 0; i < 6 && !hall_closed(fd); i++) {
		if (i)
			memset(record + 5, 0, 16384);
		(void)!send(fd, record, sizeof(record), MSG_NOSIGNAL);
		usleep(1000);
		hall_turn(&h);
	}
	assert_true(hall_closed(fd));
	assert_non_null(strstr(hall_said(&h), "it sent more than 16384 bytes before it was known"));
	close(fd);
	hall_deinit(&h);
}

/* Byte by byte, with a pause at each: whoever is slow gets in, if it is in time. */
static void slow_handshake(void **state)
{
	const struct files *f = *state;

	for (int in_time = 0; in_time < 2; in_time++) {
		struct tls_client c;
		struct hall h;

		hall_init(&h, in_time ? 60000 : 60, &f->trust);
		tls_client_init(&c, hall_knock(&h, true, 0, 1), &(struct tls_who){ .id = "crash1", .key = key });
		for (c.may_send = 1; !h.entered && c.may_send < 2000; c.may_send++) {
			(void)tls_client_step(&c);
			hall_turn(&h);
			usleep(200);
		}
		assert_int_equal(h.entered, in_time);
		if (!in_time)
			assert_non_null(strstr(hall_said(&h), "turned away: not known after 0 s"));
		tls_client_deinit(&c);
		hall_deinit(&h);
	}
}

/* Everything that the client says is cut behind each of its bytes, and then it goes, in order or with a reset. */
static void handshake_cut(void **state)
{
	const struct files *f = *state;
	const struct tls_who kinds[] = { { .id = "crash1", .key = key }, { .dir = f->dir, .cert = "client" } };

	for (size_t k = 0; k < COUNT(kinds); k++) {
		size_t whole = 0;

		for (size_t cut = 0; !whole; cut += k ? 23 : 7) {
			const struct linger reset = { .l_onoff = 1 };
			struct tls_client c;
			struct hall h;

			hall_init(&h, 10000, &f->trust);
			tls_client_init(&c, hall_knock(&h, true, 0, 1), &kinds[k]);
			c.may_send = cut;
			for (int i = 0; i < 4; i++) {
				(void)tls_client_step(&c);
				hall_turn(&h);
			}
			if (h.entered)
				whole = cut;
			else if (cut % 2)
				setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
			assert_true(cut < 10000);
			close(c.fd);
			c.fd = -1;
			usleep(200);
			hall_turn(&h);
			assert_int_equal(h.entered, whole != 0);
			if (cut && !whole)
				assert_non_null(strstr(hall_said(&h), "192.0.0.1: turned away: "));
			else
				assert_int_equal(hall_said(&h)[0], '\0');
			tls_client_deinit(&c);
			hall_deinit(&h);
		}
		assert_true(whole > 200);
	}
}

/* What uses the channel in these tests: takes what comes into a buffer, as much at once as it is told. */
struct taker {
	struct kf_channel *channel;
	uint8_t *got;
	size_t have, room, at_once;
	unsigned int written;
	enum kf_got over;
	struct kf_error why;
};

static void take(void *ctx)
{
	struct taker *t = ctx;
	size_t n = 0, want = t->room - t->have < t->at_once ? t->room - t->have : t->at_once;
	enum kf_got got = kf_channel_read(t->channel, t->got + t->have, want, &n, &t->why);

	if (got == KF_GOT_BYTES)
		t->have += n;
	if (got == KF_GOT_END || got == KF_GOT_BROKEN) {
		t->over = got;
		kf_channel_want(t->channel, false);
	}
}

static void count_written(void *ctx)
{
	((struct taker *)ctx)->written++;
}

static void let_in(struct hall *h, struct tls_client *c, struct taker *t, const struct files *f)
{
	hall_init(h, 10000, &f->trust);
	tls_client_init(c, hall_knock(h, true, 0, 1), &(struct tls_who){ .id = "crash1", .key = key });
	shake(h, c);
	assert_int_equal(h->entered, 1);
	t->channel = h->channel;
	kf_channel_use(t->channel, take, count_written, t);
}

static uint8_t *pattern(size_t len)
{
	uint8_t *p = malloc(len);
	uint64_t seed = 9;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)next_random(&seed);
	return p;
}

/* A megabyte, read in pieces of every size, while reading is stopped now and then. */
static void bytes_come(void **state)
{
	static const size_t pieces[] = { 1u << 20, 16384, 100000, 1000, 77 };
	const size_t len = 1000000;
	uint8_t *bytes = pattern(len);

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct taker t = { .got = malloc(len), .room = len, .at_once = pieces[i] };
		struct tls_client c;
		struct hall h;
		size_t sent = 0, before;

		let_in(&h, &c, &t, *state);
		kf_channel_want(t.channel, true);
		for (int turn = 0; t.have < len && turn < 100000; turn++) {
			size_t n = 0;

			if (BIO_ctrl_pending(c.out) < 200000 && sent < len && SSL_write_ex(c.ssl, bytes + sent, len - sent < 50000 ? len - sent : 50000, &n))
				sent += n;
			tls_client_pump(&c);
			if (turn % 16 == 15) {	/* not ready for a while */
				kf_channel_want(t.channel, false);
				before = t.have;
				hall_turn(&h);
				CHECK_EQ("while nobody reads", t.have, before);
				kf_channel_want(t.channel, true);
			}
			hall_turn(&h);
		}
		assert_int_equal(t.have, len);
		assert_memory_equal(t.got, bytes, len);
		t.room++;
		SSL_shutdown(c.ssl);
		tls_client_pump(&c);
		usleep(1000);
		hall_turn(&h);
		assert_int_equal(t.over, KF_GOT_END);
		free(t.got);
		tls_client_deinit(&c);
		hall_deinit(&h);
	}
	free(bytes);
}

/* Whoever is let in, but for whom there is no room yet, is not read from: what it sends stays with it. */
static void waits_unread(void **state)
{
	const struct files *f = *state;
	uint8_t *bytes = pattern(16000);
	struct tls_client c;
	struct hall h;
	size_t before;

	hall_init(&h, 10000, &f->trust);
	h.room = false;
	tls_client_init(&c, hall_knock(&h, true, 0, 1), &(struct tls_who){ .id = "crash1", .key = key });
	shake(&h, &c);
	assert_int_equal(h.entered, 0);
	do {
		before = c.sent;
		for (int i = 0; i < 100; i++) {
			SSL_write(c.ssl, bytes, 16000);
			tls_client_pump(&c);
			hall_turn(&h);
		}
	} while (c.sent > before && c.sent < 64000000);
	assert_true(c.sent < 32000000);	/* what two sockets hold */
	h.room = true;
	kf_door_open(h.door);
	assert_int_equal(h.entered, 1);
	free(bytes);
	tls_client_deinit(&c);
	hall_deinit(&h);
}

/* A connection that just ends is no end in order; a changed byte is noticed. */
static void breaks(void **state)
{
	for (int i = 0; i < 3; i++) {
		uint8_t spill[100];
		struct taker t = { .got = spill, .room = sizeof(spill), .at_once = 100 };
		struct tls_client c;
		struct hall h;
		char *bytes;

		let_in(&h, &c, &t, *state);
		kf_channel_want(t.channel, true);
		SSL_write(c.ssl, "first", 5);
		tls_client_pump(&c);
		usleep(1000);
		hall_turn(&h);
		assert_int_equal(t.have, 5);
		SSL_write(c.ssl, "second", 6);
		if (i == 1)
			c.may_send = c.sent + 10;
		if (i == 2 && BIO_get_mem_data(c.out, &bytes) > 10)
			bytes[8] ^= 1;
		tls_client_pump(&c);
		usleep(1000);
		hall_turn(&h);
		if (i < 2) {
			shutdown(c.fd, SHUT_WR);
			usleep(1000);
			hall_turn(&h);
		}
		assert_int_equal(t.have, i ? 5 : 11);
		assert_int_equal(t.over, KF_GOT_BROKEN);
		if (!t.why.text[0])
			fail_msg("case %d: nobody says why", i);
		tls_client_deinit(&c);
		hall_deinit(&h);
	}
}

/* The peer that does not listen costs what is put, and the loop goes on; later it finds all of it. */
static void peer_stops_reading(void **state)
{
	const size_t len = 12000000;
	uint8_t *bytes = pattern(len), *got = malloc(len), spill[10];
	struct taker t = { .got = spill, .room = sizeof(spill), .at_once = 10 };
	struct tls_client c;
	struct hall h;
	size_t have = 0, n = 0;

	let_in(&h, &c, &t, *state);
	kf_channel_want(t.channel, true);
	kf_channel_put(t.channel, bytes, len);
	hall_turn(&h);
	hall_turn(&h);
	assert_true(kf_channel_waiting(t.channel) > 1000);
	SSL_write(c.ssl, "still", 5);	/* it speaks all the same */
	{
		char *records;
		long size = BIO_get_mem_data(c.out, &records);

		assert_int_equal(write(c.fd, records, (size_t)size), size);
		(void)BIO_reset(c.out);
	}
	usleep(1000);
	hall_turn(&h);
	assert_int_equal(t.have, 5);
	while (have < len) {
		tls_client_pump(&c);
		while (SSL_read_ex(c.ssl, got + have, len - have, &n))
			have += n;
		hall_turn(&h);
	}
	assert_memory_equal(got, bytes, len);
	hall_turn(&h);
	assert_int_equal(kf_channel_waiting(t.channel), 0);
	assert_true(t.written > 0);
	kf_channel_shut(t.channel);
	hall_turn(&h);
	tls_client_pump(&c);
	assert_false(SSL_read_ex(c.ssl, got, len, &n));
	assert_int_equal(SSL_get_error(c.ssl, 0), SSL_ERROR_ZERO_RETURN);
	free(bytes);
	free(got);
	tls_client_deinit(&c);
	hall_deinit(&h);
}

static void new_keys(void **state)
{
	const struct files *f = *state;
	char path[200];
	struct stat st;
	struct kf_error err;
	uint8_t first[KF_PSK_BYTES], again[KF_PSK_BYTES];

	CHECK_OK("new", kf_pskdir_new_key(f->psk, "crash7", &err), &err);
	snprintf(path, sizeof(path), "%s/crash7", f->psk);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	CHECK_OK("read", kf_psk_read(path, first, &err), &err);
	CHECK_REFUSED("again", kf_pskdir_new_key(f->psk, "crash7", &err), KF_REFUSED, &err, "is there already");
	CHECK_OK("read", kf_psk_read(path, again, &err), &err);
	assert_memory_equal(first, again, sizeof(first));
	CHECK_REFUSED("elsewhere", kf_pskdir_new_key(f->psk, "../crash7", &err), KF_INVALID, &err, "is no ID");
	CHECK_REFUSED("ticket", kf_pskdir_new_key(f->psk, "ticket:0", &err), KF_INVALID, &err, "is no ID");
	CHECK_REFUSED("nowhere", kf_pskdir_new_key("/nowhere", "crash7", &err), KF_FAILED, &err, "/nowhere/crash7");
	CHECK_REFUSED("check", kf_pskdir_check("/nowhere", &err), KF_FAILED, &err, "--psk-dir /nowhere");
	CHECK_REFUSED("check", kf_pskdir_check(path, &err), KF_INVALID, &err, "not a directory");
	chmod(f->psk, 0777);
	CHECK_REFUSED("check", kf_pskdir_check(f->psk, &err), KF_INVALID, &err, "everybody may put keys there");
	chmod(f->psk, 0700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_let_in),
		cmocka_unit_test(answers_are_alike),
		cmocka_unit_test(what_is_no_tls),
		cmocka_unit_test(at_the_wrong_port),
		cmocka_unit_test(too_much_before),
		cmocka_unit_test(slow_handshake),
		cmocka_unit_test(handshake_cut),
		cmocka_unit_test(bytes_come),
		cmocka_unit_test(waits_unread),
		cmocka_unit_test(breaks),
		cmocka_unit_test(peer_stops_reading),
		cmocka_unit_test(new_keys),
	};

	signal(SIGPIPE, SIG_IGN);	/* as the receiver does */
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
