/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OpenSSL does for libssh2, from a provider of ours in a library context of its own; for the files of sender/transport only. */
#ifndef KF_SSHPROVIDER_H
#define KF_SSHPROVIDER_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "sender/transport/sshbulk.h"

#define KF_SSHPROVIDER "kferry"
#define KF_SSHPROVIDER_OURS "provider=" KF_SSHPROVIDER	/* by which ours is told from OpenSSL's own */
#define KF_SSHPROVIDER_OTHERS "provider!=" KF_SSHPROVIDER
#define KF_SSHMAC_BYTES 32u

/* The context that our algorithms have. */
struct kf_sshprovider {
	struct kf_sshbulk bulk;
	EVP_MD *sha256;			/* owned; OpenSSL's, NULL until it is needed */
};

/* sshctr.c: AES-128-CTR; sshmac.c: SHA2-256. */
extern const OSSL_DISPATCH kf_sshctr_functions[], kf_sshmac_functions[];

/* One for each session. All NULL if there is none: then libssh2 gets what OpenSSL has, and all goes the usual way. */
struct kf_sshcrypto {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *loaded;
	struct kf_sshprovider *provider;	/* borrowed, LOADED's */
};

void kf_sshcrypto_init(struct kf_sshcrypto *c);
/* After everything that was made by it, the session above all, was freed. */
void kf_sshcrypto_deinit(struct kf_sshcrypto *c);

/* Around calls of libssh2: what this thread has of OpenSSL meanwhile comes from C. Give what it gives to kf_sshcrypto_leave. */
static inline OSSL_LIB_CTX *kf_sshcrypto_enter(const struct kf_sshcrypto *c)
{
	return OSSL_LIB_CTX_set0_default(c->library);	/* NULL changes nothing */
}

static inline void kf_sshcrypto_leave(OSSL_LIB_CTX *before)
{
	OSSL_LIB_CTX_set0_default(before);
}

#endif
