// SPDX-License-Identifier: GPL-2.0-or-later
// kferry-send: options, and which of its works is wanted.
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/options.h"
#include "proto/names.h"
#include "sender/dump/dump.h"
#include "sender/dump/pipeline.h"

/* 64 KiB of bitmap: 2 GiB of memory. A larger one gains nothing here, as one pass is all there is. */
#define CYCLIC_DEFAULT (64u << 10)
#define CYCLIC_MAX_KIB 1024u
#define TARGETS_MAX 8
#define KERNEL_CMDLINE "/proc/cmdline"

struct command {
	struct kf_dump_setup dump;
	const struct kf_option *table;
	bool help, version;
	struct kf_target targets[TARGETS_MAX];
	unsigned int message_level;
	char vmcoreinfo[KF_TARGET_MAX];
};

#define SETTER(name) static enum kf_status set_##name(void *context, const char *value, struct kf_error *err)

SETTER(to)
{
	struct command *c = context;

	if (c->dump.target_count == TARGETS_MAX)
		return kf_fail(err, KF_INVALID, "more than %d targets", TARGETS_MAX);
	return kf_target_parse(&c->targets[c->dump.target_count++], value, err);
}

SETTER(level)
{
	struct command *c = context;
	uint64_t v;

	if (kf_option_number(value, 0, 31, &v, err))
		return err->status;
	c->dump.level = (unsigned int)v;
	return KF_OK;
}

static enum kf_status set_rest(void *context, enum kf_rest_codec codec)
{
	((struct command *)context)->dump.rest = codec;
	return KF_OK;
}

SETTER(zlib)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_ZLIB);
}

SETTER(lzo)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_LZO);
}

SETTER(snappy)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_SNAPPY);
}

SETTER(zstd)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_ZSTD);
}

SETTER(raw)
{
	(void)value, (void)err;
	return set_rest(context, KF_REST_RAW);
}

SETTER(wire)
{
	if (kf_wire_codec_named(value, &((struct command *)context)->dump.wire))
		return KF_OK;
	return kf_fail(err, KF_INVALID, "'%s' is none of none, lz4, zstd and pages", value);
}

SETTER(vmcoreinfo)
{
	struct command *c = context;

	if ((size_t)snprintf(c->vmcoreinfo, sizeof(c->vmcoreinfo), "%s", value) >= sizeof(c->vmcoreinfo))
		return kf_fail(err, KF_INVALID, "path is too long");
	c->dump.vmcoreinfo = c->vmcoreinfo;
	return KF_OK;
}

SETTER(threads)
{
	struct command *c = context;
	uint64_t v;

	if (kf_option_number(value, 1, 1024, &v, err))
		return err->status;
	/* More than the memory cap allows are not an error: the machine may have any number of CPUs. */
	c->dump.threads = v < KF_THREADS_MAX ? (unsigned int)v : KF_THREADS_MAX;
	return KF_OK;
}

SETTER(cyclic)
{
	struct command *c = context;
	uint64_t v;

	if (kf_option_number(value, 1, 1u << 30, &v, err))
		return err->status;
	c->dump.cyclic_buffer = (size_t)(v < CYCLIC_MAX_KIB ? v : CYCLIC_MAX_KIB) << 10;
	return KF_OK;
}

SETTER(message_level)
{
	struct command *c = context;
	uint64_t v;

	if (kf_option_number(value, 0, KF_LOG_ALL, &v, err))
		return err->status;
	c->message_level = (unsigned int)v;
	return KF_OK;
}

SETTER(give_up)
{
	struct command *c = context;
	uint64_t v;

	if (kf_option_number(value, 0, 1u << 30, &v, err))
		return err->status;
	c->dump.give_up = (unsigned int)v;
	return KF_OK;
}

SETTER(dry_run)
{
	(void)value, (void)err;
	((struct command *)context)->dump.dry_run = true;
	return KF_OK;
}

SETTER(non_mmap)
{
	(void)value, (void)err;
	((struct command *)context)->dump.no_mmap = true;
	return KF_OK;
}

SETTER(replay)
{
	(void)value, (void)err;
	((struct command *)context)->dump.replay = true;
	return KF_OK;
}

SETTER(config)
{
	return kf_options_file(((struct command *)context)->table, context, value, err);
}

SETTER(help)
{
	(void)value, (void)err;
	((struct command *)context)->help = true;
	return KF_OK;
}

SETTER(version)
{
	(void)value, (void)err;
	((struct command *)context)->version = true;
	return KF_OK;
}

