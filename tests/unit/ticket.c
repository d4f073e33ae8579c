// SPDX-License-Identifier: GPL-2.0-or-later
// Tickets: their bytes, each field that a peer may have wrong, each length that it may have cut.
#include "tests/unit/unit.h"

#include "proto/ticket.h"

#define HEAD 'K', 'F', 'T', 'I', 'C', 'K', 'E', 'T', 1, 0

static const uint8_t ask[16] = { HEAD };
static const uint8_t request[] = { HEAD, 0, 0, 7, 0, 0, 0, 'w', 'e', 'b', '-', '0', '.', '7' };
static const uint8_t granted[68] = {
	HEAD, 1, 0, 52, 0, 0, 0,
	0xbc, 0x1d, 60, 0,						/* port 7612, 60 seconds */
	0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xaf,	/* id */
	0xb0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,	/* key */
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 0xbf,
};
static const uint8_t none[] = { HEAD, 2, 0, 5, 0, 0, 0, 's', 'o', 'r', 'r', 'y' };

static void their_bytes(void **state)
{
	uint8_t out[KF_TICKET_ANSWER_MAX];
	struct kf_ticket_answer a = { .status = KF_TICKET_GRANTED, .port = 7612, .seconds = 60 };

	(void)state;
	kf_ticket_ask_encode(out);
	assert_memory_equal(out, ask, sizeof(ask));
	assert_int_equal(kf_ticket_request_encode(out, "web-0.7"), sizeof(request));
	assert_memory_equal(out, request, sizeof(request));
	memcpy(a.id, granted + 20, sizeof(a.id));
	memcpy(a.key, granted + 36, sizeof(a.key));
	assert_int_equal(kf_ticket_answer_encode(out, &a), sizeof(granted));
	assert_memory_equal(out, granted, sizeof(granted));
	a = (struct kf_ticket_answer){ .status = KF_TICKET_NONE, .why = "sorry" };
	assert_int_equal(kf_ticket_answer_encode(out, &a), sizeof(none));
	assert_memory_equal(out, none, sizeof(none));
}

static void they_are_read(void **state)
{
	struct kf_ticket_answer a;
	char identity[KF_IDENTITY_MAX + 1];
	struct kf_error err;
	size_t payload;

	(void)state;
	CHECK_OK("ask", kf_ticket_ask_decode(ask, &err), &err);
	CHECK_OK("request", kf_ticket_request_decode(identity, request, sizeof(request), &err), &err);
	assert_string_equal(identity, "web-0.7");
	CHECK_OK("head", kf_ticket_answer_head(granted, &payload, &err), &err);
	assert_int_equal(payload, 52);
	CHECK_OK("granted", kf_ticket_answer_decode(&a, granted, sizeof(granted), &err), &err);
	assert_int_equal(a.status, KF_TICKET_GRANTED);
	assert_int_equal(a.port, 7612);
	assert_int_equal(a.seconds, 60);
	assert_memory_equal(a.id, granted + 20, sizeof(a.id));
	assert_memory_equal(a.key, granted + 36, sizeof(a.key));
	CHECK_OK("none", kf_ticket_answer_decode(&a, none, sizeof(none), &err), &err);
	assert_int_equal(a.status, KF_TICKET_NONE);
	assert_string_equal(a.why, "sorry");
}

/* Texts that a sender shows: whatever the peer has in them. */
static void reasons_are_cleaned(void **state)
{
	struct kf_ticket_answer a = { .status = KF_TICKET_NONE };
	uint8_t out[KF_TICKET_ANSWER_MAX];
	struct kf_error err;
	size_t n;

	(void)state;
	memcpy(out, none, sizeof(none));
	memcpy(out + 16, "\x1b[2\n\xff", 5);
	CHECK_OK("foreign", kf_ticket_answer_decode(&a, out, sizeof(none), &err), &err);
	assert_string_equal(a.why, "?[2??");
	memset(a.why, 'x', KF_TICKET_PAYLOAD_MAX);
	n = kf_ticket_answer_encode(out, &a);
	assert_int_equal(n, KF_TICKET_ANSWER_MAX);
	CHECK_OK("longest", kf_ticket_answer_decode(&a, out, n, &err), &err);
	assert_int_equal(strlen(a.why), KF_TICKET_PAYLOAD_MAX);
	a.why[0] = '\0';
	n = kf_ticket_answer_encode(out, &a);
	CHECK_OK("empty", kf_ticket_answer_decode(&a, out, n, &err), &err);
	assert_string_equal(a.why, "no reason");
}

