// SPDX-License-Identifier: GPL-2.0-or-later
// Counts that no live kernel has, said in plain words: page flags and VMCOREINFO are damaged then, or kferry is wrong. See job.h.
#include <inttypes.h>

#include "sender/dump/job.h"

/* Struct pages alone are one page in 64; where huge pages give theirs back, more than one in a thousand is still needed. */
#define NEEDED_SHARE 1000u

static const char all_gone[] =
	"almost every page was left out: %" PRIu64 " of %" PRIu64 " are kept. A kernel needs more, so its page flags do not mean what "
	"VMCOREINFO says, and a debugger will hardly open this dump. Send it again with -d 1, which trusts no flag";
static const char nothing_gone[] =
	"no page was left out at dump level %u: the kernel's page flags do not mean what VMCOREINFO says. The dump is whole, but as "
	"large as with -d %u";
static const char none_free[] =
	"no free page was found among %" PRIu64 ": the kernel does not mark them as VMCOREINFO says, so they are all in the dump";
static const char rescued[] =
	"%" PRIu64 " pages of page tables, memory sections, kernel text or read-only data have flags that do not belong to them, and "
	"were kept: the kernel's memory is damaged, and other pages may lack";

/* At what levels a page of some class can be left out. */
#define LEVELS_BY_CLASS ((unsigned int)(KF_LEVEL_CACHE | KF_LEVEL_CACHE_PRIVATE | KF_LEVEL_USER | KF_LEVEL_FREE))

void kf_job_say_implausible(const struct kf_job *j)
{
	const struct kf_tally *t = &j->window.total;
	uint64_t kept = t->pages[KF_KEPT], ram = kept;
	unsigned int level = j->setup->level;

	for (int i = KF_KEPT + 1; i < KF_NODATA; i++)
		ram += t->pages[i];
	if (t->rescued)
		kf_log(j->log, KF_LOG_ERROR, rescued, t->rescued);
	if (!j->scan.judges || !(level & LEVELS_BY_CLASS) || !ram)
		return;
	if (kept == ram)
		kf_log(j->log, KF_LOG_ERROR, nothing_gone, level, level & KF_LEVEL_ZERO);
	else if (kept * NEEDED_SHARE < ram)
		kf_log(j->log, KF_LOG_ERROR, all_gone, kept, ram);
	else if ((level & KF_LEVEL_FREE) && j->kernel.layout.has_buddy && !t->pages[KF_FREE])
		kf_log(j->log, KF_LOG_ERROR, none_free, ram);
}
