// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `raw`: never shrinks a page, so every page is stored as it is.
#include "proto/wire.h"
#include "receiver/pagecodec/pagecodecs.h"

static void *create(void)
{
	static const char nothing;	/* no state, but not NULL either */

	return (void *)&nothing;
}

static void destroy(void *state)
{
	(void)state;
}

static size_t pack(void *state, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	(void)state, (void)out, (void)room, (void)page, (void)len;
	return 0;
}

const struct kf_pagecodec kf_pagecodec_raw = { "raw", KF_REST_RAW, create, destroy, pack };
