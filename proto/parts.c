// SPDX-License-Identifier: GPL-2.0-or-later
// Parts that several messages have: texts, tallies, carries, tables of ranges. See messages.h.
#include <inttypes.h>

#include "proto/messages.h"

struct kf_string kf_get_string(struct kf_reader *r)
{
	uint16_t len = kf_get_u16(r);

	if (len > KF_STRING_MAX) {
		r->failed = true;
		return (struct kf_string){ 0 };
	}
	return (struct kf_string){ (const char *)kf_get_bytes(r, len), len };
}

void kf_put_string(struct kf_writer *w, const struct kf_string *s)
{
	kf_put_u16(w, s->len);
	kf_put_bytes(w, s->text, s->len);
}

struct kf_string kf_string_of(const char *text)
{
	size_t len = strlen(text);

	return (struct kf_string){ text, (uint16_t)(len < KF_STRING_MAX ? len : KF_STRING_MAX) };
}

void kf_string_text(char *out, size_t size, const struct kf_string *s)
{
	size_t n = s->len < size - 1 ? s->len : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = s->text[i] >= ' ' && s->text[i] <= '~' ? s->text[i] : '?';
	out[n] = '\0';
}

void kf_get_tally(struct kf_reader *r, struct kf_tally *t)
{
	for (int i = 0; i < KF_CLASSES; i++)
		t->pages[i] = kf_get_u64(r);
	t->zero = kf_get_u64(r);
	t->unreadable = kf_get_u64(r);
	t->undecided = kf_get_u64(r);
	t->rescued = kf_get_u64(r);
}

void kf_put_tally(struct kf_writer *w, const struct kf_tally *t)
{
	for (int i = 0; i < KF_CLASSES; i++)
		kf_put_u64(w, t->pages[i]);
	kf_put_u64(w, t->zero);
	kf_put_u64(w, t->unreadable);
	kf_put_u64(w, t->undecided);
	kf_put_u64(w, t->rescued);
}

void kf_tally_add(struct kf_tally *sum, const struct kf_tally *more)
{
	for (int i = 0; i < KF_CLASSES; i++)
		sum->pages[i] += more->pages[i];
	sum->zero += more->zero;
	sum->unreadable += more->unreadable;
	sum->undecided += more->undecided;
	sum->rescued += more->rescued;
}

enum kf_status kf_get_carry(struct kf_reader *r, struct kf_carry *c)
{
	uint32_t why;

	c->end = kf_get_u64(r);
	why = kf_get_u32(r);
	if (kf_get_u32(r) != 0 || why >= KF_CLASSES)
		return KF_INVALID;
	c->why = (enum kf_class)why;
	return KF_OK;
}

void kf_put_carry(struct kf_writer *w, const struct kf_carry *c)
{
	kf_put_u64(w, c->end);
	kf_put_u32(w, c->why);
	kf_put_u32(w, 0);
}

enum kf_status kf_check_carry(const struct kf_carry *c, uint64_t edge, const char *name, struct kf_error *err)
{
	if (c->end == 0 && c->why == KF_KEPT)
		return KF_OK;
	if (c->end <= edge || c->end > KF_PFN_MAX || c->why == KF_KEPT)
		return kf_fail(err, KF_INVALID, "%s to pfn 0x%" PRIx64 " for reason %u does not reach beyond 0x%" PRIx64,
			       name, c->end, c->why, edge);
	return KF_OK;
}

void kf_get_ranges(struct kf_reader *r, struct kf_ranges *ranges, uint32_t count)
{
	/* COUNT is under a cap that the caller checked, so the product cannot overflow. */
	ranges->table = kf_get_bytes(r, (size_t)count * KF_RANGE_BYTES);
	ranges->count = ranges->table ? count : 0;
}

void kf_put_ranges(struct kf_writer *w, const struct kf_ranges *ranges)
{
	kf_put_bytes(w, ranges->table, (size_t)ranges->count * KF_RANGE_BYTES);
}

enum kf_status kf_check_ranges(const struct kf_ranges *ranges, uint64_t first, uint64_t end, const char *name,
			       uint64_t *pages, struct kf_error *err)
{
	*pages = 0;
	for (uint32_t i = 0; i < ranges->count; i++) {
		struct kf_range range = kf_range_at(ranges, i);

		if (range.first < first || range.first >= range.end || range.end > end)
			return kf_fail(err, KF_INVALID, "%s range %" PRIu32 " [0x%" PRIx64 ", 0x%" PRIx64 ") is empty, out of order or outside",
				       name, i, range.first, range.end);
		*pages += range.end - range.first;
		first = range.end;
	}
	return KF_OK;
}
