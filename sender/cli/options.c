// SPDX-License-Identifier: GPL-2.0-or-later
// The table of kferry-send's options; see options.h.
#include "sender/cli/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/names.h"
#include "sender/cli/setters.h"
#include "sender/dump/pipeline.h"

/* 64 KiB of bitmap: 2 GiB of memory. A larger one gains nothing here, as one pass is all there is. */
#define CYCLIC_DEFAULT (64u << 10)
#define CYCLIC_MAX_KIB 1024u
#define CONNECT_MS_DEFAULT 20000

enum kf_status kf_send_keep(struct kf_send_options *o, const char **where, const char *value, struct kf_error *err)
{
	char *copy = o->kept_count < KF_KEPT_MAX ? strdup(value) : NULL;

	if (!copy)
		return kf_fail(err, KF_FAILED, "too many options, or no memory");
	o->kept[o->kept_count++] = copy;
	*where = copy;
	return KF_OK;
}

static SETTER(to)
{
	struct kf_send_options *c = context;

	if (c->dump.target_count == KF_TARGETS_MAX)
		return kf_fail(err, KF_INVALID, "more than %d targets", KF_TARGETS_MAX);
	return kf_target_parse(&c->targets[c->dump.target_count++], value, err);
}

static SETTER(level)
{
	struct kf_send_options *c = context;
	uint64_t v;

	if (kf_option_number(value, 0, 31, &v, err))
		return err->status;
	c->dump.level = (unsigned int)v;
	return KF_OK;
}

static enum kf_status set_rest(void *context, enum kf_rest_codec codec)
{
	((struct kf_send_options *)context)->dump.rest = codec;
	return KF_OK;
}

static SETTER(zlib)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_ZLIB);
}

static SETTER(lzo)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_LZO);
}

static SETTER(snappy)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_SNAPPY);
}

static SETTER(zstd)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_ZSTD);
}

static SETTER(raw)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_RAW);
}

static SETTER(wire)
{
	struct kf_dump_setup *dump = &((struct kf_send_options *)context)->dump;

	dump->wire_auto = strcmp(value, "auto") == 0;
	if (dump->wire_auto || kf_wire_codec_named(value, &dump->wire))
		return KF_OK;
	return kf_fail(err, KF_INVALID, "'%s' is none of auto, none, lz4, zstd and pages", value);
}

static SETTER(vmcoreinfo)
{
	struct kf_send_options *c = context;

	return kf_send_keep(c, &c->dump.vmcoreinfo, value, err);
}

static SETTER(threads)
{
	struct kf_send_options *c = context;
	uint64_t v;

	if (kf_option_number(value, 1, 1024, &v, err))
		return err->status;
	/* More than the memory cap allows are not an error: the machine may have any number of CPUs. */
	c->dump.threads = v < KF_THREADS_MAX ? (unsigned int)v : KF_THREADS_MAX;
	return KF_OK;
}

static SETTER(cyclic)
{
	struct kf_send_options *c = context;
	uint64_t v;

	if (kf_option_number(value, 1, 1u << 30, &v, err))
		return err->status;
	c->dump.cyclic_buffer = (size_t)(v < CYCLIC_MAX_KIB ? v : CYCLIC_MAX_KIB) << 10;
	return KF_OK;
}

static SETTER(message_level)
{
	struct kf_send_options *c = context;
	uint64_t v;

	if (kf_option_number(value, 0, KF_LOG_ALL, &v, err))
		return err->status;
	c->message_level = (unsigned int)v;
	return KF_OK;
}

static SETTER(give_up)
{
	struct kf_send_options *c = context;
	uint64_t v;

	if (kf_option_number(value, 0, 1u << 30, &v, err))
		return err->status;
	c->dump.give_up = (unsigned int)v;
	return KF_OK;
}

static SETTER(dry_run)
{
	(void)value, (void)err;
	((struct kf_send_options *)context)->dump.dry_run = true;
	return KF_OK;
}

static SETTER(non_mmap)
{
	(void)value, (void)err;
	((struct kf_send_options *)context)->dump.no_mmap = true;
	return KF_OK;
}

static SETTER(replay)
{
	(void)value, (void)err;
	((struct kf_send_options *)context)->dump.replay = true;
	return KF_OK;
}

static SETTER(config)
{
	return kf_options_file(kf_send_option_table, context, value, err);
}

static SETTER(help)
{
	(void)value, (void)err;
	((struct kf_send_options *)context)->help = true;
	return KF_OK;
}

static SETTER(version)
{
	(void)value, (void)err;
	((struct kf_send_options *)context)->version = true;
	return KF_OK;
}

