// SPDX-License-Identifier: GPL-2.0-or-later
// What OpenSSL does for libssh2; see sshprovider.h.
#include "sender/transport/sshprovider.h"

#include <openssl/conf.h>
#include <openssl/core_dispatch.h>
#include <stdlib.h>
#include <string.h>

static const OSSL_ALGORITHM ciphers[] = {
	{ "AES-128-CTR", KF_SSHPROVIDER_OURS, kf_sshctr_functions, NULL },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM digests[] = {
	{ "SHA2-256:SHA-256:SHA256:2.16.840.1.101.3.4.2.1", KF_SSHPROVIDER_OURS, kf_sshmac_functions, NULL },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
	(void)provider;
	*no_cache = 0;
	return operation == OSSL_OP_CIPHER ? ciphers : operation == OSSL_OP_DIGEST ? digests : NULL;
}

static void teardown(void *provider)
{
	explicit_bzero(provider, sizeof(struct kf_sshprovider));
	free(provider);
}

#define FUNCTION(f) ((void (*)(void))(f))

static const OSSL_DISPATCH provider_functions[] = {
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, FUNCTION(query) },
	{ OSSL_FUNC_PROVIDER_TEARDOWN, FUNCTION(teardown) },
	{ 0, NULL },
};

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provider)
{
	(void)handle, (void)in;
	*out = provider_functions;
	*provider = calloc(1, sizeof(struct kf_sshprovider));
	return *provider != NULL;
}

/* As the default context has it: by the system's file, if there is one. */
static OSSL_LIB_CTX *library_by_settings(void)
{
	OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
	char *file = library ? CONF_get1_default_config_file() : NULL;

	if (file)
		(void)!OSSL_LIB_CTX_load_config(library, file);
	OPENSSL_free(file);
	return library;
}

void kf_sshcrypto_init(struct kf_sshcrypto *c)
{
	EVP_CIPHER *own;

	*c = (struct kf_sshcrypto){ .library = library_by_settings() };
	if (!c->library)
		return;
	own = EVP_CIPHER_fetch(c->library, "AES-128-CTR", NULL);	/* has the others loaded first, as the system's settings want them */
	if (own && OSSL_PROVIDER_add_builtin(c->library, KF_SSHPROVIDER, provider_init) == 1)
		c->loaded = OSSL_PROVIDER_try_load(c->library, KF_SSHPROVIDER, 1);
	EVP_CIPHER_free(own);
	if (!c->loaded || EVP_set_default_properties(c->library, "?" KF_SSHPROVIDER_OURS) != 1) {
		kf_sshcrypto_deinit(c);
		return;
	}
	c->provider = OSSL_PROVIDER_get0_provider_ctx(c->loaded);
}

void kf_sshcrypto_deinit(struct kf_sshcrypto *c)
{
	if (c->provider) {
		EVP_MD_free(c->provider->sha256);
		c->provider->sha256 = NULL;
	}
	if (c->loaded)
		OSSL_PROVIDER_unload(c->loaded);
	OSSL_LIB_CTX_free(c->library);
	*c = (struct kf_sshcrypto){ 0 };
}
