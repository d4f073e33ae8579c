// SPDX-License-Identifier: GPL-2.0-or-later
// From what an administrator gave to the TLS of our side; see tls_open.h.
#include "receiver/net/tls_open.h"

#include "receiver/net/tls_pskdir.h"

enum kf_status kf_tls_open(struct kf_tls_server **server, const struct kf_tls_trust *trust, struct kf_error *err)
{
	const struct kf_tls_files *f = &trust->files;
	int given = (f->ca != NULL) + (f->cert != NULL) + (f->key != NULL);
	struct kf_keyring ring;

	*server = NULL;
	if (given != 0 && given != 3)
		return kf_fail(err, KF_INVALID, "--tls-ca, --tls-cert and --tls-key go together");
	if (trust->psk_dir && kf_pskdir_check(trust->psk_dir, err))
		return err->status;
	if (!given && !trust->psk_dir)
		return KF_OK;
	if (kf_tls_server_create(server, given ? f : NULL, err))
		return err->status;
	if (trust->psk_dir) {
		ring = kf_pskdir_keyring(trust->psk_dir);
		kf_tls_server_add(*server, &ring);
	}
	return KF_OK;
}
