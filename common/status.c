// SPDX-License-Identifier: GPL-2.0-or-later
// How a function says that it failed; see status.h.
#include "common/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(struct kf_error *err, const char *text)
{
	size_t used = strlen(err->text);

	snprintf(err->text + used, sizeof(err->text) - used, "%s", text);
}

void kf_set_error(struct kf_error *err, enum kf_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	err->status = status;
}

void kf_set_error_errno(struct kf_error *err, const char *fmt, ...)
{
	int saved = errno;	/* vsnprintf may change it */
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	append(err, ": ");
	append(err, strerrordesc_np(saved) ? strerrordesc_np(saved) : "unknown error");
	err->status = KF_FAILED;
}

enum kf_status kf_prepend(struct kf_error *err, const char *fmt, ...)
{
	char old[KF_ERROR_TEXT];
	va_list args;

	memcpy(old, err->text, sizeof(old));
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	append(err, ": ");
	append(err, old);
	return err->status;
}

int kf_exit_code(enum kf_status status)
{
	switch (status) {
	case KF_OK:
		return 0;
	case KF_MISMATCH:
		return 2;
	case KF_INCOMPLETE:
		return 3;
	default:
		return 1;
	}
}