static const struct kf_option table[] = {
	{ "to", 0, "TARGET", "tcp://HOST[:PORT], exec:COMMAND, or file:PATH for a saved stream (file:- is stdout)", set_to },
	{ "give-up", 0, "SECONDS", "without a working connection; shared by the targets, which are tried in turn (600)", set_give_up },
	{ "dump-level", 'd', "LEVEL", "0..31, sum of 1 zero, 2 cache, 4 private cache, 8 user, 16 free (31)", set_level },
	{ "zlib", 'c', NULL, "pages rest compressed by zlib on the server", set_zlib },
	{ "lzo", 'l', NULL, "pages rest compressed by lzo", set_lzo },
	{ "snappy", 'p', NULL, "pages rest compressed by snappy", set_snappy },
	{ "zstd", 'z', NULL, "pages rest compressed by zstd (the default)", set_zstd },
	{ "raw", 0, NULL, "pages rest uncompressed", set_raw },
	{ "vmcoreinfo", 'i', "FILE", "VMCOREINFO's text, for a vmcore that has none", set_vmcoreinfo },
	{ "wire", 0, "CODEC", "on the way: none, lz4, zstd, or pages, each as it will rest (lz4)", set_wire },
	{ "num-threads", 0, "N", "compressing threads (one for each CPU, as many as 16 MiB allow)", set_threads },
	{ "cyclic-buffer", 0, "KIB", "size of the page bitmap, 1 KiB for 32 MiB of memory (64)", set_cyclic },
	{ "non-mmap", 0, NULL, "read the vmcore by read(2) only", set_non_mmap },
	{ "dry-run", 0, NULL, "do everything but send; tells what would go", set_dry_run },
	{ "replay", 0, NULL, "the operand is a saved stream: send it as it is", set_replay },
	{ "message-level", 0, "N", "sum of 1 progress, 2 common, 4 error, 8 debug, 16 report (7)", set_message_level },
	{ "config", 0, "FILE", "more options, one `name = value` a line", set_config },
	{ "help", 'h', NULL, "this text", set_help },
	{ "version", 'v', NULL, "version of program and protocol", set_version },
	{ 0 },
};

static void print_help(void)
{
	puts("kferry-send [OPTION]... --to TARGET VMCORE\n"
	     "Sends the memory of a crashed kernel (VMCORE, e.g. /proc/vmcore) to kferry-recv.\n"
	     "Options also come from --config and, as kferry.OPTION=VALUE, from the kernel command line.\n");
	kf_options_help(table, stdout);
	puts("\nExit status: 0 stored, 1 failed, 2 VMCOREINFO of another kernel, 3 in order but not whole.");
}

/* The capture kernel's command line comes first, so that what was typed wins. What is wrong there is said, and no more. */
static void read_kernel_cmdline(struct command *c, const struct kf_log *log)
{
	struct kf_error err;
	FILE *f = fopen(KERNEL_CMDLINE, "re");
	char line[4096];
	size_t n;

	if (!f)
		return;		/* no /proc: nothing to read there */
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	if (kf_options_kernel(table, c, line, &err))
		kf_log(log, KF_LOG_ERROR, "%s; it goes on without", err.text);
}

static enum kf_status parse(struct command *c, int argc, char **argv, struct kf_error *err)
{
	unsigned int from_kernel = c->dump.target_count;
	int operand;

	if (kf_options_args(table, c, argc, argv, &operand, err))
		return err->status;
	if (c->dump.target_count > from_kernel) {	/* what was typed wins */
		c->dump.targets += from_kernel;
		c->dump.target_count -= from_kernel;
	}
	if (c->help || c->version)
		return KF_OK;
	if (operand >= argc)
		return kf_fail(err, KF_INVALID, "give the vmcore to send, e.g. /proc/vmcore; see --help");
	if (argc - operand > 1)
		return kf_fail(err, KF_INVALID, "'%s' is one operand too many; where the dump goes is said with --to, "
			       "e.g. --to tcp://HOST or --to file:%s", argv[operand + 1], argv[operand + 1]);
	if (c->dump.replay && c->dump.dry_run)
		return kf_fail(err, KF_INVALID, "--dry-run and --replay exclude each other; kferry-recv --print looks at a stream");
	if (!c->dump.target_count && !c->dump.dry_run)
		return kf_fail(err, KF_INVALID, "where shall it go? give --to tcp://HOST, or --to file:PATH; see --help");
	c->dump.vmcore = argv[operand];
	return KF_OK;
}

int main(int argc, char **argv)
{
	struct command c = {
		.table = table, .message_level = KF_LOG_DEFAULT,
		.dump = { .level = 31, .rest = KF_REST_ZSTD, .wire = KF_WIRE_LZ4, .cyclic_buffer = CYCLIC_DEFAULT,
			  .give_up = 600 },
	};
	struct kf_log log = { .out = stderr, .level = KF_LOG_DEFAULT, .program = "kferry-send" };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct kf_error err;
	enum kf_status st;

	/* One heap for all threads: others would reserve memory that the cap counts. */
	mallopt(M_ARENA_MAX, 1);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	c.dump.threads = cpus < 1 ? 1 : cpus < (long)KF_THREADS_MAX ? (unsigned int)cpus : KF_THREADS_MAX;
	c.dump.targets = c.targets;
	read_kernel_cmdline(&c, &log);
	st = parse(&c, argc, argv, &err);
	log.level = st ? KF_LOG_ERROR : c.message_level;
	if (!st && c.help) {
		print_help();
		return 0;
	}
	if (!st && c.version) {
		printf("kferry-send %s, protocol %d\n", KF_PROGRAM_VERSION, KF_VERSION);
		return 0;
	}
	if (!st)
		st = c.dump.replay ? kf_dump_replay(&c.dump, &log, &err) : kf_dump_run(&c.dump, &log, &err);
	if (st)
		kf_log(&log, KF_LOG_ERROR, "%s", err.text);
	return kf_exit_code(st);
}
