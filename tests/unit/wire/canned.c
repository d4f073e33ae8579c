// SPDX-License-Identifier: GPL-2.0-or-later
// A transport of canned answers; see canned.h.
#include "tests/unit/wire/canned.h"

#include "tests/unit/unit.h"

static ssize_t canned_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	struct canned *c = (struct canned *)t;
	size_t n = len < 4000 ? len : 4000;

	if (c->fail_after && c->sent_bytes + n > c->fail_after) {
		kf_fail(err, KF_FAILED, "the cable was cut");
		return -1;
	}
	if (c->sent_bytes + n > c->sent_room) {
		c->sent_room = 2 * (c->sent_bytes + n);
		c->sent = realloc(c->sent, c->sent_room);
	}
	memcpy(c->sent + c->sent_bytes, bytes, n);
	c->sent_bytes += n;
	return (ssize_t)n;
}

static ssize_t canned_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	struct canned *c = (struct canned *)t;
	size_t n = c->answer_bytes - c->given;

	if (c->sent_bytes < c->answer_after || (c->slow && !c->waits))
		return 0;
	if (n == 0 && c->closes) {
		kf_fail(err, KF_ABSENT, "closed");
		return -1;
	}
	n = n < size ? n : size;
	n = n < c->piece ? n : c->piece;
	memcpy(bytes, c->answers + c->given, n);
	c->given += n;
	return (ssize_t)n;
}

static unsigned int canned_wait(struct kf_transport *t, unsigned int want, int timeout_ms)
{
	(void)timeout_ms;
	((struct canned *)t)->waits++;
	return want;
}

static enum kf_status canned_finish(struct kf_transport *t, struct kf_error *err)
{
	struct canned *c = (struct canned *)t;

	c->finished = true;
	return c->fails_to_finish ? kf_fail(err, KF_FAILED, "the disk is full") : KF_OK;
}

static void canned_close(struct kf_transport *t)
{
	(void)t;
}

static const struct kf_transport_ops with_answers = {
	.answers = true, .send = canned_send, .receive = canned_receive, .wait = canned_wait, .finish = canned_finish,
	.close = canned_close,
};

static const struct kf_transport_ops without_answers = {
	.answers = false, .send = canned_send, .receive = canned_receive, .wait = canned_wait, .finish = canned_finish,
	.close = canned_close,
};

void canned_init(struct canned *c, bool answers)
{
	*c = (struct canned){ .piece = SIZE_MAX };
	c->transport.ops = answers ? &with_answers : &without_answers;
	c->transport.fd = -1;
	snprintf(c->transport.name, sizeof(c->transport.name), "canned");
}

void canned_free(struct canned *c)
{
	free(c->sent);
}
