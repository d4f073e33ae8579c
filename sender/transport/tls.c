// SPDX-License-Identifier: GPL-2.0-or-later
// tls://, and TLS over a connected socket; see tls.h.
#include "sender/transport/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tls.h"
#include "sender/transport/connect.h"
#include "sender/transport/socket.h"
#include "sender/transport/transports.h"

#define GATHERED (128l << 10)	/* bytes of records that go to the socket with one call */

struct own {
	SSL_CTX *ctx;
	SSL *ssl;
	char id[KF_TLS_ID_MAX + 1];
	uint8_t key[KF_PSK_BYTES];
	bool wants_write;	/* the last SSL_read could not go on without */
	bool gathered;		/* records wait in our buffer, as the socket took no more */
	bool broken;		/* nothing more may be said on it */
};

/* OpenSSL asks which key to offer; MD is set if it can only use one of that hash. */
static int offer_key(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *len, SSL_SESSION **session)
{
	const struct own *own = SSL_get_app_data(ssl);

	*session = NULL;
	if (md && !EVP_MD_is_a(md, "SHA256"))
		return 1;
	*session = kf_tls_psk_session(ssl, own->key);
	*id = (const unsigned char *)own->id;
	*len = strlen(own->id);
	return *session != NULL;
}

static enum kf_status use_key(struct own *own, const struct kf_tls_self *self)
{
	snprintf(own->id, sizeof(own->id), "%s", self->psk_id);
	memcpy(own->key, self->psk, sizeof(own->key));
	SSL_CTX_set_psk_use_session_callback(own->ctx, offer_key);
	/* A server that answers with a certificate instead does not know the key: no CA is trusted here. */
	SSL_CTX_set_verify(own->ctx, SSL_VERIFY_PEER, NULL);
	return KF_OK;
}

/* The certificate must be of the host that was asked for, which is a name or an address. */
static bool expect_name(SSL *ssl, const char *name)
{
	unsigned char a[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, name, a) == 1 || inet_pton(AF_INET6, name, a) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
	return SSL_set1_host(ssl, name) && SSL_set_tlsext_host_name(ssl, name);
}

/* A record has 16 KiB at most. They are gathered on their way to the socket until kf_tls_send flushes. */
static bool set_socket(SSL *ssl, int fd)
{
	BIO *gather = BIO_new(BIO_f_buffer());

	if (!gather || BIO_set_write_buffer_size(gather, GATHERED) <= 0 || !SSL_set_fd(ssl, fd)) {
		BIO_free(gather);
		return false;
	}
	BIO_up_ref(SSL_get_rbio(ssl));		/* one socket for both directions, and each has a reference */
	SSL_set0_wbio(ssl, BIO_push(gather, SSL_get_rbio(ssl)));
	return true;
}

static enum kf_status prepare(struct kf_transport *t, const struct kf_tls_self *self, struct kf_error *err)
{
	struct own *own = calloc(1, sizeof(*own));
	const struct kf_trust *trust = self->trust;
	enum kf_status st;

	t->own = own;
	if (!own)
		return kf_fail(err, KF_FAILED, "no memory for TLS");
	st = kf_tls_context(&own->ctx, false, err);
	if (!st && self->psk_id)
		st = use_key(own, self);
	else if (!st)
		st = kf_tls_use_certificate(own->ctx, &(struct kf_tls_files){ trust->tls_ca, trust->tls_cert, trust->tls_key, trust->passphrase }, err);
	if (st)
		return st;
	own->ssl = SSL_new(own->ctx);
	if (!own->ssl || !set_socket(own->ssl, t->fd) || (!self->psk_id && !expect_name(own->ssl, self->server_name)))
		return kf_fail(err, KF_FAILED, "no memory for TLS");
	SSL_set_app_data(own->ssl, own);
	return KF_OK;
}

/* Whether the socket became ready for what the last call, which gave RC, could not go on without. */
static bool await(struct kf_transport *t, int rc, uint64_t deadline)
{
	const struct own *own = t->own;
	int how = SSL_get_error(own->ssl, rc);
	struct pollfd p = { .fd = t->fd, .events = how == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN };
	uint64_t now = kf_connect_now();

	if (now >= deadline)
		return false;
	return poll(&p, 1, (int)(deadline - now)) > 0 || errno == EINTR;
}

static bool would_block(const struct own *own, int rc)
{
	int how = SSL_get_error(own->ssl, rc);

	return how == SSL_ERROR_WANT_READ || how == SSL_ERROR_WANT_WRITE;
}

/* Whoever hangs up without a word is most often something else. */
static enum kf_status hung_up(const struct own *own, enum kf_status st, struct kf_error *err)
{
	if (st == KF_REFUSED || BIO_number_read(SSL_get_rbio(own->ssl)))
		return st;
	return kf_fail(err, st, "the other end hung up at the TLS handshake: is it a kferry-recv, and listens it for tls:// there, not tcp://?");
}

static enum kf_status shake_hands(struct kf_transport *t, uint64_t deadline, struct kf_error *err)
{
	struct own *own = t->own;
	int rc;

