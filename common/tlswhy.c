// SPDX-License-Identifier: GPL-2.0-or-later
// Why TLS failed, in an administrator's words; see tls.h.
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "common/tls.h"

#define ALERT 1000	/* SSL_AD_REASON_OFFSET: the peer sent this alert */

static const struct {
	int reason;
	const char *text;
} words[] = {
	{ SSL_R_WRONG_VERSION_NUMBER, "it does not speak TLS" },
	{ SSL_R_PACKET_LENGTH_TOO_LONG, "it does not speak TLS" },
	{ SSL_R_BAD_RECORD_TYPE, "it does not speak TLS" },
	{ SSL_R_HTTP_REQUEST, "it speaks HTTP, not TLS" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, "it does not speak TLS 1.3" },
	{ SSL_R_NO_PROTOCOLS_AVAILABLE, "it does not speak TLS 1.3" },
	{ SSL_R_BINDER_DOES_NOT_VERIFY, "the keys are not the same" },
	{ SSL_R_NO_SHARED_CIPHER, "no cipher that both have, or neither a key nor a certificate" },
	{ SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "it shows no key, and we have no certificate" },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "it has no certificate" },
	{ ALERT + SSL_AD_ILLEGAL_PARAMETER, "it refuses our key: not the one that it has for this ID, or it has none" },
	{ ALERT + SSL_AD_DECRYPT_ERROR, "it refuses our key" },
	{ ALERT + SSL_AD_UNKNOWN_PSK_IDENTITY, "it has no key of this ID" },
	{ ALERT + SSL_AD_PROTOCOL_VERSION, "it does not speak TLS 1.3" },
	{ ALERT + SSL_AD_HANDSHAKE_FAILURE, "it asks for another kind of trust, a key or a certificate, than we have" },
	{ ALERT + SSL_AD_CERTIFICATE_EXPIRED, "it says that our certificate has expired" },
	{ ALERT + SSL_AD_UNKNOWN_CA, "it does not know the CA of our certificate" },
	{ ALERT + SSL_AD_BAD_CERTIFICATE, "it refuses our certificate" },
	{ ALERT + SSL_AD_CERTIFICATE_REVOKED, "it says that our certificate is revoked" },
	{ ALERT + SSL_AD_UNSUPPORTED_CERTIFICATE, "it cannot use our certificate" },
	{ ALERT + SSL_AD_CERTIFICATE_UNKNOWN, "it refuses our certificate" },
	{ ALERT + SSL_AD_CERTIFICATE_REQUIRED, "it asks for a certificate, and we have none" },
	{ ALERT + SSL_AD_ACCESS_DENIED, "it knows us and lets us not in" },
};

static const char *word_for(int reason)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].reason == reason)
			return words[i].text;
	return NULL;
}

static enum kf_status fail_library(struct kf_error *err, const SSL *ssl, unsigned long code)
{
	int reason = ERR_GET_REASON(code);
	const char *text = word_for(reason);

	if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return kf_fail(err, KF_FAILED, "the connection was cut");
	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return kf_fail(err, KF_REFUSED, "its certificate is refused: %s", X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
	if (!text)
		text = ERR_reason_error_string(code);
	return kf_fail(err, KF_REFUSED, "%s", text ? text : "TLS failed");
}

enum kf_status kf_tls_fail(struct kf_error *err, const SSL *ssl, int rc)
{
	int saved = errno, how = SSL_get_error(ssl, rc);
	unsigned long code = ERR_peek_error();
	enum kf_status st;

	ERR_clear_error();
	if (how == SSL_ERROR_ZERO_RETURN)
		return kf_fail(err, KF_ABSENT, "the peer closed the connection");
	if (how == SSL_ERROR_SSL && code)
		return fail_library(err, ssl, code);
	errno = saved;
	st = errno ? kf_fail_errno(err, "the connection broke") : kf_fail(err, KF_FAILED, "the connection was cut");
	return st;
}
