// SPDX-License-Identifier: GPL-2.0-or-later
// Which dumps can be resumed; see resumable.h.
#include "receiver/net/resumable.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "receiver/stream/clock.h"

static uint64_t deadline(const struct kf_resumable *r)
{
	return kf_now_ms() + r->setup.resume_ms;
}

/* Calls EACH for every directory in the base that has a journal. */
static void each_unfinished(struct kf_resumable *r, void (*each)(struct kf_resumable *r, const char *name, void *ctx), void *ctx)
{
	int fd = openat(r->setup.disk.base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	char path[sizeof(d->d_name) + sizeof(KF_JOURNAL) + 1];
	struct stat st;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", d->d_name, KF_JOURNAL);
		if (fstatat(r->setup.disk.base, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			each(r, d->d_name, ctx);
	}
	if (dir)
		closedir(dir);
}

static void recover(struct kf_resumable *r, const char *name, void *ctx)
{
	struct kf_recovered found;
	struct kf_entry *e = NULL;
	struct kf_error err;
	enum kf_status st = kf_recover(&r->setup.disk, name, &found, &err);

	(void)ctx;
	if (st == KF_ABSENT)
		return;		/* another receiver is at it */
	if (st) {
		kf_log(r->setup.log, KF_LOG_ERROR, "%s/%s: cannot be recovered, left as it is: %s", r->setup.base_name, name, err.text);
		return;
	}
	if (found.touched)
		kf_log(r->setup.log, KF_LOG_COMMON, "%s/%s: an earlier receiver did not close it; %s", r->setup.base_name, name,
		       found.whole ? "it is whole" : found.resumable ? "what came can be opened, and its sender may go on" :
		       "nothing came that could be opened");
	if (found.whole || found.resumable)
		e = kf_registry_put(&r->registry, &found.id, name);
	if (e && found.whole)
		kf_registry_finish(e, &found.finished, deadline(r));
	else if (e)
		e->deadline = deadline(r);
}

void kf_resumable_start(struct kf_resumable *r)
{
	each_unfinished(r, recover, NULL);
}

void kf_resumable_deinit(struct kf_resumable *r)
{
	kf_registry_deinit(&r->registry);
}

struct wanted {
	const struct kf_welcome *id;
	const char *host;
};

static void look(struct kf_resumable *r, const char *name, void *ctx)
{
	const struct wanted *w = ctx;
	struct kf_welcome id;
	struct kf_error ignored;
	struct kf_entry *e;

	if (!kf_dumpdir_is_of(name, w->host) || kf_recover_peek(&r->setup.disk, name, &id, &ignored) || !kf_same_id(&id, w->id))
		return;
	e = kf_registry_put(&r->registry, &id, name);
	if (e)
		e->deadline = deadline(r);
}

/* Another process, which ssh started for the connection before, may have made it: so the disk is asked too. */
static struct kf_entry *find(struct kf_resumable *r, const char *host, const struct kf_welcome *id)
{
	struct wanted w = { .id = id, .host = host };
	struct kf_entry *e = kf_registry_find(&r->registry, id, host);

	if (e)
		return e;
	each_unfinished(r, look, &w);
	return kf_registry_find(&r->registry, id, host);
}

void kf_resumable_ask(struct kf_resumable *r, struct kf_session *s, const char *host, const struct kf_welcome *id)
{
	struct kf_entry *e = find(r, host, id);
	struct kf_error err;

	/* Of a finished one without an END: there was no memory to remember it. */
	if (!e || (e->state == KF_ENTRY_LIVE && e->session == s) || (e->state == KF_ENTRY_FINISHED && !e->finished)) {
		kf_session_resume(s, NULL);
	} else if (e->state == KF_ENTRY_FINISHED) {
		kf_session_resume_finished(s, e->finished);
	} else if (e->state == KF_ENTRY_WAITING) {
		e->state = KF_ENTRY_LIVE;
		e->session = s;
		kf_session_resume(s, e->dir);
	} else {
		struct kf_session *before = e->session;

		/* Its sender knows better than we whether a connection still stands, also one that waited. */
		if (e->next && e->next != s)
			kf_session_resume(e->next, NULL);
		e->next = s;
		kf_fail(&err, KF_REFUSED, "its sender opened a new connection");
		kf_session_stop(before, KF_ABORT_REFUSED, &err);
	}
}

void kf_resumable_opened(struct kf_resumable *r, struct kf_session *s, const struct kf_welcome *id, const char *dir)
{
	struct kf_entry *e = kf_registry_put(&r->registry, id, dir);

	if (!e)
		return;
	e->state = KF_ENTRY_LIVE;
	e->session = s;
}

/* The one that waited gets what the one before has closed. */
static void hand_on(struct kf_entry *e)
{
	struct kf_session *next = e->next;

	e->next = NULL;
	if (!next)
		return;
	if (e->state == KF_ENTRY_FINISHED) {
		if (e->finished)
			kf_session_resume_finished(next, e->finished);
		else
			kf_session_resume(next, NULL);
		return;
	}
	e->state = KF_ENTRY_LIVE;
	e->session = next;
	kf_session_resume(next, e->dir);
}

void kf_resumable_closed(struct kf_resumable *r, struct kf_session *s, const struct kf_result *result)
{
	struct kf_entry *e = kf_registry_of(&r->registry, s);

	if (!e)
		return;
	if (result->finished) {
		kf_registry_finish(e, result->finished, deadline(r));
	} else if (result->resumable || !result->dir[0]) {	/* no directory: it could not be reopened, and is as it was */
		e->state = KF_ENTRY_WAITING;
		e->session = NULL;
		e->deadline = deadline(r);
	} else {
		if (e->next)
			kf_session_resume(e->next, NULL);
		kf_registry_remove(&r->registry, e);
		return;
	}
	hand_on(e);
}

void kf_resumable_over(struct kf_resumable *r, const struct kf_session *s)
{
	for (size_t i = 0; i < r->registry.count; i++)
		if (r->registry.entries[i].next == s)
			r->registry.entries[i].next = NULL;
}

void kf_resumable_tick(struct kf_resumable *r)
{
	struct kf_entry *e;
	struct kf_error err;

	while ((e = kf_registry_overdue(&r->registry, kf_now_ms())) != NULL) {
		enum kf_status st = e->state == KF_ENTRY_WAITING ? kf_give_up(&r->setup.disk, e->dir, r->setup.resume_ms / 1000, &err) : KF_ABSENT;

		if (!st)
			kf_log(r->setup.log, KF_LOG_COMMON, "%s/%s: its sender did not come back, it stays incomplete", r->setup.base_name, e->dir);
		else if (st != KF_ABSENT)	/* ABSENT: another receiver has it */
			kf_log(r->setup.log, KF_LOG_ERROR, "%s/%s: %s", r->setup.base_name, e->dir, err.text);
		kf_registry_remove(&r->registry, e);
	}
}
