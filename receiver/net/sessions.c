// SPDX-License-Identifier: GPL-2.0-or-later
// The sessions that there are now; see sessions.h.
#include "receiver/net/sessions.h"

#include <stdlib.h>
#include <string.h>

bool kf_sessions_init(struct kf_sessions *t, unsigned int max)
{
	*t = (struct kf_sessions){ .places = calloc(max, sizeof(struct kf_session *)), .max = max };
	return t->places != NULL;
}

void kf_sessions_deinit(struct kf_sessions *t)
{
	free(t->places);
	*t = (struct kf_sessions){ 0 };
}

enum kf_status kf_sessions_begin(struct kf_sessions *t, const struct kf_session_setup *setup, struct kf_error *err)
{
	unsigned int i = 0;
	enum kf_status st;

	while (i < t->max && t->places[i])
		i++;
	if (i == t->max) {
		kf_channel_destroy(setup->channel);
		return kf_fail(err, KF_REFUSED, "%u dumps are being received already", t->max);
	}
	st = kf_session_create(&t->places[i], setup, err);
	if (!st)
		t->count++;
	return st;
}

void kf_sessions_forget(struct kf_sessions *t, const struct kf_session *s)
{
	for (unsigned int i = 0; i < t->max; i++)
		if (t->places[i] == s) {
			t->places[i] = NULL;
			t->count--;
		}
}

unsigned int kf_sessions_of(const struct kf_sessions *t, const char *host)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < t->max; i++)
		n += t->places[i] && strcmp(kf_session_host(t->places[i]), host) == 0;
	return n;
}

void kf_sessions_tick(struct kf_sessions *t)
{
	for (unsigned int i = 0; i < t->max; i++)
		if (t->places[i])
			kf_session_tick(t->places[i]);
}

void kf_sessions_stop(struct kf_sessions *t, enum kf_abort_code code, const struct kf_error *err)
{
	for (unsigned int i = 0; i < t->max; i++)
		if (t->places[i])
			kf_session_stop(t->places[i], code, err);
}
