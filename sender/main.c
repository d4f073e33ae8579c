// SPDX-License-Identifier: GPL-2.0-or-later
// kferry-send: options, and which of its works is wanted.
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "common/log.h"
#include "sender/cli/options.h"

#define KERNEL_CMDLINE "/proc/cmdline"

static void print_help(void)
{
	puts("kferry-send [OPTION]... --to TARGET VMCORE\n"
	     "Sends the memory of a crashed kernel (VMCORE, e.g. /proc/vmcore) to kferry-recv.\n"
	     "Options also come from --config and, as kferry.OPTION=VALUE, from the kernel command line.\n");
	kf_options_help(kf_send_option_table, stdout);
	puts("\nExit status: 0 stored, 1 failed, 2 VMCOREINFO of another kernel, 3 in order but not whole.");
}

/* No /proc: nothing to read there. */
static void read_kernel_cmdline(char *line, size_t size)
{
	FILE *f = fopen(KERNEL_CMDLINE, "re");
	size_t n = 0;

	if (f) {
		n = fread(line, 1, size - 1, f);
		fclose(f);
	}
	line[n] = '\0';
}

static void say(void *log, const char *line)
{
	kf_log(log, KF_LOG_COMMON, "%s", line);
}

static enum kf_status run(struct kf_send_options *o, struct kf_log *log, int argc, char **argv, struct kf_error *err)
{
	char cmdline[4096];
	enum kf_status st;

	read_kernel_cmdline(cmdline, sizeof(cmdline));
	st = kf_send_options_get(o, cmdline, argc, argv, log, err);
	log->level = st ? KF_LOG_ERROR : o->message_level;
	if (st)
		return st;
	if (o->help) {
		print_help();
		return KF_OK;
	}
	if (o->version) {
		printf("kferry-send %s, protocol %d\n", KF_PROGRAM_VERSION, KF_VERSION);
		return KF_OK;
	}
	return o->dump.replay ? kf_dump_replay(&o->dump, log, err) : kf_dump_run(&o->dump, log, err);
}

int main(int argc, char **argv)
{
	struct kf_log log = { .out = stderr, .level = KF_LOG_DEFAULT, .program = "kferry-send" };
	struct kf_send_options o;
	struct kf_error err;
	enum kf_status st;

	/* One heap for all threads: others would reserve memory that the cap counts. */
	mallopt(M_ARENA_MAX, 1);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	kf_send_options_init(&o);
	o.trust.say = say;
	o.trust.say_context = &log;
	st = run(&o, &log, argc, argv, &err);
	if (st)
		kf_log(&log, KF_LOG_ERROR, "%s", err.text);
	kf_send_options_deinit(&o);
	return kf_exit_code(st);
}
