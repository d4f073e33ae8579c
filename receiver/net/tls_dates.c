// SPDX-License-Identifier: GPL-2.0-or-later
// Certificates' dates; see tls_dates.h.
#include "receiver/net/tls_dates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <time.h>

static void name_of(char out[128], const X509 *x)
{
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, out, 128) <= 0)
		snprintf(out, 128, "without a name");
	for (char *p = out; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

static void day_of(char out[32], const ASN1_TIME *t)
{
	struct tm tm;

	if (!ASN1_TIME_to_tm(t, &tm) || !strftime(out, 32, "%F %T UTC", &tm))
		snprintf(out, 32, "a day that cannot be read");
}

static enum kf_status check(const X509 *x, const char *path, struct kf_error *err)
{
	const ASN1_TIME *from = X509_get0_notBefore(x), *to = X509_get0_notAfter(x);
	char name[128], day[32];

	name_of(name, x);
	if (X509_cmp_current_time(to) < 0) {
		day_of(day, to);
		return kf_fail(err, KF_INVALID, "%s: the certificate of '%s' expired on %s", path, name, day);
	}
	if (X509_cmp_current_time(from) > 0) {
		day_of(day, from);
		return kf_fail(err, KF_INVALID, "%s: the certificate of '%s' is not valid before %s", path, name, day);
	}
	return KF_OK;
}

enum kf_status kf_tls_dates(const char *path, struct kf_error *err)
{
	FILE *f = fopen(path, "re");
	enum kf_status st = KF_OK;
	X509 *x;

	if (!f)
		return KF_OK;
	while (!st && (x = PEM_read_X509(f, NULL, NULL, NULL))) {
		st = check(x, path, err);
		X509_free(x);
	}
	ERR_clear_error();
	fclose(f);
	return st;
}
