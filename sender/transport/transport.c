// SPDX-License-Identifier: GPL-2.0-or-later
// The table of transports; see transport.h.
#include "sender/transport/transport.h"

#include <stdio.h>
#include <string.h>

#include "sender/transport/transports.h"

static const struct {
	const char *scheme;
	const struct kf_transport_ops *ops;
} table[] = {
	[KF_SCHEME_TCP] = { "tcp://", &kf_transport_tcp },
	[KF_SCHEME_TLS] = { "tls://", &kf_transport_tls },
	[KF_SCHEME_SSH] = { "ssh://", &kf_transport_ssh },
	[KF_SCHEME_SSH_TLS] = { "ssh+tls://", &kf_transport_sshtls },
	[KF_SCHEME_EXEC] = { "exec:", &kf_transport_exec },
	[KF_SCHEME_FILE] = { "file:", &kf_transport_file },
};

enum kf_status kf_transport_find(const struct kf_transport_ops **ops, const struct kf_target *target, struct kf_error *err)
{
	*ops = table[target->scheme].ops;
	if (!*ops)
		return kf_fail(err, KF_ABSENT, "this version has no %s targets; use tls://HOST[:PORT], exec:COMMAND or file:PATH",
			       table[target->scheme].scheme);
	return KF_OK;
}

enum kf_status kf_transport_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
				 struct kf_error *err)
{
	enum kf_status st;

	*t = (struct kf_transport){ .fd = -1 };
	st = kf_transport_find(&t->ops, target, err);
	return st ? st : t->ops->open(t, target, trust, err);
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
