// SPDX-License-Identifier: GPL-2.0-or-later
// The registry; see registry.h.
#include "receiver/net/registry.h"

#include <stdio.h>
#include <stdlib.h>

#define FINISHED_MAX 1024	/* so that many small dumps cost no more than a megabyte */

void kf_registry_deinit(struct kf_registry *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->entries[i].finished);
	free(r->entries);
	*r = (struct kf_registry){ 0 };
}

struct kf_entry *kf_registry_find(struct kf_registry *r, const struct kf_welcome *id, const char *host)
{
	for (size_t i = 0; i < r->count; i++)
		if (kf_same_id(&r->entries[i].id, id))
			return kf_dumpdir_is_of(r->entries[i].dir, host) ? &r->entries[i] : NULL;
	return NULL;
}

struct kf_entry *kf_registry_of(struct kf_registry *r, const struct kf_session *session)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->entries[i].state == KF_ENTRY_LIVE && r->entries[i].session == session)
			return &r->entries[i];
	return NULL;
}

/* The oldest of too many finished ones is forgotten. */
static void keep_few(struct kf_registry *r)
{
	size_t finished = 0;
	struct kf_entry *first = NULL;

	for (size_t i = 0; i < r->count; i++)
		if (r->entries[i].state == KF_ENTRY_FINISHED && finished++ == 0)
			first = &r->entries[i];
	if (finished > FINISHED_MAX)
		kf_registry_remove(r, first);
}

struct kf_entry *kf_registry_put(struct kf_registry *r, const struct kf_welcome *id, const char *dir)
{
	struct kf_entry *e;

	for (size_t i = 0; i < r->count; i++)
		if (kf_same_id(&r->entries[i].id, id))
			return &r->entries[i];
	keep_few(r);
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 16;

		e = realloc(r->entries, room * sizeof(*e));
		if (!e)
			return NULL;
		r->entries = e;
		r->room = room;
	}
	e = &r->entries[r->count++];
	*e = (struct kf_entry){ .state = KF_ENTRY_WAITING, .id = *id };
	snprintf(e->dir, sizeof(e->dir), "%s", dir);
	return e;
}

void kf_registry_finish(struct kf_entry *e, const struct kf_finished *finished, uint64_t deadline)
{
	free(e->finished);
	e->finished = malloc(sizeof(*finished));
	if (e->finished)
		*e->finished = *finished;
	e->state = KF_ENTRY_FINISHED;
	e->session = NULL;
	e->deadline = e->finished ? deadline : 0;
}

void kf_registry_remove(struct kf_registry *r, struct kf_entry *e)
{
	free(e->finished);
	r->count--;
	for (; e < r->entries + r->count; e++)
		e[0] = e[1];
}

struct kf_entry *kf_registry_overdue(struct kf_registry *r, uint64_t now)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->entries[i].state != KF_ENTRY_LIVE && now >= r->entries[i].deadline)
			return &r->entries[i];
	return NULL;
}
