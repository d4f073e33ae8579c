// SPDX-License-Identifier: GPL-2.0-or-later
// The way into an SSH server: TCP, key exchange, its host key; see ssh.h.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sender/transport/connect.h"
#include "sender/transport/ssh.h"
#include "sender/transport/sshhosts.h"

/*
 * What we offer, the fastest first. libssh2 encrypts a block of 16 bytes by a call of OpenSSL each; that, and not AES, is what it costs, and costs
 * half as much again with GCM, which it has since 1.11. With the first cipher and the first MAC our packets go round that (sshbulk.h). Nothing that needs SHA-1 to resist collisions, no CBC. What this libssh2 does not have is
 * left out.
 *
 * None of this hangs for want of entropy: OpenSSL takes its randomness from getrandom(2), and since Linux 5.4 the kernel makes some by
 * itself (within a second, from the jitter of its clock) rather than let the first caller wait. For kernels before that: sender/dump/entropy.h.
 */
#define KEX "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521," \
	    "diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,diffie-hellman-group-exchange-sha256"
#define CIPHERS "aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com"
#define MACS "hmac-sha2-256,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-512,hmac-sha1-etm@openssh.com,hmac-sha1"

static const char *const host_keys[] = {
	"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
};
#if LIBSSH2_VERSION_NUM >= 0x010b00
#define RSA_NOTE ""
#else
#define RSA_NOTE " (and this libssh2 " LIBSSH2_VERSION " has no RSA host keys with SHA-2)"
#endif
#define HOST_KEYS (sizeof(host_keys) / sizeof(host_keys[0]))

enum kf_status kf_ssh_failed(struct kf_ssh *s, const char *what, struct kf_error *err)
{
	char *text = NULL;

	if (s->wire.failure == EMSGSIZE)
		return kf_fail(err, KF_REFUSED, "%s: the server says more than a login needs, and none of it is that", what);
	if (s->wire.failure) {
		errno = s->wire.failure;
		return kf_fail_errno(err, "%s", what);
	}
	if (s->wire.ended)
		return kf_fail(err, KF_FAILED, "%s: the server closed the connection", what);
	libssh2_session_last_error(s->session, &text, NULL, 0);
	return kf_fail(err, KF_FAILED, "%s: %s", what, text && *text ? text : "it failed");
}

enum kf_status kf_ssh_await(struct kf_ssh *s, const char *what, struct kf_error *err)
{
	uint64_t now = kf_connect_now();

	if (now < s->deadline && kf_sshwire_wait(&s->wire, false, (int)(s->deadline - now)))
		return KF_OK;
	return kf_fail(err, KF_FAILED, "%s: no answer within --connect-timeout", what);
}

/* Which host keys are asked for, in order: known ones first; TRIED is a set of those that a server showed and that were not pinned. */
static void wanted_keys(char *list, size_t size, const char *known, unsigned int tried)
{
	size_t used = 0;

	list[0] = '\0';
	for (unsigned int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < HOST_KEYS; i++) {
			const char *type = strncmp(host_keys[i], "rsa-", 4) == 0 ? "ssh-rsa" : host_keys[i];
			bool is_known = strstr(known, type) != NULL;

			if (is_known == (pass == 0) && !(tried & (1u << i)))
				used += (size_t)snprintf(list + used, size - used, "%s%s", used ? "," : "", host_keys[i]);
		}
}

/* Offers those of NAMES that this libssh2 has. It would leave out the others itself, but 1.10 copies the rest over itself in doing so. False if
 * it has none. */
static bool offer(LIBSSH2_SESSION *session, int method, const char *names)
{
	char list[512];
	const char **there;
	size_t used = 0;
	int count = libssh2_session_supported_algs(session, method, &there);

	if (count <= 0)
		return false;
	for (size_t n; *names; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		for (int i = 0; i < count; i++)
			if (strncmp(there[i], names, n) == 0 && !there[i][n] && used + n + 2 < sizeof(list))
				used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.*s", used ? "," : "", (int)n, names);
	}
	libssh2_free(session, there);
	return used && libssh2_session_method_pref(session, method, list) == 0;
}

static enum kf_status shake_hands(struct kf_ssh *s, int fd, const char *keys, struct kf_error *err)
{
	int rc;

