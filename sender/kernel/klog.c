// SPDX-License-Identifier: GPL-2.0-or-later
// The log of kernels since 5.10: the lockless printk ring buffer. See klog.h.
//
// Facts: the kernel's Documentation/admin-guide/kdump/vmcoreinfo.rst (printk_ringbuffer and the structures it
// names). A record's descriptor has its state in the top two bits of a word and its id in the rest.
#include "sender/kernel/klog.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"

#define ID_BITS 62
#define ID_MASK ((1ull << ID_BITS) - 1)
#define COMMITTED 1u
#define FINALIZED 2u
#define NO_DATA 1ull		/* set in both positions of a record without text */
#define WORD 8u			/* the descriptor's id stands before the text */
#define TEXT_MAX 65536u		/* text_len has 16 bits */
#define ESCAPED_MAX (4 * TEXT_MAX + 4096)

struct ring {
	struct kf_translation *tr;
	const struct kf_vmcoreinfo *vi;
	uint64_t count;		/* descriptors, a power of two */
	uint64_t text_bytes;	/* a power of two */
	uint64_t prb, descs, infos, text;	/* virtual addresses */
	uint64_t head, tail;	/* ids */
	uint8_t *raw;		/* TEXT_MAX bytes */
	char *line;		/* ESCAPED_MAX bytes */
};

struct record {
	uint64_t begin, next;	/* logical positions of its text block */
	uint64_t ts_nsec;
	uint32_t text_len, caller;
};

static uint64_t key(const struct ring *r, enum kf_key k)
{
	return r->vi->value[k];
}

static enum kf_status require_keys(const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	static const enum kf_key needed[] = {
		KF_KEY_SYM_PRB, KF_KEY_OFF_RB_DESC_RING, KF_KEY_OFF_RB_TEXT_RING, KF_KEY_OFF_DR_COUNT_BITS, KF_KEY_OFF_DR_DESCS,
		KF_KEY_OFF_DR_INFOS, KF_KEY_OFF_DR_HEAD_ID, KF_KEY_OFF_DR_TAIL_ID, KF_KEY_SIZE_DESC, KF_KEY_OFF_DESC_STATE,
		KF_KEY_OFF_DESC_LPOS, KF_KEY_OFF_LPOS_BEGIN, KF_KEY_OFF_LPOS_NEXT, KF_KEY_SIZE_INFO, KF_KEY_OFF_INFO_TS,
		KF_KEY_OFF_INFO_TEXT_LEN, KF_KEY_OFF_TR_SIZE_BITS, KF_KEY_OFF_TR_DATA, KF_KEY_OFF_ATOMIC_COUNTER,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!kf_has(vi, needed[i]))
			return kf_fail(err, KF_ABSENT, "VMCOREINFO has no %s", kf_key_text(needed[i]));
	return KF_OK;
}

static enum kf_status open_ring(struct ring *r, struct kf_error *err)
{
	uint32_t count_bits, size_bits;
	uint64_t prb, dr, text, atomic = key(r, KF_KEY_OFF_ATOMIC_COUNTER);

	if (!kf_virt_u64(r->tr, key(r, KF_KEY_SYM_PRB), &prb))
		return kf_fail(err, KF_INVALID, "prb cannot be read");
	dr = prb + key(r, KF_KEY_OFF_RB_DESC_RING);
	text = prb + key(r, KF_KEY_OFF_RB_TEXT_RING);
	if (!kf_virt_u32(r->tr, dr + key(r, KF_KEY_OFF_DR_COUNT_BITS), &count_bits) ||
	    !kf_virt_u64(r->tr, dr + key(r, KF_KEY_OFF_DR_DESCS), &r->descs) ||
	    !kf_virt_u64(r->tr, dr + key(r, KF_KEY_OFF_DR_INFOS), &r->infos) ||
	    !kf_virt_u64(r->tr, dr + key(r, KF_KEY_OFF_DR_HEAD_ID) + atomic, &r->head) ||
	    !kf_virt_u64(r->tr, dr + key(r, KF_KEY_OFF_DR_TAIL_ID) + atomic, &r->tail) ||
	    !kf_virt_u32(r->tr, text + key(r, KF_KEY_OFF_TR_SIZE_BITS), &size_bits) ||
	    !kf_virt_u64(r->tr, text + key(r, KF_KEY_OFF_TR_DATA), &r->text))
		return kf_fail(err, KF_INVALID, "the log ring at 0x%" PRIx64 " cannot be read", prb);
	if (count_bits > 30 || size_bits < 3 || size_bits > 40)
		return kf_fail(err, KF_INVALID, "the log ring at 0x%" PRIx64 " has impossible sizes", prb);
	r->prb = prb;
	r->count = 1ull << count_bits;
	r->text_bytes = 1ull << size_bits;
	return KF_OK;
}

