/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded little-endian cursors: the only way in which bytes of a wire or disk format are read or made. */
#ifndef KF_CURSOR_H
#define KF_CURSOR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Both cursors remember a failure: a read past the end gives 0 (or NULL) and does not move, a
 * write past the end writes nothing; from then on every call fails. So a decoder reads all its
 * fields and asks once, at the end, whether all of them were there. The bytes are borrowed.
 */
struct kf_reader {
	const uint8_t *pos, *end;
	bool failed;
};

struct kf_writer {
	uint8_t *start;
	size_t at, size;	/* bytes written, bytes there are */
	bool failed;
};

static inline struct kf_reader kf_reader_on(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	/* No bytes may be NULL, to which C lets nobody add even 0. */
	return (struct kf_reader){ .pos = p, .end = len ? p + len : p };
}

static inline struct kf_writer kf_writer_on(void *bytes, size_t size)
{
	return (struct kf_writer){ .start = bytes, .size = size };
}

static inline size_t kf_left(const struct kf_reader *r)
{
	return (size_t)(r->end - r->pos);
}

static inline size_t kf_written(const struct kf_writer *w)
{
	return w->at;
}

/* The next N bytes in place, or NULL. Lives as long as the bytes the reader was made on. */
static inline const uint8_t *kf_get_bytes(struct kf_reader *r, size_t n)
{
	const uint8_t *p = r->pos;

	if (r->failed || n > (size_t)(r->end - r->pos)) {
		r->failed = true;
		return NULL;
	}
	if (n)		/* of no bytes there may be no place either */
		r->pos += n;
	return p;
}

/* Room for N bytes which the caller must fill, or NULL. */
static inline uint8_t *kf_put_space(struct kf_writer *w, size_t n)
{
	uint8_t *p = w->start + w->at;

	if (w->failed || n > w->size - w->at) {
		w->failed = true;
		return NULL;
	}
	w->at += n;
	return p;
}

/* BYTES may be the very place they go to: a payload that was made there. */
static inline void kf_put_bytes(struct kf_writer *w, const void *bytes, size_t n)
{
	uint8_t *p = kf_put_space(w, n);

	if (p && n && p != bytes)
		memcpy(p, bytes, n);
}

static inline void kf_put_zeros(struct kf_writer *w, size_t n)
{
	uint8_t *p = kf_put_space(w, n);

	if (p && n)
		memset(p, 0, n);
}

/* Unaligned little-endian integers; compilers make one instruction of each. */
static inline uint64_t kf_le_at(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	return le64toh(v);
}

static inline uint16_t kf_le16_at(const uint8_t *p) { return (uint16_t)kf_le_at(p, 2); }
static inline uint32_t kf_le32_at(const uint8_t *p) { return (uint32_t)kf_le_at(p, 4); }
static inline uint64_t kf_le64_at(const uint8_t *p) { return kf_le_at(p, 8); }

static inline uint64_t kf_get_le(struct kf_reader *r, unsigned int bytes)
{
	const uint8_t *p = kf_get_bytes(r, bytes);

	return p ? kf_le_at(p, bytes) : 0;
}

static inline uint8_t kf_get_u8(struct kf_reader *r) { return (uint8_t)kf_get_le(r, 1); }
static inline uint16_t kf_get_u16(struct kf_reader *r) { return (uint16_t)kf_get_le(r, 2); }
static inline uint32_t kf_get_u32(struct kf_reader *r) { return (uint32_t)kf_get_le(r, 4); }
static inline uint64_t kf_get_u64(struct kf_reader *r) { return kf_get_le(r, 8); }

static inline void kf_put_le(struct kf_writer *w, uint64_t v, unsigned int bytes)
{
	v = htole64(v);
	kf_put_bytes(w, &v, bytes);
}

static inline void kf_put_u8(struct kf_writer *w, uint8_t v) { kf_put_le(w, v, 1); }
static inline void kf_put_u16(struct kf_writer *w, uint16_t v) { kf_put_le(w, v, 2); }
static inline void kf_put_u32(struct kf_writer *w, uint32_t v) { kf_put_le(w, v, 4); }
static inline void kf_put_u64(struct kf_writer *w, uint64_t v) { kf_put_le(w, v, 8); }

/* LEB128: seven bits a byte, least significant first, the high bit set on all but the last byte.
 * At most 10 bytes; a longer or overflowing one, or one padded with needless zero bytes, fails. */
static inline uint64_t kf_get_varint(struct kf_reader *r)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t b = kf_get_u8(r);

		if (r->failed)
			return 0;
		if ((shift == 63 && b > 1) || (b == 0 && shift > 0))
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	r->failed = true;
	return 0;
}

#define KF_VARINT_MAX 10

static inline void kf_put_varint(struct kf_writer *w, uint64_t v)
{
	while (v >= 0x80) {
		kf_put_u8(w, (uint8_t)(v | 0x80));
		v >>= 7;
	}
	kf_put_u8(w, (uint8_t)v);
}

#endif
