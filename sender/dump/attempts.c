// SPDX-License-Identifier: GPL-2.0-or-later
// All attempts of a dump: retries, the next target, giving up; see attempt.h.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sender/dump/attempt.h"

static void sleep_us(uint64_t us)
{
	struct timespec left = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };

	while (nanosleep(&left, &left))
		;
}

/* Where it stands, in tenths of a percent. */
static unsigned int promille(struct kf_job *j)
{
	return (unsigned int)(j->progress.done * 1000 / j->progress.total);
}

static void say_retry(struct kf_job *j, const struct kf_error *err, uint64_t delay_us)
{
	unsigned int at = promille(j);

	kf_progress_end(&j->progress, false);
	if (j->has_session)
		kf_log(j->log, KF_LOG_ERROR, "%s; at %u.%u %%; it goes on there in %.1f s", err->text, at / 10, at % 10, (double)delay_us / 1e6);
	else
		kf_log(j->log, KF_LOG_ERROR, "%s; trying again in %.1f s", err->text, (double)delay_us / 1e6);
}

/* The next target gets a dump of its own, and says of which it takes the place if something was sent there already. */
static void leave(struct kf_job *j, const char *name, const struct kf_error *err)
{
	bool sent = j->has_session;

	kf_log(j->log, KF_LOG_ERROR, "%s; %s", err->text, sent ? "the dump begins anew on the next target" : "the next target is tried");
	if (sent)
		kf_attempt_anew(j, name, err->text);
}

enum kf_status kf_attempts(struct kf_job *j, struct kf_error *err)
{
	unsigned int targets = j->setup->dry_run ? 1 : j->setup->target_count;
	struct kf_retry r;

	kf_retry_init(&r, targets, j->setup->give_up * 1000000ull, kf_now_us());
	for (;;) {
		const struct kf_target *target = j->setup->dry_run ? NULL : &j->setup->targets[r.target];
		struct kf_outcome how;
		char name[sizeof(j->transport.name)];
		uint64_t delay_us;
		enum kf_status st = kf_attempt(j, target, &how, err);

		if (!st)
			return KF_OK;
		memcpy(name, j->transport.name, sizeof(name));
		switch (kf_retry_next(&r, how.broke, how.progress, kf_now_us(), &delay_us)) {
		case KF_NEXT_RESUME:
			say_retry(j, err, delay_us);
			sleep_us(delay_us);
			break;
		case KF_NEXT_ANEW:
			kf_log(j->log, KF_LOG_ERROR, "%s; the dump begins anew", err->text);
			kf_attempt_anew(j, name, err->text);
			break;
		case KF_NEXT_TARGET:
			leave(j, name, err);
			break;
		case KF_NEXT_GIVE_UP:
			return r.tries > 1 ? kf_prepend(err, "given up after %u tries", r.tries) : err->status;
		}
	}
}
