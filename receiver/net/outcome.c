// SPDX-License-Identifier: GPL-2.0-or-later
// How a session ended, told to people; see outcome.h.
#include "receiver/net/outcome.h"

#include <inttypes.h>

void kf_outcome_say(const struct kf_log *log, const char *dir, const struct kf_session *s, const struct kf_result *r)
{
	const char *peer = kf_session_peer(s);

	if (r->status == KF_OK && kf_session_has_more(s))
		kf_log(log, KF_LOG_ERROR, "%s: bytes follow its END; they are no part of the dump", peer);
	if (r->status == KF_OK)
		kf_log(log, KF_LOG_COMMON, "%s: whole: %s/%s/%s", peer, dir, r->dir, r->file);
	else
		kf_log(log, KF_LOG_ERROR, "%s: %s: %s", peer, r->status == KF_INCOMPLETE ? "incomplete" : "failed", r->reason);
	if (r->status && r->file[0])
		kf_log(log, KF_LOG_COMMON, "%s: what came can be opened: %s/%s/%s", peer, dir, r->dir, r->file);
}

static void print_whole(const char *name, const struct kf_finished *f)
{
	const struct kf_end *e = &f->end;

	printf("%s: whole: %" PRIu64 " pages kept of %" PRIu64 ", %" PRIu64 " windows, %" PRIu64 " batches, digest ", name,
	       e->tally.pages[KF_KEPT], f->max_mapnr, e->windows, e->batches);
	for (size_t i = 0; i < sizeof(e->pages.bytes); i++)
		printf("%02x", e->pages.bytes[i]);
	putchar('\n');
	fflush(stdout);
}

enum kf_status kf_outcome_say_verified(const struct kf_log *log, const char *name, const struct kf_session *s, const struct kf_result *r)
{
	/* Of what was received something could be kept; here it is just wrong. */
	enum kf_status st = r->told ? KF_FAILED : r->status;

	if (!r->finished) {
		kf_log(log, KF_LOG_ERROR, "%s: %s: %s", name, st == KF_INCOMPLETE ? "incomplete" : "wrong", r->reason);
		return st;
	}
	if (kf_session_has_more(s)) {
		kf_log(log, KF_LOG_ERROR, "%s: wrong: bytes follow its END", name);
		return KF_FAILED;
	}
	print_whole(name, r->finished);
	return st;
}
