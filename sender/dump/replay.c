// SPDX-License-Identifier: GPL-2.0-or-later
// --replay: a saved stream goes to a receiver as it is; it always opens a new dump there.
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/frame.h"
#include "proto/parser.h"
#include "sender/dump/dump.h"
#include "sender/dump/progress.h"
#include "sender/dump/replies.h"
#include "sender/dump/silence.h"

#define WAIT_MS 1000

struct replay {
	int fd;
	struct kf_transport transport;
	struct kf_replies replies;
	struct kf_parser *source;	/* checks the file on its way */
	struct kf_progress progress;
	uint64_t sent;
	bool ended;			/* END was seen, */
	bool behind;			/* and bytes behind it */
};

static enum kf_status wait_for(struct replay *r, unsigned int want, struct kf_error *err)
{
	uint64_t start = kf_now_us();

	for (;;) {
		unsigned int ready = r->transport.ops->wait(&r->transport, want | KF_CAN_RECEIVE, WAIT_MS);

		if ((ready & KF_CAN_RECEIVE) && kf_replies_pump(&r->replies, &r->transport, err))
			return err->status;
		kf_progress_tick(&r->progress);
		if (ready & want)
			return KF_OK;
		if (kf_now_us() - start > KF_SILENCE_S * 1000000ull)
			return kf_fail(err, KF_FAILED, "%s: the receiver took and said nothing for %d s", r->transport.name, KF_SILENCE_S);
	}
}

static enum kf_status send_all(struct replay *r, const uint8_t *bytes, size_t len, struct kf_error *err)
{
	while (len) {
		ssize_t n = r->transport.ops->send(&r->transport, bytes, len, err);

		if (n < 0)
			return kf_replies_last_words(&r->replies, &r->transport, err);
		if (n == 0 && wait_for(r, KF_CAN_SEND, err))
			return err->status;
		bytes += n;
		len -= (size_t)n;
	}
	return KF_OK;
}

/* A stream without them would be sent to nobody in particular. */
static enum kf_status check_first_frames(const struct replay *r, struct kf_error *err)
{
	static const uint8_t types[] = { KF_MSG_HELLO, KF_MSG_DUMP };
	off_t at = KF_PREFACE_BYTES;

	for (uint64_t i = 0; i < 2; i++) {
		uint8_t bytes[KF_HEADER_BYTES];
		struct kf_header h;

		if (pread(r->fd, bytes, sizeof(bytes), at) != (ssize_t)sizeof(bytes))
			return kf_fail(err, KF_INVALID, "too short for a kferry stream");
		if (kf_header_decode(&h, bytes, i, err))
			return kf_prepend(err, "at byte %lld", (long long)at);
		if (h.type != types[i])
			return kf_fail(err, KF_INVALID, "its first messages are not HELLO and DUMP");
		at += (off_t)(KF_HEADER_BYTES + h.len);
	}
	return KF_OK;
}

/* What was said until here holds nothing of the memory. The rest is for a receiver that lets us in. */
static enum kf_status await_welcome(struct replay *r, struct kf_error *err)
{
	while (r->transport.ops->answers && !r->replies.welcomed)
		if (wait_for(r, KF_CAN_RECEIVE, err))
			return err->status;
	return KF_OK;
}

/* Reads what the parser wants next, and sends it once the parser has looked: a file that is no stream does not go. */
static enum kf_status send_next(struct replay *r, bool *more, struct kf_error *err)
{
	struct kf_frame frame;
	uint8_t *where;
	size_t room;
	enum kf_status st;
	ssize_t n;
	bool got;

	kf_parser_space(r->source, &where, &room);
	n = read(r->fd, where, room);
	if (n < 0)
		return kf_fail_errno(err, "reading");
	r->behind = n > 0 && r->ended;
	*more = n > 0 && !r->ended;
	if (!*more)
		return KF_OK;
	if (kf_parser_advance(r->source, (size_t)n, &frame, &got, err))
		return kf_prepend(err, "at byte %" PRIu64, r->sent);
	if (got && frame.type == KF_MSG_END)
		r->ended = r->replies.end_sent = true;
	st = send_all(r, where, (size_t)n, err);	/* still there: in the parser, or in the frame */
	if (got)
		free(frame.payload);
	if (st)
		return st;
	r->sent += (uint64_t)n;
	atomic_store(&r->progress.done, r->sent);
	atomic_store(&r->progress.raw_bytes, r->sent);
	kf_progress_tick(&r->progress);
	if (got && frame.type == KF_MSG_DUMP && await_welcome(r, err))
		return err->status;
	return r->transport.ops->answers ? kf_replies_pump(&r->replies, &r->transport, err) : KF_OK;
}

static enum kf_status run(struct replay *r, const struct kf_dump_setup *setup, const struct kf_log *log, struct kf_error *err)
{
	uint8_t start[KF_PREFACE_BYTES];
	struct kf_preface preface;
	struct stat sb;
	bool more = true;

	r->fd = open(setup->vmcore, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &sb))
		return kf_fail_errno(err, "%s", setup->vmcore);
	if (pread(r->fd, start, sizeof(start), 0) != (ssize_t)sizeof(start))
		return kf_fail(err, KF_INVALID, "%s: too short for a kferry stream", setup->vmcore);
	if (kf_preface_decode(&preface, start, KF_ROLE_SENDER, err) || check_first_frames(r, err))
		return kf_prepend(err, "%s", setup->vmcore);
	r->source = kf_parser_create(KF_ROLE_SENDER);
	if (!r->source)
		return kf_fail(err, KF_FAILED, "no memory");
	if (kf_replies_init(&r->replies, err) || kf_transport_open(&r->transport, &setup->targets[0], setup->trust, err))
		return err->status;
	kf_progress_init(&r->progress, log, (uint64_t)sb.st_size);
	while (more)
		if (send_next(r, &more, err))
			return kf_prepend(err, "%s", setup->vmcore);
	if (!r->ended)
		return kf_fail(err, KF_INCOMPLETE, "%s: the stream ends before its END, at byte %" PRIu64 ": the receiver keeps what came",
			       setup->vmcore, r->sent);
	while (r->transport.ops->answers && !r->replies.stored)
		if (wait_for(r, KF_CAN_RECEIVE, err))
			return err->status;
	return r->transport.ops->finish(&r->transport, err);
}

enum kf_status kf_dump_replay(const struct kf_dump_setup *setup, const struct kf_log *log, struct kf_error *err)
{
	struct replay r = { .fd = -1, .transport = { .fd = -1 } };
	enum kf_status st = run(&r, setup, log, err);

	if (r.progress.log)
		kf_progress_end(&r.progress, !st);
	if (!st && r.replies.stored && !(r.replies.stored_flags & KF_STORED_WHOLE))
		st = kf_fail(err, KF_INCOMPLETE, "kept as %s, but the stream does not hold a whole dump", r.replies.stored_name);
	else if (!st && r.replies.stored)
		kf_log(log, KF_LOG_COMMON, "Stored as %s on %s", r.replies.stored_name, r.transport.name);
	if (!st && r.behind)
		st = kf_fail(err, KF_INCOMPLETE, "%s: there is more behind its END, from byte %" PRIu64 " on, which was not sent: the file is no single "
			     "stream, or damaged", setup->vmcore, r.sent);
	kf_transport_close(&r.transport);
	kf_replies_deinit(&r.replies);
	kf_parser_destroy(r.source);
	if (r.fd >= 0)
		close(r.fd);
	return st;
}
