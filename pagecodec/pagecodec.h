/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codecs at rest: how each page is packed alone in the dump file, as its readers know it. */
#ifndef KF_PAGECODEC_H
#define KF_PAGECODEC_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/*
 * One table of operations for each codec, one file each. Names and flags are those of page descriptors in the
 * kdump-compressed format. A packer and an unpacker belong to one thread at a time; a codec that needs none has NULL
 * for its functions, and is given NULL. Each program has its own list of codecs, as each is a library more to link.
 */
struct kf_pagecodec {
	const char *name;
	uint32_t flag;		/* enum kf_rest_codec, which is also the descriptor's flag */
	/* Bytes that packer_create(LARGEST) takes, at most. LARGEST: bytes of the largest page. */
	size_t (*packer_bytes)(size_t largest);
	void *(*packer_create)(size_t largest);		/* NULL if there is no memory */
	void (*packer_destroy)(void *packer);		/* NULL is allowed */
	/* Packs LEN bytes into OUT and gives the packed size in bytes, or 0 if it would be ROOM or more (or a few bytes
	 * less: some libraries want more room than they use). Not more than ROOM bytes of OUT are written, whatever comes of it. */
	size_t (*pack)(void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len);
	void *(*unpacker_create)(void);			/* NULL if there is no memory */
	void (*unpacker_destroy)(void *unpacker);	/* NULL is allowed */
	/* Fills exactly LEN bytes of PAGE from all of IN, else gives KF_INVALID. IN is hostile. */
	enum kf_status (*unpack)(void *unpacker, uint8_t *page, size_t len, const uint8_t *in, size_t size,
				 struct kf_error *err);
};

/* The codec of LIST, which ends with NULL, that has FLAG; NULL if there is none. */
const struct kf_pagecodec *kf_pagecodec_find(const struct kf_pagecodec *const *list, uint32_t flag);

/*
 * One page of LEN bytes at OUT, raw if C does not make it smaller; gives the bytes that it takes there, and its ENTRY
 * (kf_entry()). 0 if it needs more than ROOM bytes; never with a ROOM of LEN.
 */
size_t kf_pagecodec_pack(const struct kf_pagecodec *c, void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len,
			 uint32_t *entry);

#endif
