// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: bytes as an ask, a request, an answer and a ticket's name; what is taken must come out again as it went in.
#include <stdlib.h>
#include <string.h>

#include "proto/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_request(const uint8_t *data, size_t size)
{
	char identity[KF_IDENTITY_MAX + 1];
	uint8_t again[KF_TICKET_REQUEST_MAX];
	struct kf_error err;

	if (kf_ticket_request_decode(identity, data, size, &err))
		return;
	if (!kf_identity_is_good(identity, strlen(identity)) || kf_ticket_request_encode(again, identity) != size ||
	    memcmp(again, data, size) != 0)
		abort();
}

/* A text is cleaned when it is read, so it comes out as long, but perhaps cleaner. */
static void as_answer(const uint8_t *data, size_t size)
{
	uint8_t again[KF_TICKET_ANSWER_MAX];
	struct kf_ticket_answer a;
	struct kf_error err;
	size_t payload;

	if (kf_ticket_answer_decode(&a, data, size, &err))
		return;
	if (kf_ticket_answer_head(data, &payload, &err) || KF_TICKET_HEAD_BYTES + payload != size || kf_ticket_answer_encode(again, &a) != size ||
	    memcmp(again, data, a.status == KF_TICKET_GRANTED ? size : KF_TICKET_HEAD_BYTES) != 0)
		abort();
	for (const char *c = a.why; *c; c++)
		if (*c < ' ' || *c > '~')
			abort();
}

static void as_name(const uint8_t *data, size_t size)
{
	uint8_t id[KF_TICKET_ID_BYTES];
	char again[KF_TICKET_NAME_CHARS + 1];

	if (!kf_ticket_name_parse((const char *)data, size, id))
		return;
	kf_ticket_name(again, id);
	if (memcmp(again, data, size) != 0)
		abort();
}

static void as_identity(const uint8_t *data, size_t size)
{
	char text[300], clean[KF_IDENTITY_MAX + 1], again[KF_IDENTITY_MAX + 1];

	size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	kf_identity_clean(clean, text);
	kf_identity_clean(again, clean);
	if (!kf_identity_is_good(clean, strlen(clean)) || strcmp(clean, again) != 0)
		abort();
	if (kf_identity_is_good((const char *)data, size) && strcmp(clean, text) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t ask[KF_TICKET_HEAD_BYTES];
	struct kf_error err;

	kf_ticket_ask_encode(ask);
	if (kf_ticket_begins(data, size) != (memcmp(data, ask, size < 8 ? size : 8) == 0))
		abort();
	if (size >= KF_TICKET_HEAD_BYTES && !kf_ticket_ask_decode(data, &err) && memcmp(data, ask, sizeof(ask)) != 0)
		abort();
	as_request(data, size);
	as_answer(data, size);
	as_name(data, size);
	as_identity(data, size);
	return 0;
}
