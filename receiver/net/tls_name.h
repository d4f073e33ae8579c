/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name in a peer's certificate. */
#ifndef KF_TLS_NAME_H
#define KF_TLS_NAME_H

#include <openssl/ssl.h>

#include "receiver/net/keyring.h"

/* Its first DNS name, else its common name, if that can be the name of a host, else KF_REFUSED. CERT was or will be verified. */
enum kf_status kf_tls_name_in(const X509 *cert, char identity[KF_IDENTITY_TEXT], struct kf_error *err) kf_must_check;

/* The same of SSL's peer; also KF_REFUSED if it has no certificate that was verified. */
enum kf_status kf_tls_name_of(const SSL *ssl, char identity[KF_IDENTITY_TEXT], struct kf_error *err) kf_must_check;

#endif
