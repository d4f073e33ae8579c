// SPDX-License-Identifier: GPL-2.0-or-later
// The table of transports; see transport.h.
#include "sender/transport/transport.h"

#include <stdio.h>
#include <string.h>

#include "sender/transport/transports.h"

static const struct kf_transport_ops *const table[] = {
	[KF_SCHEME_TCP] = &kf_transport_tcp,
	[KF_SCHEME_TLS] = &kf_transport_tls,
	[KF_SCHEME_SSH] = &kf_transport_ssh,
	[KF_SCHEME_SSH_TLS] = &kf_transport_sshtls,
	[KF_SCHEME_EXEC] = &kf_transport_exec,
	[KF_SCHEME_FILE] = &kf_transport_file,
};

enum kf_status kf_transport_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
				 struct kf_error *err)
{
	*t = (struct kf_transport){ .ops = table[target->scheme], .fd = -1 };
	return t->ops->open(t, target, trust, err);
}

void kf_transport_name(struct kf_transport *t, const char *scheme, const struct kf_target *target)
{
	bool six = strchr(target->host, ':') != NULL;

	snprintf(t->name, sizeof(t->name), "%s://%s%s%s:%s", scheme, six ? "[" : "", target->host, six ? "]" : "", target->port);
}

void kf_transport_open_nowhere(struct kf_transport *t)
{
	*t = (struct kf_transport){ .ops = &kf_transport_nowhere, .fd = -1, .name = "nowhere" };
}

void kf_transport_close(struct kf_transport *t)
{
	if (t->ops)
		t->ops->close(t);
	t->ops = NULL;
}
