// SPDX-License-Identifier: GPL-2.0-or-later
// Messages for people; see log.h.
#include "common/log.h"

#include <stdarg.h>

void kf_log(const struct kf_log *log, enum kf_message_level level, const char *fmt, ...)
{
	char line[2 * KF_ERROR_TEXT];
	va_list args;

	if (!kf_log_wants(log, level))
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (level == KF_LOG_ERROR)
		fprintf(log->out, "%s: %s\n", log->program, line);
	else
		fprintf(log->out, "%s\n", line);
	fflush(log->out);
}
