// SPDX-License-Identifier: GPL-2.0-or-later
// Targets as users write them; see target.h.
#include "common/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/options.h"

struct scheme {
	const char *prefix;
	const char *port;	/* default; NULL if what follows is a path */
	enum kf_scheme scheme;
	bool user;		/* USER@ is allowed */
};

static const struct scheme schemes[] = {
	{ "tcp://", "7612", KF_SCHEME_TCP, false },
	{ "tls://", "7612", KF_SCHEME_TLS, false },
	{ "ssh://", "22", KF_SCHEME_SSH, true },
	{ "ssh+tls://", "22", KF_SCHEME_SSH_TLS, true },
	{ "exec:", NULL, KF_SCHEME_EXEC, false },
	{ "file:", NULL, KF_SCHEME_FILE, false },
};

static enum kf_status copy(char *out, size_t size, const char *from, size_t len, const char *what, struct kf_error *err)
{
	if (len == 0 || len >= size)
		return kf_fail(err, KF_INVALID, "%s is %s", what, len ? "too long" : "missing");
	memcpy(out, from, len);
	out[len] = '\0';
	return KF_OK;
}

static enum kf_status parse_port(struct kf_target *t, const char *text, struct kf_error *err)
{
	uint64_t port;
	enum kf_status st = kf_option_number(text, 0, 65535, &port, err);

	if (st)
		return kf_prepend(err, "port");
	snprintf(t->port, sizeof(t->port), "%u", (unsigned int)port);
	return KF_OK;
}

/* HOST, HOST:PORT, [IPV6], [IPV6]:PORT. An IPv6 address without brackets has no port. */
static enum kf_status parse_host(struct kf_target *t, const char *text, struct kf_error *err)
{
	const char *end, *port = NULL;
	size_t len;

	if (*text == '[') {
		text++;
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return kf_fail(err, KF_INVALID, "bracket of the IPv6 address is not closed");
		len = (size_t)(end - text);
		port = end[1] ? end + 2 : NULL;
	} else {
		end = strchr(text, ':');
		if (end && strchr(end + 1, ':'))
			end = NULL;
		len = end ? (size_t)(end - text) : strlen(text);
		port = end ? end + 1 : NULL;
	}
	if (memchr(text, '/', len))
		return kf_fail(err, KF_INVALID, "no path may follow the host");
	if (copy(t->host, sizeof(t->host), text, len, "host", err))
		return err->status;
	return port ? parse_port(t, port, err) : KF_OK;
}

static enum kf_status parse_rest(struct kf_target *t, const struct scheme *s, const char *rest, struct kf_error *err)
{
	const char *at;

	if (!s->port)
		return copy(t->path, sizeof(t->path), rest, strlen(rest), "what follows the colon", err);
	memcpy(t->port, s->port, strlen(s->port) + 1);
	at = s->user ? strchr(rest, '@') : NULL;
	if (at) {
		if (copy(t->user, sizeof(t->user), rest, (size_t)(at - rest), "user", err))
			return err->status;
		rest = at + 1;
	}
	return parse_host(t, rest, err);
}

enum kf_status kf_target_parse(struct kf_target *t, const char *text, struct kf_error *err)
{
	*t = (struct kf_target){ 0 };
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].prefix);

		if (strncmp(text, schemes[i].prefix, len) != 0)
			continue;
		t->scheme = schemes[i].scheme;
		if (parse_rest(t, &schemes[i], text + len, err))
			return kf_prepend(err, "target '%s'", text);
		return KF_OK;
	}
	return kf_fail(err, KF_INVALID, "target '%s': write ssh+tls://[USER@]HOST, tls://HOST[:PORT], or file:PATH for a saved stream", text);
}
