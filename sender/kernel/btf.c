// SPDX-License-Identifier: GPL-2.0-or-later
// BTF, read as a stream; see btf.h.
//
// Facts: the kernel's Documentation/bpf/btf.rst. Strings stand once each, so a name is known by its place among them; types
// follow each other, each with as many bytes as its kind and its number of members say.
#include "sender/kernel/btf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"
#include "sender/kernel/virtstream.h"

#define MAGIC 0xeb9fu
#define HEADER_BYTES 24u
#define BTF_MAX (256ull << 20)
#define KIND_STRUCT 4u

static const struct {
	const char *type, *member;
} wanted[KF_BTF_COUNT] = {
#define X(id, type, member) { type, member },
	KF_BTF_MEMBERS(X)
#undef X
};

/* Bytes behind a type, by its kind: so many, and so many for each member. */
static const struct {
	uint8_t fixed, each;
} extra[] = {
	[1] = { 4, 0 },		/* INT */
	[3] = { 12, 0 },	/* ARRAY */
	[KIND_STRUCT] = { 0, 12 },
	[5] = { 0, 12 },	/* UNION */
	[6] = { 0, 8 },		/* ENUM */
	[13] = { 0, 8 },	/* FUNC_PROTO */
	[14] = { 4, 0 },	/* VAR */
	[15] = { 0, 12 },	/* DATASEC */
	[17] = { 4, 0 },	/* DECL_TAG */
	[19] = { 0, 12 },	/* ENUM64 */
};
#define KINDS (sizeof(extra) / sizeof(extra[0]))

struct reader {
	struct kf_virt_stream stream;
	struct kf_translation *tr;
	uint64_t types, strings;	/* addresses */
	uint32_t type_bytes, string_bytes;
	uint32_t type[KF_BTF_COUNT], member[KF_BTF_COUNT];	/* places of the names among the strings; 0: not there */
};

const char *kf_btf_member_name(enum kf_btf_member member)
{
	return wanted[member].member;
}

static enum kf_status read_header(struct reader *r, uint64_t va, uint64_t end, struct kf_error *err)
{
	uint8_t h[HEADER_BYTES];
	uint64_t bytes = end - va, from;

	if (end < va || bytes < sizeof(h) || bytes > BTF_MAX || !kf_virt_read(r->tr, va, h, sizeof(h)) || kf_le16_at(h) != MAGIC)
		return kf_fail(err, KF_INVALID, "there is no BTF at 0x%" PRIx64, va);
	from = kf_le32_at(h + 4);
	r->type_bytes = kf_le32_at(h + 12);
	r->string_bytes = kf_le32_at(h + 20);
	r->types = va + from + kf_le32_at(h + 8);
	r->strings = va + from + kf_le32_at(h + 16);
	if (r->types + r->type_bytes > end || r->strings + r->string_bytes > end)
		return kf_fail(err, KF_INVALID, "the BTF at 0x%" PRIx64 " is larger than its place", va);
	return KF_OK;
}

static void take_string(struct reader *r, const char *s, uint32_t at)
{
	for (size_t i = 0; i < KF_BTF_COUNT; i++) {
		if (strcmp(s, wanted[i].type) == 0)
			r->type[i] = at;
		if (strcmp(s, wanted[i].member) == 0)
			r->member[i] = at;
	}
}

static void find_strings(struct reader *r)
{
	char s[32];	/* longer than what is looked for; the rest of others is passed over */
	uint32_t start = 0;
	size_t len = 0;

	kf_virt_stream_init(&r->stream, r->tr, r->strings, r->strings + r->string_bytes);
	for (uint32_t at = 0; at < r->string_bytes && !r->stream.failed; at++) {
		char c = (char)kf_virt_next_u8(&r->stream);

		if (len < sizeof(s))
			s[len] = c;
		len++;
		if (c)
			continue;
		if (len > 1 && len <= sizeof(s))
			take_string(r, s, start);
		start = at + 1;
		len = 0;
	}
}

/* Members follow: name, type, and bits from the start of the struct, or with FLAG those in the low 24. */
static bool take_struct(struct reader *r, struct kf_btf *b, uint32_t name, uint32_t size, uint32_t members, bool flag)
{
	while (members--) {
		const uint8_t *m = kf_virt_next(&r->stream, 12);
		uint32_t bits;

		if (!m)
			return false;
		bits = flag ? kf_le32_at(m + 8) & 0xffffff : kf_le32_at(m + 8);
		for (size_t i = 0; i < KF_BTF_COUNT; i++)
			if (name && name == r->type[i] && r->member[i] && kf_le32_at(m) == r->member[i] && !b->has[i]) {
				b->has[i] = true;
				b->offset[i] = bits / 8;
				b->size[i] = size;
			}
	}
	return true;
}

static bool take_type(struct reader *r, struct kf_btf *b)
{
	const uint8_t *t = kf_virt_next(&r->stream, 12);
	uint32_t name, info, size, kind, members;

	if (!t)
		return false;
	name = kf_le32_at(t);
	info = kf_le32_at(t + 4);
	size = kf_le32_at(t + 8);
	kind = info >> 24 & 0x1f;
	members = info & 0xffff;
	if (kind == KIND_STRUCT)
		return take_struct(r, b, name, size, members, info >> 31);
	if (kind >= KINDS)
		return true;	/* nothing is known behind those without a row, and nothing stands there */
	for (uint32_t left = members; extra[kind].each && left; left--)
		if (!kf_virt_next(&r->stream, extra[kind].each))
			return false;
	return !extra[kind].fixed || kf_virt_next(&r->stream, extra[kind].fixed);
}

enum kf_status kf_btf_read(struct kf_btf *b, struct kf_translation *tr, uint64_t va, uint64_t end, struct kf_error *err)
{
	struct reader *r = calloc(1, sizeof(*r));

	*b = (struct kf_btf){ 0 };
	if (!r)
		return kf_fail(err, KF_FAILED, "no memory for BTF");
	r->tr = tr;
	if (read_header(r, va, end, err)) {
		free(r);
		return err->status;
	}
	find_strings(r);
	kf_virt_stream_init(&r->stream, tr, r->types, r->types + r->type_bytes);
	while (take_type(r, b))
		;
	free(r);
	return KF_OK;
}
