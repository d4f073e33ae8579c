// SPDX-License-Identifier: GPL-2.0-or-later
// The TLS policy; see tls.h.
#include "common/tls.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/stat.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

/* Where the processor has no instructions for AES, ChaCha20 is many times faster. Both are right for a key with SHA-256. */
static bool has_aes(void)
{
#if defined(__x86_64__)
	return __builtin_cpu_supports("aes");
#elif defined(__aarch64__)
	return (getauxval(AT_HWCAP) & (1ul << 3)) != 0;	/* HWCAP_AES */
#else
	return true;
#endif
}

#define AES "TLS_AES_128_GCM_SHA256"
#define CHACHA "TLS_CHACHA20_POLY1305_SHA256"

static bool configure(SSL_CTX *ctx)
{
	/* The receiver follows a sender without AES in its processor, which is the slower one. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
			    SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) && SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) &&
	       SSL_CTX_set_num_tickets(ctx, 0) && SSL_CTX_set_max_early_data(ctx, 0) &&
	       SSL_CTX_set_ciphersuites(ctx, has_aes() ? AES ":" CHACHA : CHACHA ":" AES);
}

enum kf_status kf_tls_context(SSL_CTX **ctx, bool server, struct kf_error *err)
{
	*ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	if (*ctx && configure(*ctx))
		return KF_OK;
	SSL_CTX_free(*ctx);
	*ctx = NULL;
	ERR_clear_error();
	return kf_fail(err, KF_FAILED, "TLS cannot be set up: no memory, or an OpenSSL without TLS 1.3");
}

/* OpenSSL's own would ask at the terminal, and a capture kernel's console has nobody before it. */
static int give_passphrase(char *buffer, int size, int writing, void *passphrase)
{
	size_t len = passphrase ? strlen(passphrase) : 0;

	(void)writing;
	if (len == 0 || len >= (size_t)size)
		return -1;
	memcpy(buffer, passphrase, len + 1);
	return (int)len;
}

/* Its group may read it: so a service shares it with those that renew it. */
static enum kf_status check_mode(const char *key, struct kf_error *err)
{
	struct stat sb;

	if (stat(key, &sb))
		return kf_fail_errno(err, "the private key %s", key), err->status = KF_INVALID;
	if (sb.st_mode & 037)
		return kf_fail(err, KF_INVALID, "the private key %s: others can read or change it (mode %04o): chmod 600 it", key,
			       (unsigned int)sb.st_mode & 07777);
	return KF_OK;
}

static enum kf_status wrong_file(struct kf_error *err, const char *what, const char *path)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	kf_fail(err, KF_INVALID, "%s %s: %s", what, path, why ? why : "cannot be used");
	ERR_clear_error();
	return err->status;
}

enum kf_status kf_tls_use_certificate(SSL_CTX *ctx, const struct kf_tls_files *f, struct kf_error *err)
{
	union {
		const char *given;
		void *taken;
	} passphrase = { .given = f->passphrase };

	if (check_mode(f->key, err))
		return err->status;
	SSL_CTX_set_default_passwd_cb(ctx, give_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(ctx, passphrase.taken);
	if (!SSL_CTX_load_verify_file(ctx, f->ca))
		return wrong_file(err, "the CA file", f->ca);
	if (SSL_CTX_use_certificate_chain_file(ctx, f->cert) != 1)
		return wrong_file(err, "the certificate", f->cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, f->key, SSL_FILETYPE_PEM) != 1)
		return wrong_file(err, f->passphrase ? "with this passphrase, the private key" : "without a passphrase, the private key", f->key);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return KF_OK;
}

SSL_SESSION *kf_tls_psk_session(SSL *ssl, const uint8_t key[KF_PSK_BYTES])
{
	static const unsigned char aes_128_gcm_sha256[] = { 0x13, 0x01 };	/* stands for its hash: RFC 8446, 4.2.11 */
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
	SSL_SESSION *s = SSL_SESSION_new();

	if (s && cipher && SSL_SESSION_set1_master_key(s, key, KF_PSK_BYTES) && SSL_SESSION_set_cipher(s, cipher) &&
	    SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION))
		return s;
	SSL_SESSION_free(s);
	return NULL;
}
