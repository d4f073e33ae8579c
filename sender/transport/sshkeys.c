// SPDX-License-Identifier: GPL-2.0-or-later
// Who we are: one private key after the other, until the server lets us in; see ssh.h.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sender/transport/ssh.h"
#include "sender/transport/sshhosts.h"
#include "sender/transport/sshkeyfile.h"
#include "sender/transport/sshrsa.h"

static const char *const usual_keys[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
#define USUAL_KEYS (sizeof(usual_keys) / sizeof(usual_keys[0]))

/* The keys that were tried, for the line that says that none was good. */
struct tried {
	char text[360];
	size_t used;
};

static void note(struct tried *t, const char *path, const char *what)
{
	int n = snprintf(t->text + t->used, sizeof(t->text) - t->used, "%s%.120s %s", t->used ? "; " : "", path, what);

	t->used = n < 0 ? t->used : t->used + (size_t)n < sizeof(t->text) ? t->used + (size_t)n : sizeof(t->text) - 1;
}

static const char *user_of(const struct kf_target *target)
{
	const char *name = target->user[0] ? target->user : kf_ssh_env("USER", "root");

	return name && *name ? name : getuid() == 0 ? "root" : NULL;
}

/* An empty passphrase and not none: without one the library would ask the terminal for it. */
static int offer(struct kf_ssh *s, const char *user, const struct kf_keyfile *key, const char *passphrase)
{
	return libssh2_userauth_publickey_frommemory(s->session, user, strlen(user), NULL, 0, key->text, key->len, passphrase ? passphrase : "");
}

/* KF_OK: we are in; KF_ABSENT: the server does not take this key; KF_INVALID: the key cannot be used. */
static enum kf_status try_key(struct kf_ssh *s, const char *user, const struct kf_keyfile *key, const char *passphrase, struct kf_error *err)
{
	struct kf_sshrsa *rsa = NULL;
	bool is_rsa;
	int rc;

	if (key->encrypted && !passphrase)
		return kf_fail(err, KF_INVALID, "is encrypted: give --passphrase-fd");
	if (KF_SSHRSA_WANTED && kf_sshrsa_create(&rsa, key, passphrase, err) && err->status != KF_ABSENT)
		return err->status;
	while ((rc = rsa ? kf_sshrsa_offer(rsa, s->session, user) : offer(s, user, key, passphrase)) == LIBSSH2_ERROR_EAGAIN)
		if (kf_ssh_await(s, "authentication", err))
			break;
	is_rsa = rsa != NULL;
	kf_sshrsa_destroy(rsa);
	if (rc == 0)
		return KF_OK;
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return err->status;
	if (s->wire.failure || s->wire.ended)
		return kf_ssh_failed(s, "authentication", err);
	if (rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED)
		return kf_fail(err, KF_ABSENT, is_rsa ? "was refused (RSA by libssh2 " LIBSSH2_VERSION " is understood by OpenSSH alone)" : "was refused");
	if (rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED)
		return kf_fail(err, KF_ABSENT, "was refused, or could not sign");
	if (key->encrypted)
		return kf_fail(err, KF_INVALID, "does not open with this passphrase");
	return kf_fail(err, KF_INVALID, "cannot be used (damaged, or of a kind that libssh2 " LIBSSH2_VERSION " does not have)");
}

static enum kf_status try_file(struct kf_ssh *s, const char *user, const char *path, const char *passphrase, bool must, struct tried *tried,
			       struct kf_error *err)
{
	struct kf_keyfile *key;
	enum kf_status st = kf_keyfile_read(&key, path, err);

	if (st == KF_ABSENT && !must)
		return KF_ABSENT;
	if (!st)
		st = try_key(s, user, key, passphrase, err);
	kf_keyfile_destroy(key);
	if (st)
		note(tried, path, err->text);
	return st;
}

static enum kf_status try_all(struct kf_ssh *s, const char *user, const struct kf_trust *trust, struct tried *tried, struct kf_error *err)
{
	const char *home = kf_ssh_env("HOME", "/root");
	enum kf_status st = KF_ABSENT;
	char path[KF_TARGET_MAX];

	for (unsigned int i = 0; i < trust->ssh_key_count && st && st != KF_FAILED; i++)
		st = try_file(s, user, trust->ssh_keys[i], trust->passphrase, true, tried, err);
	for (unsigned int i = 0; i < USUAL_KEYS && !trust->ssh_key_count && home && st && st != KF_FAILED; i++) {
		snprintf(path, sizeof(path), "%s/.ssh/%s", home, usual_keys[i]);
		st = try_file(s, user, path, trust->passphrase, false, tried, err);
	}
	return st;
}

enum kf_status kf_ssh_authenticate(struct kf_ssh *s, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	const char *user = user_of(target);
	struct tried tried = { .used = 0 };
	enum kf_status st;

	if (!user)
		return kf_fail(err, KF_REFUSED, "as whom? write ssh://USER@HOST");
	st = try_all(s, user, trust, &tried, err);
	/* A server may hang up after some keys that it did not take. That is no failure of the network, a lone one is. */
	if (!st || (st == KF_FAILED && !strchr(tried.text, ';')))
		return st;
	if (!tried.used)
		return kf_fail(err, KF_REFUSED, "no private key: there is no id_ed25519, id_ecdsa or id_rsa in %s/.ssh; give --ssh-key FILE",
			       kf_ssh_env("HOME", "/root") ? kf_ssh_env("HOME", "/root") : "the home directory's");
	return kf_fail(err, KF_REFUSED, "authentication: the server does not let '%.40s' in: %s", user, tried.text);
}
