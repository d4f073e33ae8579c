// SPDX-License-Identifier: GPL-2.0-or-later
// Whole dumps are packed anew; see behind.h.
#include "receiver/net/behind.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "receiver/stream/clock.h"

struct waiting {
	struct waiting *next;
	char name[KF_DUMPDIR_NAME];
};

/* The job that opens a dump, and then the one that finishes it or gives it up. */
struct ends {
	struct kf_job job;
	struct kf_behind *b;
};

struct piece {
	struct kf_job job;
	struct kf_behind *b;
	uint64_t number;
	struct kf_sum128 sum;		/* of all that this job did */
	enum kf_status status;
	struct kf_error err;
};

struct kf_behind {
	struct kf_behind_setup setup;
	struct waiting *first;
	bool busy;			/* with the dump below */
	char name[KF_DUMPDIR_NAME];
	struct kf_recompress work;
	struct ends ends;
	uint64_t next;			/* piece */
	unsigned int running;		/* pieces */
	enum kf_status status;
	struct kf_error err;
	struct piece pieces[];
};

struct kf_behind *kf_behind_create(const struct kf_behind_setup *setup)
{
	struct kf_behind *b = calloc(1, sizeof(*b) + setup->threads * sizeof(b->pieces[0]));

	if (!b)
		return NULL;
	b->setup = *setup;
	kf_recompress_closed(&b->work);
	return b;
}

void kf_behind_destroy(struct kf_behind *b)
{
	if (!b)
		return;
	for (struct waiting *w = b->first, *next; w; w = next) {
		next = w->next;
		free(w);
	}
	if (b->busy)
		kf_recompress_deinit(&b->work);
	free(b);
}

bool kf_behind_is_busy(const struct kf_behind *b)
{
	return b->busy;
}

static void begin_next(struct kf_behind *b);

static void tell(const struct kf_behind *b)
{
	const struct kf_recompress *w = &b->work;
	double seconds = (double)(kf_now_ms() - w->begun) / 1000;

	if (!b->status)
		kf_log(b->setup.log, KF_LOG_COMMON, "%s/%s: packed anew in %.1f s: %" PRIu64 " bytes, %" PRIu64 " before", b->setup.base_name, b->name,
		       seconds, w->bytes, w->before);
	else if (b->status != KF_ABSENT)
		kf_log(b->setup.log, KF_LOG_ERROR, "%s/%s: it stays as it is, whole: it cannot be packed anew: %s", b->setup.base_name, b->name, b->err.text);
}

static void run_end(struct kf_job *job, void *local)
{
	struct kf_behind *b = ((struct ends *)job)->b;
	struct kf_sum128 sum = { 0 };

	(void)local;
	for (unsigned int i = 0; i < b->setup.threads; i++)
		kf_sum_add(&sum, &b->pieces[i].sum);
	if (!b->status)
		b->status = kf_recompress_finish(&b->work, &sum, &b->err);
	if (b->status && b->status != KF_ABSENT)
		kf_recompress_give_up(&b->work, &b->err);
}

static void done_end(struct kf_job *job)
{
	struct kf_behind *b = ((struct ends *)job)->b;

	tell(b);
	kf_recompress_deinit(&b->work);
	kf_recompress_closed(&b->work);
	b->busy = false;
	begin_next(b);
}

static void end(struct kf_behind *b)
{
	b->ends.job = (struct kf_job){ .run = run_end, .done = done_end };
	b->setup.disk.submit(b->setup.disk.ctx, &b->ends.job);
}

static void run_piece(struct kf_job *job, void *local)
{
	struct piece *p = (struct piece *)job;

	p->status = kf_repack_piece(&p->b->work.repack, local, p->number, &p->sum, &p->err);
}

/* Gives P the next piece that has pages; false if there is none, or one failed. */
static bool go_on(struct kf_behind *b, struct piece *p)
{
	const struct kf_repack *r = &b->work.repack;

	while (b->next < r->pieces && (b->next + 1 < r->pieces ? r->before[b->next + 1] : r->pages) == r->before[b->next])
		b->next++;
	if (b->status || b->next >= r->pieces)
		return false;
	p->number = b->next++;
	b->setup.workers.submit(b->setup.workers.ctx, &p->job);
	return true;
}

static void done_piece(struct kf_job *job)
{
	struct piece *p = (struct piece *)job;
	struct kf_behind *b = p->b;

	if (p->status && !b->status) {
		b->status = p->status == KF_ABSENT ? KF_INVALID : p->status;	/* of a codec, that is */
		b->err = p->err;
	}
	if (!go_on(b, p) && --b->running == 0)
		end(b);
}

static void begin_pieces(struct kf_behind *b)
{
	b->next = b->running = 0;
	for (unsigned int i = 0; i < b->setup.threads; i++) {
		struct piece *p = &b->pieces[i];

		*p = (struct piece){ .job = { .run = run_piece, .done = done_piece }, .b = b };
		b->running += go_on(b, p);
	}
	if (!b->running)
		end(b);
}

static void run_begin(struct kf_job *job, void *local)
{
	struct kf_behind *b = ((struct ends *)job)->b;

	(void)local;
	b->status = kf_recompress_init(&b->work, b->setup.io, b->setup.base, b->name, &b->err);
	if (!b->status && b->setup.never)
		b->status = kf_fail(&b->err, KF_REFUSED, "this is not wanted any more (--recompress never)");
	if (b->status && b->status != KF_ABSENT)
		kf_recompress_give_up(&b->work, &b->err);
}

static void done_begin(struct kf_job *job)
{
	struct kf_behind *b = ((struct ends *)job)->b;

	if (b->status)
		done_end(job);
	else
		begin_pieces(b);
}

static void begin_next(struct kf_behind *b)
{
	struct waiting *w = b->first;

	_Static_assert(offsetof(struct ends, job) == 0 && offsetof(struct piece, job) == 0, "run() and done() get the job");
	if (!w) {
		b->setup.idle(b->setup.ctx);
		return;
	}
	b->first = w->next;
	memcpy(b->name, w->name, sizeof(b->name));
	free(w);
	b->busy = true;
	b->ends = (struct ends){ .job = { .run = run_begin, .done = done_begin }, .b = b };
	b->setup.disk.submit(b->setup.disk.ctx, &b->ends.job);
}

void kf_behind_add(struct kf_behind *b, const char *name)
{
	struct waiting *w = calloc(1, sizeof(*w)), **last = &b->first;

	if (!w || strlen(name) >= sizeof(w->name)) {	/* it stays marked */
		free(w);
		return;
	}
	snprintf(w->name, sizeof(w->name), "%s", name);
	while (*last)
		last = &(*last)->next;
	*last = w;
	if (!b->busy)
		begin_next(b);
}

void kf_behind_find(struct kf_behind *b)
{
	int fd = openat(b->setup.base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	char path[sizeof(d->d_name) + sizeof(KF_RECOMPRESS) + 1];
	struct stat st;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", d->d_name, KF_RECOMPRESS);
		if (fstatat(b->setup.base, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			kf_behind_add(b, d->d_name);
	}
	if (dir)
		closedir(dir);
}