/* The record ID, if it is whole. */
static bool get_record(struct ring *r, uint64_t id, struct record *rec)
{
	uint64_t slot = id & (r->count - 1);
	uint64_t desc = r->descs + slot * key(r, KF_KEY_SIZE_DESC);
	uint64_t info = r->infos + slot * key(r, KF_KEY_SIZE_INFO);
	uint64_t state, lpos = desc + key(r, KF_KEY_OFF_DESC_LPOS);
	uint8_t text_len[2];

	if (!kf_virt_u64(r->tr, desc + key(r, KF_KEY_OFF_DESC_STATE) + key(r, KF_KEY_OFF_ATOMIC_COUNTER), &state))
		return false;
	if ((state & ID_MASK) != id || (state >> ID_BITS != COMMITTED && state >> ID_BITS != FINALIZED))
		return false;
	if (!kf_virt_u64(r->tr, lpos + key(r, KF_KEY_OFF_LPOS_BEGIN), &rec->begin) ||
	    !kf_virt_u64(r->tr, lpos + key(r, KF_KEY_OFF_LPOS_NEXT), &rec->next) ||
	    !kf_virt_u64(r->tr, info + key(r, KF_KEY_OFF_INFO_TS), &rec->ts_nsec) ||
	    !kf_virt_read(r->tr, info + key(r, KF_KEY_OFF_INFO_TEXT_LEN), text_len, sizeof(text_len)))
		return false;
	rec->text_len = kf_le16_at(text_len);
	rec->caller = 0;
	if (kf_has(r->vi, KF_KEY_OFF_INFO_CALLER))
		return kf_virt_u32(r->tr, info + key(r, KF_KEY_OFF_INFO_CALLER), &rec->caller);
	return true;
}

/* Brings the text into r->raw and gives its length. A block that does not fit before the ring's end stands whole at
 * its start; whole positions are compared, so that one which ends exactly at the end is seen as unwrapped. */
static bool get_text(struct ring *r, const struct record *rec, size_t *len)
{
	uint64_t at = rec->begin & (r->text_bytes - 1), room = rec->next - rec->begin;

	*len = 0;
	if ((rec->begin & NO_DATA) && (rec->next & NO_DATA))
		return false;
	if (rec->begin / r->text_bytes != (rec->next - 1) / r->text_bytes) {
		at = 0;
		room = rec->next & (r->text_bytes - 1);
	}
	if (room < WORD || room > r->text_bytes - at)
		return false;
	*len = rec->text_len < room - WORD ? rec->text_len : (size_t)(room - WORD);
	return kf_virt_read(r->tr, r->text + at + WORD, r->raw, *len);
}

static size_t put_prefix(const struct ring *r, const struct record *rec, char *out, size_t size)
{
	int n = snprintf(out, size, "[%5" PRIu64 ".%06" PRIu64 "] ", rec->ts_nsec / 1000000000, rec->ts_nsec % 1000000000 / 1000);

	if (kf_has(r->vi, KF_KEY_OFF_INFO_CALLER)) {
		char who[16];

		snprintf(who, sizeof(who), "%c%" PRIu32, rec->caller >> 31 ? 'C' : 'T', rec->caller & 0x7fffffff);
		n += snprintf(out + n, size - (size_t)n, "[%8s] ", who);
	}
	return (size_t)n;
}

/* One record as lines: further lines are indented to the first one's text; bytes that are no text are escaped. */
static size_t put_record(const struct ring *r, const struct record *rec, size_t len)
{
	size_t indent = put_prefix(r, rec, r->line, 256), n = indent;

	for (size_t i = 0; i < len && n + 256 < ESCAPED_MAX; i++) {
		unsigned char c = r->raw[i];

		if (c == '\n') {
			r->line[n++] = '\n';
			memset(r->line + n, ' ', indent);
			n += indent;
		} else if (c < 0x80 && (isprint(c) || isspace(c))) {
			r->line[n++] = (char)c;
		} else {
			n += (size_t)sprintf(r->line + n, "\\x%02x", c);
		}
	}
	r->line[n++] = '\n';
	return n;
}

static enum kf_status put_all(struct ring *r, kf_klog_sink sink, void *context, struct kf_error *err)
{
	/* Never more turns than there are descriptors: a damaged head must not make us run for ever. */
	uint64_t turns = ((r->head - r->tail) & ID_MASK) + 1;

	if (turns > r->count)
		return kf_fail(err, KF_INVALID, "the log ring's ids %" PRIu64 " to %" PRIu64 " are more than it holds", r->tail, r->head);
	for (uint64_t id = r->tail & ID_MASK; turns--; id = (id + 1) & ID_MASK) {
		struct record rec;
		size_t len;

		if (get_record(r, id, &rec) && get_text(r, &rec, &len))
			if (sink(context, r->line, put_record(r, &rec, len), err))
				return err->status;
	}
	return KF_OK;
}

enum kf_status kf_klog_read(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, kf_klog_sink sink, void *context,
			    struct kf_error *err)
{
	struct ring r = { .tr = tr, .vi = vi };
	enum kf_status st = require_keys(vi, err);

	if (!st)
		st = open_ring(&r, err);
	if (st)
		return st;
	r.raw = malloc(TEXT_MAX);
	r.line = malloc(ESCAPED_MAX);
	st = r.raw && r.line ? put_all(&r, sink, context, err) : kf_fail(err, KF_FAILED, "no memory for the log");
	free(r.raw);
	free(r.line);
	return st;
}

enum kf_status kf_klog_extents(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_klog_extent out[KF_KLOG_EXTENTS],
			       struct kf_error *err)
{
	struct ring r = { .tr = tr, .vi = vi };
	enum kf_status st = require_keys(vi, err);

	if (!st)
		st = open_ring(&r, err);
	if (st)
		return st;
	out[0] = (struct kf_klog_extent){ r.prb, kf_value(vi, KF_KEY_SIZE_RINGBUFFER, 8) };
	out[1] = (struct kf_klog_extent){ r.descs, r.count * key(&r, KF_KEY_SIZE_DESC) };
	out[2] = (struct kf_klog_extent){ r.infos, r.count * key(&r, KF_KEY_SIZE_INFO) };
	out[3] = (struct kf_klog_extent){ r.text, r.text_bytes };
	return KF_OK;
}
