// SPDX-License-Identifier: GPL-2.0-or-later
// The remote side's standard error; see sshwords.h.
#include "sender/transport/sshwords.h"

#include <stdio.h>
#include <string.h>

static void say_held(struct kf_sshwords *w)
{
	const char *line = w->lines < KF_WORDS_LINES ? w->last : "(more of it is not shown)";
	char text[KF_WORDS_LINE + 16];

	if (!w->held)
		return;
	w->held = false;
	if (w->lines++ > KF_WORDS_LINES)
		w->lines = KF_WORDS_LINES + 1;
	else if (w->say) {
		snprintf(text, sizeof(text), "server: %s", line);
		w->say(w->context, text);
	}
}

static void end_line(struct kf_sshwords *w)
{
	while (w->len && w->line[w->len - 1] == ' ')
		w->len--;
	w->line[w->len] = '\0';
	if (!w->len)
		return;
	say_held(w);
	memcpy(w->last, w->line, w->len + 1);
	w->len = 0;
	w->held = true;
	if (w->talking)
		say_held(w);
}

void kf_sshwords_take(struct kf_sshwords *w, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '\n' || c == '\r')
			end_line(w);
		else if (w->len < KF_WORDS_LINE)
			w->line[w->len++] = c == '\t' ? ' ' : c < ' ' || c > '~' ? '?' : c;
	}
}

void kf_sshwords_end(struct kf_sshwords *w)
{
	end_line(w);
}

void kf_sshwords_talk(struct kf_sshwords *w)
{
	w->talking = true;
	say_held(w);
}
