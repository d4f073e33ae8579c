// SPDX-License-Identifier: GPL-2.0-or-later
// The report of message level 16, in makedumpfile's words where it has them. See job.h.
#include <inttypes.h>
#include <stdio.h>

#include "proto/names.h"
#include "sender/dump/job.h"

static void line(const struct kf_job *j, const char *label, uint64_t pages)
{
	kf_log(j->log, KF_LOG_REPORT, "%s: 0x%016" PRIx64, label, pages);
}

static void report_steps(const struct kf_job *j)
{
	kf_log(j->log, KF_LOG_REPORT, "STEP [Excluding unnecessary pages] : %" PRIu64 ".%06" PRIu64 " seconds",
	       j->scan_us / 1000000, j->scan_us % 1000000);
	kf_log(j->log, KF_LOG_REPORT, "STEP [Copying data               ] : %" PRIu64 ".%06" PRIu64 " seconds",
	       (j->total_us - j->scan_us) / 1000000, (j->total_us - j->scan_us) % 1000000);
}

/* Pages the vmcore has no bytes of, and pages that could not be read, have no line in makedumpfile's report. */
static void report_ours(const struct kf_job *j, const struct kf_tally *t)
{
	if (t->pages[KF_NODATA])
		line(j, "    Pages without data      ", t->pages[KF_NODATA]);
	if (j->behind_pages)
		line(j, "Behind the last struct page", j->behind_pages);
	if (t->unreadable)
		line(j, "  Unreadable pages  (lost)  ", t->unreadable);
	if (t->undecided)
		line(j, "  Undecided pages   (kept)  ", t->undecided);
	if (t->rescued)
		line(j, "  Rescued pages     (kept)  ", t->rescued);
	if (j->scan.view.damaged)
		line(j, "  Damaged blocks    (kept)  ", j->scan.view.damaged);
}

static void report_pages(const struct kf_job *j)
{
	const struct kf_tally *t = &j->window.total;
	uint64_t original = 0, excluded;

	for (int i = 0; i < KF_CLASSES; i++)
		original += t->pages[i];
	excluded = original - t->pages[KF_KEPT] + t->zero;
	line(j, "Original pages  ", original);
	line(j, "  Excluded pages   ", excluded);
	line(j, "    Pages filled with zero  ", t->zero);
	line(j, "    Non-private cache pages ", t->pages[KF_CACHE]);
	line(j, "    Private cache pages     ", t->pages[KF_CACHE_PRIVATE]);
	line(j, "    User process data pages ", t->pages[KF_USER]);
	line(j, "    Free pages              ", t->pages[KF_FREE]);
	line(j, "    Hwpoison pages          ", t->pages[KF_HWPOISON]);
	line(j, "    Offline pages           ", t->pages[KF_OFFLINE]);
	report_ours(j, t);
	line(j, "  Remaining pages  ", original - excluded);
	kf_log(j->log, KF_LOG_REPORT, "  (The number of pages is reduced to %" PRIu64 "%%.)",
	       original ? (original - excluded) * 100 / original : 0);
	line(j, "Memory Hole     ", j->ram.max_mapnr - original);
	kf_log(j->log, KF_LOG_REPORT, "--------------------------------------------------");
	line(j, "Total pages     ", j->ram.max_mapnr);
}

