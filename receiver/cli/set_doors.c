// SPDX-License-Identifier: GPL-2.0-or-later
// Settings of where dumps come from, who may bring them, and where they go. See setters.h.
#include "receiver/cli/setters.h"

typedef struct kf_recv_options options;

#define PATH(name) \
	KF_SETTER(name) \
	{ \
		return kf_keep_string(&((options *)context)->name, value, err); \
	}

PATH(dir)
PATH(psk_dir)
PATH(tls_ca)
PATH(tls_cert)
PATH(tls_key)

/* One address that is typed stands for all: a list half of which stands in a file could not be taken back. */
KF_SETTER(listen)
{
	options *o = context;

	if (o->typing && !o->listen_typed) {
		o->listen_typed = true;
		o->listen_count = 0;
	}
	if (o->listen_count == KF_LISTEN_MAX)
		return kf_fail(err, KF_INVALID, "more than %d addresses", KF_LISTEN_MAX);
	return kf_target_parse(&o->listen[o->listen_count++], value, err);
}

KF_SETTER(plaintext)
{
	(void)value, (void)err;
	((options *)context)->plaintext = true;
	return KF_OK;
}

KF_SETTER(ticket_socket)
{
	if (value[0] != '/')
		return kf_fail(err, KF_INVALID, "%s: a path that begins with / is needed", value);
	return kf_keep_string(&((options *)context)->ticket_socket, value, err);
}

KF_SETTER(ticket_group)
{
	return kf_keep_string(&((options *)context)->ticket_group, value, err);
}
