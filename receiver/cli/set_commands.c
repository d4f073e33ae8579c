// SPDX-License-Identifier: GPL-2.0-or-later
// Options that say what is to be done; they can only be typed. See setters.h.
#include "receiver/cli/setters.h"

#include <string.h>

#include "common/identity.h"

typedef struct kf_recv_options options;

#define COMMAND_FLAG(name) \
	KF_SETTER(name) \
	{ \
		(void)value, (void)err; \
		((options *)context)->name = true; \
		return KF_OK; \
	}

#define COMMAND_STRING(name) \
	KF_SETTER(name) \
	{ \
		return kf_keep_string(&((options *)context)->name, value, err); \
	}

COMMAND_FLAG(once)
COMMAND_FLAG(stdio)
COMMAND_FLAG(check_config)
COMMAND_FLAG(version)
COMMAND_FLAG(help)
COMMAND_STRING(replay)
COMMAND_STRING(print)
COMMAND_STRING(verify)
COMMAND_STRING(new_key)
COMMAND_STRING(config)

KF_SETTER(identity)
{
	if (!kf_identity_is_good(value, strlen(value)))
		return kf_fail(err, KF_INVALID, "'%s' is not a name of at most %d letters, digits, '.', '_' and '-', of which the first is a letter or a digit",
			       value, KF_IDENTITY_MAX);
	return kf_keep_string(&((options *)context)->identity, value, err);
}
