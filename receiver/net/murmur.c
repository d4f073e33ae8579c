// SPDX-License-Identifier: GPL-2.0-or-later
// Lines that strangers can cause; see murmur.h.
#include "receiver/net/murmur.h"

#include <string.h>

#include "receiver/stream/clock.h"

static const struct kf_murmur empty;

void kf_murmur_tick(struct kf_murmur *m)
{
	const struct kf_log *log = m->log;

	if (!m->since || kf_now_ms() - m->since < KF_MURMUR_MS)
		return;
	if (m->unsaid)
		kf_log(log, KF_LOG_ERROR, "%u more connection%s turned away in %d s", m->unsaid, m->unsaid == 1 ? " was" : "s were",
		       KF_MURMUR_MS / 1000);
	*m = empty;
	m->log = log;
}

static bool may_say(struct kf_murmur *m, const char *line)
{
	for (unsigned int i = 0; i < m->said; i++)
		if (strcmp(m->lines[i], line) == 0)
			return false;
	return m->said < KF_MURMUR_LINES;
}

void kf_murmur_turned_away(struct kf_murmur *m, const char *peer, const char *why)
{
	char line[sizeof(m->lines[0])];

	kf_murmur_tick(m);
	if (!m->since)
		m->since = kf_now_ms();
	snprintf(line, sizeof(line), "%s: %s", peer, why);
	if (!may_say(m, line)) {
		m->unsaid++;
		return;
	}
	memcpy(m->lines[m->said++], line, sizeof(line));
	kf_log(m->log, KF_LOG_ERROR, "%s: turned away: %s", peer, why);
}
