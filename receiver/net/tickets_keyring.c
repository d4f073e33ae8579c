// SPDX-License-Identifier: GPL-2.0-or-later
// Tickets as a keyring; see tickets_keyring.h.
#include "receiver/net/tickets_keyring.h"

#include <stdio.h>
#include <string.h>

#include "receiver/stream/clock.h"

static enum kf_status parse(uint8_t id[KF_TICKET_ID_BYTES], const char *name, struct kf_error *err)
{
	return kf_ticket_name_parse(name, strlen(name), id) ? KF_OK : kf_fail(err, KF_INVALID, "what it names is no ticket");
}

static enum kf_status find(void *ctx, const char *name, uint8_t key[KF_PSK_BYTES], struct kf_error *err)
{
	uint8_t id[KF_TICKET_ID_BYTES];

	_Static_assert(KF_PSK_BYTES == KF_TICKET_KEY_BYTES, "a ticket's key is a pre-shared key");
	if (parse(id, name, err))
		return err->status;
	return kf_tickets_find(ctx, id, kf_now_ms(), key, err);
}

static enum kf_status use(void *ctx, const char *name, char identity[KF_IDENTITY_TEXT], struct kf_error *err)
{
	uint8_t id[KF_TICKET_ID_BYTES];
	char whose[KF_IDENTITY_MAX + 1];

	if (parse(id, name, err) || kf_tickets_use(ctx, id, kf_now_ms(), whose, err))
		return err->status;
	snprintf(identity, KF_IDENTITY_TEXT, "%s", whose);
	return KF_OK;
}

struct kf_keyring kf_tickets_keyring(struct kf_tickets *t)
{
	return (struct kf_keyring){ .prefix = KF_TICKET_NAME_PREFIX, .find = find, .use = use, .ctx = t };
}