static enum kf_status decode(const uint8_t *bytes, size_t len, char what, struct kf_error *err)
{
	struct kf_ticket_answer a;
	char identity[KF_IDENTITY_MAX + 1];

	return what == 'a' ? kf_ticket_ask_decode(bytes, err) : what == 'r' ? kf_ticket_request_decode(identity, bytes, len, err) :
	       kf_ticket_answer_decode(&a, bytes, len, err);
}

static void every_wrong_field(void **state)
{
	static const struct {
		const char *name;
		char what;		/* ask, request, granted, none */
		unsigned int at;
		uint8_t value;
		const char *refusal;
	} rows[] = {
		{ "ask: first byte", 'a', 0, 'k', "not a ticket ask" },
		{ "ask: last byte of the magic", 'a', 7, 0, "not a ticket ask" },
		{ "ask: version 2", 'a', 8, 2, "ticket ask of version 2, this program speaks version 1" },
		{ "ask: version 257", 'a', 9, 1, "version 257" },
		{ "ask: byte 10", 'a', 10, 1, "reserved" },
		{ "ask: byte 11", 'a', 11, 1, "reserved" },
		{ "ask: byte 12", 'a', 12, 1, "reserved" },
		{ "ask: byte 13", 'a', 13, 1, "reserved" },
		{ "ask: byte 14", 'a', 14, 1, "reserved" },
		{ "ask: byte 15", 'a', 15, 1, "reserved" },
		{ "request: magic", 'r', 3, 'i', "not a ticket request" },
		{ "request: version", 'r', 8, 0, "version 0" },
		{ "request: byte 10", 'r', 10, 1, "reserved" },
		{ "request: byte 11", 'r', 11, 1, "reserved" },
		{ "request: shorter than it is", 'r', 12, 6, "an identity of 6 bytes in a packet with 7" },
		{ "request: longer than it is", 'r', 13, 1, "an identity of 263 bytes in a packet with 7" },
		{ "request: byte 14", 'r', 14, 1, "reserved" },
		{ "request: byte 15", 'r', 15, 1, "reserved" },
		{ "request: a slash", 'r', 18, '/', "identity" },
		{ "request: a colon, as tickets have", 'r', 18, ':', "identity" },
		{ "request: a NUL", 'r', 22, 0, "identity" },
		{ "request: a newline", 'r', 22, '\n', "identity" },
		{ "request: begins with a dot", 'r', 16, '.', "identity" },
		{ "request: begins with a dash", 'r', 16, '-', "identity" },
		{ "granted: magic", 'g', 0, 'X', "not a ticket answer" },
		{ "granted: version", 'g', 8, 2, "version 2" },
		{ "granted: no status", 'g', 10, 0, "status 0 is unknown" },
		{ "granted: unknown status", 'g', 10, 3, "status 3 is unknown" },
		{ "granted: byte 11", 'g', 11, 1, "reserved" },
		{ "granted: payload too short", 'g', 12, 51, "51 bytes of payload with status 1" },
		{ "granted: payload too long", 'g', 12, 53, "53 bytes of payload with status 1" },
		{ "granted: byte 14", 'g', 14, 1, "reserved" },
		{ "granted: byte 15", 'g', 15, 1, "reserved" },
		{ "granted: for no time", 'g', 18, 0, "valid for 0 seconds" },
		{ "none: no text", 'n', 12, 0, "0 bytes of payload" },
		{ "none: more text than there is", 'n', 12, 6, "5 bytes of payload where it says 6" },
		{ "none: less text than there is", 'n', 12, 4, "5 bytes of payload where it says 4" },
		{ "none: text above the cap", 'n', 13, 1, "261 bytes of payload" },
		{ "none: 0xff00 bytes of text", 'n', 13, 0xff, "65285 bytes of payload" },
		{ "none: but called granted", 'n', 10, 1, "5 bytes of payload with status 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint8_t *good = rows[i].what == 'a' ? ask : rows[i].what == 'r' ? request : rows[i].what == 'g' ? granted : none;
		size_t len = rows[i].what == 'a' ? sizeof(ask) : rows[i].what == 'r' ? sizeof(request) :
			     rows[i].what == 'g' ? sizeof(granted) : sizeof(none);
		uint8_t bytes[sizeof(granted)];
		struct kf_error err;

		memcpy(bytes, good, len);
		bytes[rows[i].at] = rows[i].value;
		CHECK_REFUSED(rows[i].name, decode(bytes, len, rows[i].what, &err), KF_INVALID, &err, rows[i].refusal);
	}
}

static void no_port(void **state)
{
	uint8_t bytes[sizeof(granted)];
	struct kf_error err;

	(void)state;
	memcpy(bytes, granted, sizeof(granted));
	bytes[16] = bytes[17] = 0;
	CHECK_REFUSED("port 0", decode(bytes, sizeof(bytes), 'g', &err), KF_INVALID, &err, "port 0");
}

/* In memory of exactly that size, so that a sanitizer sees one byte too many. */
static void every_truncation(void **state)
{
	static const struct { char what; const uint8_t *bytes; size_t len; } rows[] = {
		{ 'r', request, sizeof(request) }, { 'g', granted, sizeof(granted) }, { 'n', none, sizeof(none) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t len = 0; len < rows[i].len; len++) {
			uint8_t *cut = malloc(len ? len : 1);
			struct kf_error err;

			memcpy(cut, rows[i].bytes, len);
			assert_int_equal(decode(cut, len, rows[i].what, &err), KF_INVALID);
			free(cut);
		}
}

static void one_byte_more(void **state)
{
	static const struct { char what; const uint8_t *bytes; size_t len; } rows[] = {
		{ 'r', request, sizeof(request) }, { 'g', granted, sizeof(granted) }, { 'n', none, sizeof(none) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[sizeof(granted) + 1] = { 0 };
		struct kf_error err;

		memcpy(bytes, rows[i].bytes, rows[i].len);
		assert_int_equal(decode(bytes, rows[i].len + 1, rows[i].what, &err), KF_INVALID);
	}
}

static void how_it_begins(void **state)
{
	(void)state;
	for (size_t len = 0; len <= sizeof(ask); len++)
		assert_true(kf_ticket_begins(ask, len));
	for (size_t at = 0; at < KF_TICKET_MAGIC_BYTES; at++) {
		uint8_t bytes[sizeof(ask)];

		memcpy(bytes, ask, sizeof(ask));
		bytes[at] ^= 0x20;
		assert_true(kf_ticket_begins(bytes, at));
		assert_false(kf_ticket_begins(bytes, at + 1));
		assert_false(kf_ticket_begins(bytes, sizeof(ask)));
	}
}

static void identities_of_every_length(void **state)
{
	uint8_t out[KF_TICKET_REQUEST_MAX];
	char text[KF_IDENTITY_MAX + 1], back[KF_IDENTITY_MAX + 1];
	struct kf_error err;

	(void)state;
	for (size_t len = 1; len <= KF_IDENTITY_MAX; len++) {
		size_t n;

		memset(text, 'a', len);
		text[len] = '\0';
		n = kf_ticket_request_encode(out, text);
		assert_int_equal(n, 16 + len);
		CHECK_OK("request", kf_ticket_request_decode(back, out, n, &err), &err);
		assert_string_equal(back, text);
	}
}

static void their_names(void **state)
{
	static const struct { const char *name, *text; } wrong[] = {
		{ "a host's", "web7" },
		{ "nothing", "" },
		{ "too short", "ticket:a00102030405060708090a0b0c0d0ea" },
		{ "too long", "ticket:a00102030405060708090a0b0c0d0eaf0" },
		{ "another word", "tickets:00102030405060708090a0b0c0d0eaf" },
		{ "capital digits", "ticket:A00102030405060708090a0b0c0d0eaf" },
		{ "no digit", "ticket:a00102030405060708090a0b0c0d0eag" },
		{ "a colon", "ticket::00102030405060708090a0b0c0d0eaf" },
	};
	char name[KF_TICKET_NAME_CHARS + 1];
	uint8_t id[KF_TICKET_ID_BYTES] = { 0 };

	(void)state;
	kf_ticket_name(name, granted + 20);
	assert_string_equal(name, "ticket:a00102030405060708090a0b0c0d0eaf");
	assert_true(kf_ticket_name_parse(name, strlen(name), id));
	assert_memory_equal(id, granted + 20, sizeof(id));
	for (size_t i = 0; i < COUNT(wrong); i++)
		CHECK(wrong[i].name, !kf_ticket_name_parse(wrong[i].text, strlen(wrong[i].text), id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(their_bytes),
		cmocka_unit_test(they_are_read),
		cmocka_unit_test(reasons_are_cleaned),
		cmocka_unit_test(every_wrong_field),
		cmocka_unit_test(no_port),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(one_byte_more),
		cmocka_unit_test(how_it_begins),
		cmocka_unit_test(identities_of_every_length),
		cmocka_unit_test(their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