const struct kf_option kf_send_option_table[] = {
	{ "to", 0, "TARGET", "ssh+tls://[USER@]HOST, ssh://, tls:// or tcp://HOST[:PORT], exec:COMMAND, or file:PATH, a saved stream", kf_set_to },
	{ "give-up", 0, "SECONDS", "without a working connection; shared by the targets, which are tried in turn (600)", kf_set_give_up },
	KF_TRUST_OPTIONS
	{ "dump-level", 'd', "LEVEL", "0..31, sum of 1 zero, 2 cache, 4 private cache, 8 user, 16 free (31)", kf_set_level },
	{ "zlib", 'c', NULL, "pages rest compressed by zlib on the server", kf_set_zlib },
	{ "lzo", 'l', NULL, "pages rest compressed by lzo", kf_set_lzo },
	{ "snappy", 'p', NULL, "pages rest compressed by snappy", kf_set_snappy },
	{ "zstd", 'z', NULL, "pages rest compressed by zstd (the default)", kf_set_zstd },
	{ "raw", 0, NULL, "pages rest uncompressed", kf_set_raw },
	{ "vmcoreinfo", 'i', "FILE", "VMCOREINFO's text, for a vmcore that has none", kf_set_vmcoreinfo },
	{ "wire", 0, "CODEC", "on the way: none, lz4, zstd, pages (each as it will rest), or auto, by who is waiting", kf_set_wire },
	{ "num-threads", 0, "N", "compressing threads (one for each CPU, as many as 16 MiB allow)", kf_set_threads },
	{ "cyclic-buffer", 0, "KIB", "size of the page bitmap, 1 KiB for 32 MiB of memory (64)", kf_set_cyclic },
	{ "non-mmap", 0, NULL, "read the vmcore by read(2) only", kf_set_non_mmap },
	{ "dry-run", 0, NULL, "do everything but send; tells what would go", kf_set_dry_run },
	{ "replay", 0, NULL, "the operand is a saved stream: send it as it is", kf_set_replay },
	{ "message-level", 0, "N", "sum of 1 progress, 2 common, 4 error, 8 debug, 16 report (7)", kf_set_message_level },
	{ "config", 0, "FILE", "more options, one `name = value` a line", kf_set_config },
	{ "help", 'h', NULL, "this text", kf_set_help },
	{ "version", 'v', NULL, "version of program and protocol", kf_set_version },
	{ 0 },
};

void kf_send_options_init(struct kf_send_options *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*o = (struct kf_send_options){
		.message_level = KF_LOG_DEFAULT, .passphrase_fd = -1,
		.dump = { .level = 31, .rest = KF_REST_ZSTD, .wire_auto = true, .wire = KF_WIRE_LZ4, .cyclic_buffer = CYCLIC_DEFAULT, .give_up = 600,
			  .targets = o->targets, .trust = &o->trust },
		.trust = { .connect_ms = CONNECT_MS_DEFAULT, .remote_command = "kferry-recv --stdio", .past = &o->past },
	};
	o->dump.threads = cpus < 1 ? 1 : cpus < (long)KF_THREADS_MAX ? (unsigned int)cpus : KF_THREADS_MAX;
}

void kf_send_options_deinit(struct kf_send_options *o)
{
	kf_passphrase_free(o->passphrase);
	for (unsigned int i = 0; i < o->kept_count; i++)
		free(o->kept[i]);
}

static enum kf_status check(const struct kf_send_options *c, int operands, char **operand, struct kf_error *err)
{
	if (!operands)
		return kf_fail(err, KF_INVALID, "give the vmcore to send, e.g. /proc/vmcore; see --help");
	if (operands > 1)
		return kf_fail(err, KF_INVALID, "'%s' is one operand too many; where the dump goes is said with --to, "
			       "e.g. --to ssh+tls://HOST or --to file:%s", operand[1], operand[1]);
	if (c->dump.replay && c->dump.dry_run)
		return kf_fail(err, KF_INVALID, "--dry-run and --replay exclude each other; kferry-recv --print looks at a stream");
	if (!c->dump.target_count && !c->dump.dry_run)
		return kf_fail(err, KF_INVALID, "where shall it go? give --to ssh+tls://HOST, or --to file:PATH; see --help");
	return kf_trust_check(&c->trust, err);
}

enum kf_status kf_send_options_get(struct kf_send_options *o, const char *cmdline, int argc, char **argv, const struct kf_log *log,
				   struct kf_error *err)
{
	unsigned int from_kernel;
	int operand;

	if (kf_options_kernel(kf_send_option_table, o, cmdline, err))
		kf_log(log, KF_LOG_ERROR, "%s; it goes on without", err->text);
	from_kernel = o->dump.target_count;
	if (kf_options_args(kf_send_option_table, o, argc, argv, &operand, err))
		return err->status;
	if (o->dump.target_count > from_kernel) {	/* what was typed wins */
		o->dump.targets += from_kernel;
		o->dump.target_count -= from_kernel;
	}
	if (o->help || o->version)
		return KF_OK;
	if (check(o, argc - operand, argv + operand, err))
		return err->status;
	o->dump.vmcore = argv[operand];
	if (o->passphrase_fd < 0)
		return KF_OK;
	o->trust.passphrase = o->passphrase = kf_passphrase_read(o->passphrase_fd, err);
	return o->passphrase ? KF_OK : kf_prepend(err, "--passphrase-fd");
}
