// SPDX-License-Identifier: GPL-2.0-or-later
// The name in a peer's certificate; see tls_name.h.
#include "receiver/net/tls_name.h"

#include <openssl/x509v3.h>
#include <stdio.h>

#include "common/identity.h"

/* False if it cannot be a name. */
static bool take(char identity[KF_IDENTITY_TEXT], const ASN1_STRING *text)
{
	const char *bytes = (const char *)ASN1_STRING_get0_data(text);
	int len = ASN1_STRING_length(text);

	if (len <= 0 || !kf_identity_is_good(bytes, (size_t)len))
		return false;
	snprintf(identity, KF_IDENTITY_TEXT, "%.*s", len, bytes);
	return true;
}

/* -1: there is no DNS name. */
static int from_dns(const X509 *cert, char identity[KF_IDENTITY_TEXT])
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int found = -1;

	for (int i = 0; found < 0 && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			found = take(identity, name->d.dNSName);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool from_common_name(const X509 *cert, char identity[KF_IDENTITY_TEXT])
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	return at >= 0 && take(identity, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

enum kf_status kf_tls_name_in(const X509 *cert, char identity[KF_IDENTITY_TEXT], struct kf_error *err)
{
	int found = from_dns(cert, identity);

	if (found < 0)
		found = from_common_name(cert, identity);
	return found ? KF_OK : kf_fail(err, KF_REFUSED, "the name in its certificate cannot name a directory: 1 to %d of A-Z a-z 0-9 . _ -, "
				       "the first a letter or a digit", KF_IDENTITY_MAX);
}

enum kf_status kf_tls_name_of(const SSL *ssl, char identity[KF_IDENTITY_TEXT], struct kf_error *err)
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);

	if (!cert || SSL_get_verify_result(ssl) != X509_V_OK)
		return kf_fail(err, KF_REFUSED, "it has no certificate that counts here");
	return kf_tls_name_in(cert, identity, err);
}
