/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codecs at rest: how each page is packed alone in the dump file, as its readers know it. */
#ifndef KF_PAGECODEC_H
#define KF_PAGECODEC_H

#include <stddef.h>
#include <stdint.h>

/*
 * One table of operations for each codec, one file each. A state belongs to one thread at a time.
 * The names and flags are those of page descriptors in the kdump-compressed format.
 */
struct kf_pagecodec {
	const char *name;
	uint32_t flag;		/* enum kf_rest_codec, which is also the descriptor's flag */
	void *(*create)(void);	/* NULL if there is no memory */
	void (*destroy)(void *state);	/* NULL is allowed */
	/* Packs LEN bytes into OUT and gives the packed size in bytes, or 0 if it would be ROOM or more. */
	size_t (*pack)(void *state, uint8_t *out, size_t room, const uint8_t *page, size_t len);
};

/* NULL if this build has no codec with FLAG. */
const struct kf_pagecodec *kf_pagecodec_by_flag(uint32_t flag);

#endif