	while ((rc = SSL_connect(own->ssl)) != 1) {
		if (!would_block(own, rc))
			return hung_up(own, kf_tls_fail(err, own->ssl, rc), err);
		if (!await(t, rc, deadline))
			return kf_fail(err, KF_FAILED, "no answer to the TLS handshake in time");
	}
	return KF_OK;
}

enum kf_status kf_tls_open_on(struct kf_transport *t, const struct kf_tls_self *self, uint64_t deadline, struct kf_error *err)
{
	struct own *own;

	if (prepare(t, self, err))
		return kf_prepend(err, "%s", t->name);
	own = t->own;
	if (!shake_hands(t, deadline, err))
		return KF_OK;
	own->broken = true;
	if (self->psk_id && err->status == KF_REFUSED)
		kf_prepend(err, "key '%s'", self->psk_id);
	return kf_prepend(err, "%s", t->name);
}

static ssize_t broke(struct own *own, const struct kf_transport *t, int rc, struct kf_error *err)
{
	own->broken = true;
	kf_tls_fail(err, own->ssl, rc);
	kf_prepend(err, "%s", t->name);
	return -1;
}

/* A failure shows itself when the next thing is sent or received. */
static void flush(struct own *own)
{
	own->gathered = BIO_flush(SSL_get_wbio(own->ssl)) <= 0;
}

/* Each call takes a record's worth; the last of them flushes. */
ssize_t kf_tls_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	struct own *own = t->own;
	size_t done;
	int rc = SSL_write_ex(own->ssl, bytes, len, &done);

	if (rc == 1 && done == len)
		flush(own);
	if (rc == 1)
		return (ssize_t)done;
	return would_block(own, rc) ? 0 : broke(own, t, rc, err);
}

ssize_t kf_tls_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	struct own *own = t->own;
	size_t done;
	int rc;

	if (own->gathered)
		flush(own);
	rc = SSL_read_ex(own->ssl, bytes, size, &done);

	t->heard = t->heard || rc == 1;
	own->wants_write = rc != 1 && SSL_get_error(own->ssl, rc) == SSL_ERROR_WANT_WRITE;
	if (rc == 1)
		return (ssize_t)done;
	return would_block(own, rc) ? 0 : broke(own, t, rc, err);
}

/* What was read from the socket and not yet asked for is no longer in it. */
unsigned int kf_tls_wait(struct kf_transport *t, unsigned int want, int timeout_ms)
{
	struct own *own = t->own;
	unsigned int ready = 0, also = own->gathered || (own->wants_write && (want & KF_CAN_RECEIVE)) ? KF_CAN_SEND : 0, got;

	if ((want & KF_CAN_RECEIVE) && SSL_pending(own->ssl) > 0)
		ready = KF_CAN_RECEIVE;
	got = kf_socket_wait(t, want | also, ready ? 0 : timeout_ms);
	if (own->gathered && (got & KF_CAN_SEND))
		flush(own);
	if (own->wants_write && got)
		return ready | want;
	return ready | (got & want);
}

enum kf_flow kf_tls_flow(const struct kf_transport *t)
{
	enum kf_flow flow = kf_socket_flow(t);

	return flow == KF_FLOW_DONE && ((const struct own *)t->own)->gathered ? KF_FLOW_LINK : flow;
}

void kf_tls_close(struct kf_transport *t)
{
	struct own *own = t->own;

	if (own && own->ssl && !own->broken)
		SSL_shutdown(own->ssl);
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (!own)
		return;
	SSL_free(own->ssl);
	SSL_CTX_free(own->ctx);
	explicit_bzero(own->key, sizeof(own->key));
	free(own);
	t->own = NULL;
}

const char *kf_tls_cipher(const struct kf_transport *t)
{
	return SSL_get_cipher_name(((const struct own *)t->own)->ssl);
}

static enum kf_status tls_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	uint64_t deadline = kf_connect_now() + (uint64_t)trust->connect_ms;
	uint8_t key[KF_PSK_BYTES];
	const struct kf_tls_self self = {
		.psk_id = trust->psk_id, .psk = key, .trust = trust, .server_name = trust->tls_name ? trust->tls_name : target->host,
	};
	enum kf_status st;

	kf_transport_name(t, "tls", target);
	if (!trust->psk_id && !trust->tls_cert)
		return kf_fail(err, KF_REFUSED, "%s: needs --psk ID:FILE, or --tls-ca, --tls-cert and --tls-key", t->name);
	if (trust->psk_id && kf_psk_read(trust->psk_file, key, err)) {
		err->status = KF_INVALID;	/* a file that is not there now will not be later */
		return kf_prepend(err, "--psk");
	}
	st = kf_connect(&t->fd, target, deadline, err);
	if (st)
		kf_prepend(err, "%s", t->name);
	else
		st = kf_tls_open_on(t, &self, deadline, err);
	if (!st)
		snprintf(t->way, sizeof(t->way), "TLS, %s", kf_tls_cipher(t));
	explicit_bzero(key, sizeof(key));
	return st;
}

static enum kf_status tls_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;	/* lasting is what the receiver answers for */
	return KF_OK;
}

const struct kf_transport_ops kf_transport_tls = {
	.answers = true, .open = tls_open, .send = kf_tls_send, .receive = kf_tls_receive,
	.wait = kf_tls_wait, .flow = kf_tls_flow, .finish = tls_finish, .close = kf_tls_close,
};
