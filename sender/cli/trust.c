// SPDX-License-Identifier: GPL-2.0-or-later
// Options on whom a sender trusts and who it is.
#include <string.h>

#include "common/identity.h"
#include "sender/cli/setters.h"

#define TEXT_SETTER(name, field) \
	SETTER(name) \
	{ \
		struct kf_send_options *o = context; \
	\
		return kf_send_keep(o, &o->trust.field, value, err); \
	}

TEXT_SETTER(known_hosts, known_hosts)
TEXT_SETTER(remote_command, remote_command)
TEXT_SETTER(tls_ca, tls_ca)
TEXT_SETTER(tls_cert, tls_cert)
TEXT_SETTER(tls_key, tls_key)
TEXT_SETTER(tls_name, tls_name)

SETTER(ssh_key)
{
	struct kf_send_options *o = context;

	if (o->trust.ssh_key_count == KF_SSH_KEYS_MAX)
		return kf_fail(err, KF_INVALID, "more than %d keys", KF_SSH_KEYS_MAX);
	return kf_send_keep(o, &o->trust.ssh_keys[o->trust.ssh_key_count++], value, err);
}

/* 256 bits are 43 digits of base 64; some write the padding. */
SETTER(host_key)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct kf_send_options *o = context;
	size_t n = strncmp(value, "SHA256:", 7) == 0 ? strspn(value + 7, digits) : 0;

	if (n != 43 || (value[50] && strcmp(value + 50, "=") != 0))
		return kf_fail(err, KF_INVALID, "'%s' is no fingerprint: SHA256: and 43 characters, as ssh-keygen -l -f FILE prints it", value);
	if (o->trust.host_key_count == KF_HOST_KEYS_MAX)
		return kf_fail(err, KF_INVALID, "more than %d host keys", KF_HOST_KEYS_MAX);
	return kf_send_keep(o, &o->trust.host_keys[o->trust.host_key_count++], value, err);
}

SETTER(passphrase_fd)
{
	uint64_t v;

	if (kf_option_number(value, 0, 1u << 20, &v, err))
		return err->status;
	((struct kf_send_options *)context)->passphrase_fd = (int)v;
	return KF_OK;
}

SETTER(psk)
{
	struct kf_send_options *o = context;
	size_t n = strcspn(value, ":");

	if (n >= sizeof(o->psk_id) || !value[n] || !value[n + 1])
		return kf_fail(err, KF_INVALID, "write ID:FILE, a name and the path of its key");
	memcpy(o->psk_id, value, n);
	o->psk_id[n] = '\0';
	if (!kf_identity_is_good(o->psk_id, n))
		return kf_fail(err, KF_INVALID, "'%s' is no ID: 1 to %d of A-Z a-z 0-9 . _ -, the first a letter or a digit", o->psk_id, KF_IDENTITY_MAX);
	o->trust.psk_id = o->psk_id;
	return kf_send_keep(o, &o->trust.psk_file, value + n + 1, err);
}

SETTER(connect_timeout)
{
	uint64_t v;

	if (kf_option_number(value, 1, 3600, &v, err))
		return err->status;
	((struct kf_send_options *)context)->trust.connect_ms = (int)v * 1000;
	return KF_OK;
}

enum kf_status kf_trust_check(const struct kf_trust *t, struct kf_error *err)
{
	int certificates = (t->tls_ca != NULL) + (t->tls_cert != NULL) + (t->tls_key != NULL);

	if (certificates && certificates < 3)
		return kf_fail(err, KF_INVALID, "--tls-ca, --tls-cert and --tls-key are needed together");
	if (certificates && t->psk_id)
		return kf_fail(err, KF_INVALID, "--psk and --tls-cert exclude each other");
	return KF_OK;
}
