// SPDX-License-Identifier: GPL-2.0-or-later
// Counts that no live kernel has, said in plain words: page flags and VMCOREINFO are damaged then, or kferry is wrong. See job.h.
#include <inttypes.h>

#include "sender/dump/job.h"

/* Struct pages alone are one page in 64; where huge pages give theirs back, more than one in a thousand is still needed. */
#define NEEDED_SHARE 1000u

static const char all_gone[] =
	"almost every page was left out: %" PRIu64 " of %" PRIu64 " are kept. A kernel needs more, so its page flags do not mean what "
	"VMCOREINFO says, and a debugger will hardly open this dump. Level 1 trusts no flags but those of bad and offline pages";
static const char nothing_gone[] =
	"no page was left out at dump level %u: the kernel's page flags do not mean what VMCOREINFO says. The dump is as large as with -d %u";
static const char none_free[] =
	"no free page was found among %" PRIu64 ": the kernel does not mark them as VMCOREINFO says, so they are kept";
static const char rescued[] =
	"%" PRIu64 " pages of page tables, memory sections, kernel text or read-only data have flags that do not belong to them, and "
	"were kept: the kernel's memory is damaged, and other pages may lack";

/* Whether pages of some class that every kernel has can be told and are unwanted. */
static bool leaves_out(const struct kf_job *j, unsigned int bits)
{
	const struct kf_layout *l = &j->kernel.layout;
	unsigned int level = j->setup->level & bits;

	return (level & (KF_LEVEL_CACHE | KF_LEVEL_CACHE_PRIVATE | KF_LEVEL_USER)) || ((level & KF_LEVEL_FREE) && l->has_buddy);
}

void kf_job_say_implausible(const struct kf_job *j)
{
	const struct kf_tally *t = &j->window.total;
	uint64_t kept = t->pages[KF_KEPT] - t->undecided, judged = kept;

	for (int i = KF_KEPT + 1; i < KF_NODATA; i++)
		judged += t->pages[i];
	if (t->rescued)
		kf_log(j->log, KF_LOG_ERROR, rescued, t->rescued);
	if (!j->scan.judges || !judged)
		return;
	if (kept * NEEDED_SHARE < judged)
		kf_log(j->log, KF_LOG_ERROR, all_gone, kept, judged);
	if (t->undecided)
		return;		/* what lacks may be among them */
	if (kept == judged && leaves_out(j, ~0u))
		kf_log(j->log, KF_LOG_ERROR, nothing_gone, j->setup->level, j->setup->level & KF_LEVEL_ZERO);
	else if (!t->pages[KF_FREE] && leaves_out(j, KF_LEVEL_FREE))
		kf_log(j->log, KF_LOG_ERROR, none_free, judged);
}
