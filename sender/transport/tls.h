/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS over a socket that is connected, for tls:// and ssh+tls://; for the files of sender/transport only. */
#ifndef KF_TLS_TRANSPORT_H
#define KF_TLS_TRANSPORT_H

#include "common/psk.h"
#include "sender/transport/transport.h"

#define KF_TLS_ID_MAX 127	/* characters: an identity, or a ticket's name */

/* As whom we come: with a key, or with a certificate. */
struct kf_tls_self {
	const char *psk_id;		/* NULL: by certificate */
	const uint8_t *psk;		/* KF_PSK_BYTES of them; copied, and wiped at the close */
	const struct kf_trust *trust;	/* the certificates' files */
	const char *server_name;	/* must stand in the server's certificate; a name or an address */
};

/* Shakes hands on T->fd before DEADLINE (of kf_connect_now) and sets T->own. KF_REFUSED: the peer refuses us, or we it. T->name is prepended. */
enum kf_status kf_tls_open_on(struct kf_transport *t, const struct kf_tls_self *self, uint64_t deadline, struct kf_error *err) kf_must_check;
/* The other operations for such a T. */
ssize_t kf_tls_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err);
ssize_t kf_tls_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err);
unsigned int kf_tls_wait(struct kf_transport *t, unsigned int want, int timeout_ms);
enum kf_flow kf_tls_flow(const struct kf_transport *t);
void kf_tls_close(struct kf_transport *t);	/* with T->fd; on one that was never opened too */
/* "TLS_AES_128_GCM_SHA256", for the report. */
const char *kf_tls_cipher(const struct kf_transport *t);

#endif
