// SPDX-License-Identifier: GPL-2.0-or-later
// END: totals, digest and reason; without it no dump is ever called whole.
#include <inttypes.h>

#include "proto/messages.h"

static void get_digest(struct kf_reader *r, struct kf_digest *d)
{
	const uint8_t *p = kf_get_bytes(r, sizeof(d->bytes));

	if (p)
		memcpy(d->bytes, p, sizeof(d->bytes));
}

static enum kf_status decode_end(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_end *e = &m->end;
	uint32_t reason = kf_get_u32(r);

	if (kf_get_u32(r) != 0)
		return kf_fail(err, KF_INVALID, "reserved field is not 0");
	kf_get_tally(r, &e->tally);
	e->windows = kf_get_u64(r);
	e->batches = kf_get_u64(r);
	get_digest(r, &e->pages);
	get_digest(r, &e->verdicts);
	e->prepare_us = kf_get_u64(r);
	e->scan_us = kf_get_u64(r);
	e->total_us = kf_get_u64(r);
	if (reason >= KF_END_REASONS)
		return kf_fail(err, KF_INVALID, "unknown reason %" PRIu32, reason);
	e->reason = (enum kf_end_reason)reason;
	return KF_OK;
}

static void encode_end(struct kf_writer *w, const struct kf_message *m)
{
	const struct kf_end *e = &m->end;

	kf_put_u32(w, e->reason);
	kf_put_u32(w, 0);
	kf_put_tally(w, &e->tally);
	kf_put_u64(w, e->windows);
	kf_put_u64(w, e->batches);
	kf_put_bytes(w, e->pages.bytes, sizeof(e->pages.bytes));
	kf_put_bytes(w, e->verdicts.bytes, sizeof(e->verdicts.bytes));
	kf_put_u64(w, e->prepare_us);
	kf_put_u64(w, e->scan_us);
	kf_put_u64(w, e->total_us);
}

const struct kf_message_ops kf_end_ops = {
	.payload_max = 8 + KF_TALLY_BYTES + 16 + 2 * KF_DIGEST_BYTES + 24,
	.decode = decode_end, .encode = encode_end,
};