/* No page is vital twice: it counts for the first kind that found it. */
static void report_vital(const struct kf_job *j)
{
	const struct kf_job_vital *v = &j->vital;

	line(j, "Vital pages     ", v->kept);
	for (int i = 0; i < KF_VITAL_KINDS; i++)
		kf_log(j->log, KF_LOG_REPORT, "    %-24s: 0x%016" PRIx64, kf_vital_kind_name(i), v->kernel.pages[i]);
	line(j, "    not kept                ", v->dropped);
	if (v->kernel.percpu_why_not[0])
		kf_log(j->log, KF_LOG_REPORT, "    Per-cpu areas were not found: %s", v->kernel.percpu_why_not);
	else
		kf_log(j->log, KF_LOG_REPORT, "    Per-cpu areas of %u CPUs, by kallsyms", v->kernel.cpus);
	if (v->kernel.tasks_why_not[0])
		kf_log(j->log, KF_LOG_REPORT, "    Tasks were not found: %s", v->kernel.tasks_why_not);
	else
		kf_log(j->log, KF_LOG_REPORT, "    %" PRIu64 " tasks, by kallsyms and BTF", v->kernel.tasks);
	kf_log(j->log, KF_LOG_REPORT, "STEP [Finding vital pages       ] : %" PRIu64 ".%06" PRIu64 " seconds (%" PRIu64 " pages judged for it)",
	       v->us / 1000000, v->us % 1000000, v->judged);
	kf_log(j->log, KF_LOG_REPORT, "--------------------------------------------------");
}

/* Raw pages, each as it will rest, are no smaller than a batch as it is. */
static bool raw_pages(const struct kf_job *j)
{
	return j->encoding.wire == KF_WIRE_PAGES && j->encoding.rest == KF_REST_RAW;
}

/* "lz4", or of the last connection "auto: none 12, lz4 80, zstd 4100 batches". */
static void how_packed(const struct kf_job *j, char *out, size_t size)
{
	const uint64_t *packed = j->totals.packed;
	int n;

	if (!j->encoding.automatic)
		n = snprintf(out, size, "%s", raw_pages(j) ? "none" : kf_wire_codec_name(j->encoding.wire));
	else
		n = snprintf(out, size, "auto: none %" PRIu64 ", lz4 %" PRIu64 ", zstd %" PRIu64 ", pages %" PRIu64 " batches",
			     packed[KF_WIRE_NONE], packed[KF_WIRE_LZ4], packed[KF_WIRE_ZSTD], packed[KF_WIRE_PAGES]);
	if (n < 0)
		out[0] = '\0';
}

static void report_costs(const struct kf_job *j)
{
	char how[128];

	how_packed(j, how, sizeof(how));
	kf_log(j->log, KF_LOG_REPORT, "Page bytes      : %" PRIu64, j->totals.raw_bytes);
	kf_log(j->log, KF_LOG_REPORT, "Wire bytes      : %" PRIu64, j->totals.wire_bytes);
	kf_log(j->log, KF_LOG_REPORT, "Cyclic buffer   : %zu KiB of bitmap (%" PRIu64 " ranges crossed a window's edge)",
	       j->scan.stretch_max * KF_STRETCH_PFNS / 8 >> 10, j->scan.crossings);
	kf_log(j->log, KF_LOG_REPORT, "Threads         : %u compressing by %s", j->threads, how);
	if (j->transport.way[0])
		kf_log(j->log, KF_LOG_REPORT, "Protected by    : %s", j->transport.way);
	kf_log(j->log, KF_LOG_REPORT, "Connections     : %u, the last to %s (at most %" PRIu64 " of the wire bytes were sent in vain)", j->connections,
	       j->transport.name, j->again_bytes);
}

void kf_job_report(const struct kf_job *j)
{
	report_steps(j);
	report_pages(j);
	report_vital(j);
	report_costs(j);
	kf_job_say_implausible(j);
	if (!j->log_found)
		kf_log(j->log, KF_LOG_COMMON, "The kernel log could not be read: %s", j->log_why_not);
	if (j->kernel.has_info && !j->kernel.filters)
		kf_log(j->log, KF_LOG_REPORT, "The kernel could not be understood, so every page was kept: %s", j->kernel.why_not);
	if (j->scan.view.damaged)
		kf_log(j->log, KF_LOG_COMMON, "%" PRIu64 " blocks of free pages say an order that cannot be; they are kept", j->scan.view.damaged);
	if (j->window.total.unreadable)
		kf_log(j->log, KF_LOG_COMMON, "%" PRIu64 " pages could not be read and are not in the dump; the manifest names them",
		       j->window.total.unreadable);
}
