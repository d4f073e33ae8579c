// SPDX-License-Identifier: GPL-2.0-or-later
// END and ABORT: what the sender says of the whole, against all that came.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/names.h"
#include "receiver/stream/assembler.h"

enum kf_status kf_take_abort(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			     struct kf_error *err)
{
	char text[KF_STRING_MAX + 1], reason[KF_ERROR_TEXT];

	(void)frame, (void)err;
	kf_string_text(text, sizeof(text), &m->abort.text);
	snprintf(reason, sizeof(reason), "the sender gave up (%s): %s", kf_abort_code_name(m->abort.code), text);
	kf_close_begin(a, false, KF_INCOMPLETE, reason);
	return KF_OK;
}

enum kf_status kf_take_end(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			   struct kf_error *err)
{
	enum kf_status st = kf_intro_check(a, err);

	(void)frame;
	if (st)
		return st;
	if (a->open.arrived.pages)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " pages came that no window closed", a->open.arrived.pages);
	a->said.end = m->end;
	a->said.ended = true;
	return KF_OK;
}

static bool same_digest(const struct kf_sum128 *sum, const struct kf_digest *claimed)
{
	struct kf_digest ours;

	kf_sum_encode(&ours, sum);
	return memcmp(ours.bytes, claimed->bytes, sizeof(ours.bytes)) == 0;
}

/* All that came, against all that the sender says it sent. */
static enum kf_status check_end(const struct kf_assembler *a, struct kf_error *err)
{
	const struct kf_end *e = &a->said.end;

	if (memcmp(&e->tally, &a->gathered.mark.tally, sizeof(e->tally)) != 0)
		return kf_fail(err, KF_INVALID, "END: its tally is not the sum of the windows'");
	if (e->windows != a->said.windows || e->batches != a->said.batches)
		return kf_fail(err, KF_INVALID,
			       "END: %" PRIu64 " windows and %" PRIu64 " batches were sent, %" PRIu64 " and %" PRIu64 " came",
			       e->windows, e->batches, a->said.windows, a->said.batches);
	if (!same_digest(&a->sums.pages, &e->pages))
		return kf_fail(err, KF_INVALID, "END: the digest of the pages that came is another");
	if (!same_digest(&a->sums.verdicts, &e->verdicts))
		return kf_fail(err, KF_INVALID, "END: the digest of the verdicts that came is another");
	if (e->reason == KF_END_COMPLETE && a->open.first != a->said.dump.max_mapnr)
		return kf_fail(err, KF_INVALID, "END: complete, but the windows end at 0x%" PRIx64 " of 0x%" PRIx64,
			       a->open.first, a->said.dump.max_mapnr);
	return KF_OK;
}

void kf_close_by_end(struct kf_assembler *a)
{
	static const char *const texts[KF_END_REASONS] = {
		[KF_END_DEADLINE] = "its time was up", [KF_END_SPACE] = "there was no more space",
		[KF_END_INPUT] = "its vmcore is shorter than the headers in it say",
	};
	char reason[KF_ERROR_TEXT];
	struct kf_error err;

	if (check_end(a, &err)) {
		kf_asm_fail(a, &err);
	} else if (a->said.end.reason == KF_END_COMPLETE) {
		kf_close_begin(a, true, KF_OK, "");
	} else {
		snprintf(reason, sizeof(reason), "the sender ended early (%s): %s",
			 kf_end_reason_name(a->said.end.reason), texts[a->said.end.reason]);
		kf_close_begin(a, false, KF_INCOMPLETE, reason);
	}
}