	s->session = kf_sshwire_session(&s->wire, fd, s->crypto.provider ? &s->crypto.provider->bulk : NULL);
	if (!s->session)
		return kf_fail(err, KF_FAILED, "no memory for a session");
	if (!offer(s->session, LIBSSH2_METHOD_HOSTKEY, keys))
		return kf_fail(err, KF_REFUSED, "no kind of host key is left that libssh2 " LIBSSH2_VERSION " can check");
	if (!offer(s->session, LIBSSH2_METHOD_KEX, KEX) || !offer(s->session, LIBSSH2_METHOD_CRYPT_CS, CIPHERS) ||
	    !offer(s->session, LIBSSH2_METHOD_CRYPT_SC, CIPHERS) || !offer(s->session, LIBSSH2_METHOD_MAC_CS, MACS) ||
	    !offer(s->session, LIBSSH2_METHOD_MAC_SC, MACS))
		return kf_ssh_failed(s, "choosing ciphers", err);
	while ((rc = libssh2_session_handshake(s->session, fd)) == LIBSSH2_ERROR_EAGAIN)
		if (kf_ssh_await(s, "key exchange", err))
			return err->status;
	if ((rc == LIBSSH2_ERROR_KEX_FAILURE || rc == LIBSSH2_ERROR_METHOD_NONE) && !s->wire.ended && !s->wire.failure)
		return kf_fail(err, KF_REFUSED, "key exchange: the server has no host key, or no method, that is wanted here; its key must be "
			       "one of %s" RSA_NOTE, keys);
	return rc ? kf_ssh_failed(s, "key exchange", err) : KF_OK;
}

static unsigned int shown_key(const struct kf_ssh *s)
{
	const char *method = libssh2_session_methods(s->session, LIBSSH2_METHOD_HOSTKEY);
	unsigned int tried = 0;

	for (size_t i = 0; method && i < HOST_KEYS; i++)
		if (strcmp(method, host_keys[i]) == 0 || (strncmp(method, "rsa-", 4) == 0 && strncmp(host_keys[i], "rsa-", 4) == 0))
			tried |= 1u << i;
	return tried;
}

static enum kf_status check_key(struct kf_ssh *s, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	size_t len = 0;
	int type;
	const char *blob = libssh2_session_hostkey(s->session, &len, &type);

	return blob ? kf_known_check(target, trust, blob, len, err) : kf_fail(err, KF_FAILED, "the server showed no host key");
}

static enum kf_status try_server(struct kf_ssh *s, struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
				 const char *wanted, struct kf_error *err)
{
	if (kf_connect(&t->fd, target, s->deadline, err) || shake_hands(s, t->fd, wanted, err) || check_key(s, target, trust, err))
		return err->status;
	return KF_OK;
}

/* A pinned key may be any of the server's, which shows one in a connection: its keys are looked at one after the other. */
static enum kf_status find_server(struct kf_ssh *s, struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
				  struct kf_error *err)
{
	char known[256], wanted[256];
	unsigned int tried = 0, shown;

	if (kf_known_types(known, sizeof(known), target, trust, err))
		return err->status;
	for (;;) {
		struct kf_error now;
		enum kf_status st;

		wanted_keys(wanted, sizeof(wanted), known, tried);
		st = try_server(s, t, target, trust, wanted, &now);
		if (!st)
			return KF_OK;
		if (!tried || st == KF_FAILED)	/* else what is told is the first key that was not pinned */
			*err = now;
		shown = st == KF_REFUSED && trust->host_key_count && s->session ? shown_key(s) & ~tried : 0;
		if (!shown)
			return err->status;
		tried |= shown;
		kf_ssh_drop(s);
		close(t->fd);
		t->fd = -1;
	}
}

enum kf_status kf_ssh_login(struct kf_ssh *s, struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
			    struct kf_error *err)
{
	if (libssh2_init(0))
		return kf_fail(err, KF_FAILED, "libssh2 cannot start");
	if (find_server(s, t, target, trust, err))
		return err->status;
	return kf_ssh_authenticate(s, target, trust, err);
}

void kf_ssh_drop(struct kf_ssh *s)
{
	if (!s->session)
		return;
	/* It would wait for the peer to close, too: a broken connection it believes at once. */
	s->wire.failure = s->wire.failure ? s->wire.failure : EPIPE;
	s->channel = NULL;
	(void)!libssh2_session_free(s->session);
	s->session = NULL;
}
