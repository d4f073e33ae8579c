// SPDX-License-Identifier: GPL-2.0-or-later
// Progress; see progress.h.
#include "sender/dump/progress.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_US 250000u
#define LINE_US 5000000u

/* Linux device numbers of character devices: Documentation/admin-guide/devices.txt. */
#define MAJOR_TTY 4u
#define FIRST_SERIAL_MINOR 64u
#define MAJOR_PTS_FIRST 136u
#define MAJOR_PTS_LAST 143u

uint64_t kf_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* Virtual consoles and pseudo terminals are redrawn. A serial console is a terminal too, but what stands behind it is
 * most often a log, where carriage returns make one unreadable line. */
static bool is_screen(int fd)
{
	struct stat sb;

	if (!isatty(fd) || fstat(fd, &sb))
		return false;
	if (major(sb.st_rdev) == MAJOR_TTY)
		return minor(sb.st_rdev) < FIRST_SERIAL_MINOR;
	return major(sb.st_rdev) >= MAJOR_PTS_FIRST && major(sb.st_rdev) <= MAJOR_PTS_LAST;
}

void kf_progress_init(struct kf_progress *p, const struct kf_log *log, uint64_t total)
{
	*p = (struct kf_progress){
		.log = log, .redraw = is_screen(fileno(log->out)), .total = total ? total : 1,
		.start_us = kf_now_us(), .last_us = kf_now_us(),
	};
}

static void print(struct kf_progress *p, uint64_t now, bool whole)
{
	double part = whole ? 1.0 : (double)atomic_load(&p->done) / (double)p->total;
	double seconds = (double)(now - p->start_us) / 1e6;
	double mib = (double)atomic_load(&p->raw_bytes) / 1048576.0;
	char eta[32] = "";

	if (!whole && part > 0.001)
		snprintf(eta, sizeof(eta), "  eta: %.0fs", seconds / part * (1.0 - part));
	fprintf(p->log->out, "%sCopying data : [%5.1f %%] %8.0f MiB %7.1f MiB/s%s%s", p->redraw ? "\r" : "", part * 100.0, mib,
		seconds > 0 ? mib / seconds : 0.0, eta, p->redraw ? "    " : "\n");
	fflush(p->log->out);
	p->drawn = p->redraw;
}

void kf_progress_tick(void *progress)
{
	struct kf_progress *p = progress;
	uint64_t now;

	if (!kf_log_wants(p->log, KF_LOG_PROGRESS))
		return;
	now = kf_now_us();
	if (now - p->last_us < (p->redraw ? REDRAW_US : LINE_US))
		return;
	p->last_us = now;
	print(p, now, false);
}

void kf_progress_end(struct kf_progress *p, bool whole)
{
	if (!kf_log_wants(p->log, KF_LOG_PROGRESS))
		return;
	if (whole)
		print(p, kf_now_us(), true);
	if (p->drawn)
		fputc('\n', p->log->out);
	p->drawn = false;
}
