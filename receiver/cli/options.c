// SPDX-License-Identifier: GPL-2.0-or-later
// The table of kferry-recv's options; see options.h.
#include "receiver/cli/options.h"

#include "common/log.h"

typedef struct kf_recv_options options;

static enum kf_status set_dir(void *ctx, const char *value, struct kf_error *err)
{
	(void)err;
	((options *)ctx)->dir = value;
	return KF_OK;
}

static enum kf_status set_listen(void *ctx, const char *value, struct kf_error *err)
{
	options *o = ctx;

	if (o->listen_count == KF_LISTEN_MAX)
		return kf_fail(err, KF_INVALID, "more than %d addresses", KF_LISTEN_MAX);
	return kf_target_parse(&o->listen[o->listen_count++], value, err);
}

static enum kf_status set_once(void *ctx, const char *value, struct kf_error *err)
{
	(void)value, (void)err;
	((options *)ctx)->once = true;
	return KF_OK;
}

static enum kf_status set_stdio(void *ctx, const char *value, struct kf_error *err)
{
	(void)value, (void)err;
	((options *)ctx)->stdio = true;
	return KF_OK;
}

static enum kf_status set_replay(void *ctx, const char *value, struct kf_error *err)
{
	(void)err;
	((options *)ctx)->replay = value;
	return KF_OK;
}

static enum kf_status set_print(void *ctx, const char *value, struct kf_error *err)
{
	(void)err;
	((options *)ctx)->print = value;
	return KF_OK;
}

static enum kf_status set_verify(void *ctx, const char *value, struct kf_error *err)
{
	(void)err;
	((options *)ctx)->verify = value;
	return KF_OK;
}

static enum kf_status set_plaintext(void *ctx, const char *value, struct kf_error *err)
{
	(void)value, (void)err;
	((options *)ctx)->plaintext = true;
	return KF_OK;
}

static enum kf_status set_threads(void *ctx, const char *value, struct kf_error *err)
{
	uint64_t n;
	enum kf_status st = kf_option_number(value, 1, 256, &n, err);

	if (!st)
		((options *)ctx)->threads = (unsigned int)n;
	return st;
}

static enum kf_status set_idle(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 0, 1000000, &((options *)ctx)->idle_seconds, err);
}

static enum kf_status set_resume_for(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 0, 100000000, &((options *)ctx)->resume_seconds, err);
}

static enum kf_status set_durable_bytes(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 1, 1ull << 40, &((options *)ctx)->durable_bytes, err);
}

static enum kf_status set_durable_seconds(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 1, 3600, &((options *)ctx)->durable_seconds, err);
}

static enum kf_status set_max_sessions(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 1, 10000, &((options *)ctx)->max_sessions, err);
}

static enum kf_status set_max_per_peer(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 1, 10000, &((options *)ctx)->max_per_peer, err);
}

static enum kf_status set_max_dump_bytes(void *ctx, const char *value, struct kf_error *err)
{
	return kf_option_number(value, 0, INT64_MAX, &((options *)ctx)->max_dump_bytes, err);
}

static enum kf_status set_level(void *ctx, const char *value, struct kf_error *err)
{
	uint64_t n;
	enum kf_status st = kf_option_number(value, 0, KF_LOG_ALL, &n, err);

	if (!st)
		((options *)ctx)->message_level = (unsigned int)n;
	return st;
}

static enum kf_status set_version(void *ctx, const char *value, struct kf_error *err)
{
	(void)value, (void)err;
	((options *)ctx)->version = true;
	return KF_OK;
}

static enum kf_status set_help(void *ctx, const char *value, struct kf_error *err)
{
	(void)value, (void)err;
	((options *)ctx)->help = true;
	return KF_OK;
}

const struct kf_option kf_recv_option_table[] = {
	{ "dir", 0, "DIR", "where dumps are stored, each in a directory of its own", set_dir },
	{ "listen", 0, "tcp://ADDR:PORT", "listen here; may be given often (tcp://127.0.0.1:7612)", set_listen },
	{ "once", 0, NULL, "receive one dump and exit: 0 whole, 3 incomplete, 1 failed", set_once },
	{ "stdio", 0, NULL, "receive one dump from standard input, reply to standard output", set_stdio },
	{ "replay", 0, "STREAM", "make a dump of a saved stream; - is standard input", set_replay },
	{ "print", 0, "PATH", "show what a saved stream, a receiver's replies or a journal hold; all with --message-level 15", set_print },
	{ "verify", 0, "PATH", "check a saved stream, or a dump against its manifest: 0 whole, 3 incomplete, 1 wrong", set_verify },
	{ "allow-plaintext", 0, NULL, "listen where others can reach it, without encryption", set_plaintext },
	{ "num-threads", 0, "N", "workers (as many as CPUs)", set_threads },
	{ "idle-timeout", 0, "SECONDS", "end a session from which nothing came so long (120; 0: never)", set_idle },
	{ "max-sessions", 0, "N", "dumps received at the same time; more connections wait (64)", set_max_sessions },
	{ "max-sessions-per-peer", 0, "N", "of them from one address; more are turned away (16)", set_max_per_peer },
	{ "max-dump-bytes", 0, "BYTES", "one dump may not become larger (0: no limit)", set_max_dump_bytes },
	{ "resume-for", 0, "SECONDS", "an unfinished dump waits so long for its sender to come back (900)", set_resume_for },
	{ "durable-bytes", 0, "BYTES", "bring pages to disk, and say so, after so many at most (67108864)", set_durable_bytes },
	{ "durable-seconds", 0, "SECONDS", "or after this time (5)", set_durable_seconds },
	{ "message-level", 0, "N", "sum of 1 progress, 2 common, 4 errors, 8 debug, 16 report (7)", set_level },
	{ "version", 'v', NULL, "print the version", set_version },
	{ "help", 'h', NULL, "print this", set_help },
	{ 0 },
};

enum kf_status kf_recv_options_get(struct kf_recv_options *o, int argc, char **argv, struct kf_error *err)
{
	int operands, modes;
	enum kf_status st;

	*o = (struct kf_recv_options){ .message_level = KF_LOG_DEFAULT, .idle_seconds = 120, .resume_seconds = 900, .max_sessions = 64, .max_per_peer = 16,
		.durable_bytes = 64ull << 20, .durable_seconds = 5 };
	st = kf_options_args(kf_recv_option_table, o, argc, argv, &operands, err);
	if (st)
		return st;
	if (operands < argc)
		return kf_fail(err, KF_INVALID, "%s is not expected; see --help", argv[operands]);
	modes = o->stdio + (o->replay != NULL) + (o->print != NULL) + (o->verify != NULL) + (o->listen_count > 0);
	if (modes > 1)
		return kf_fail(err, KF_INVALID, "only one of --listen, --stdio, --replay, --print and --verify can be done at once");
	if (!o->dir && !o->print && !o->verify && !o->help && !o->version)
		return kf_fail(err, KF_INVALID, "--dir DIR is needed: where dumps are stored");
	return KF_OK;
}
