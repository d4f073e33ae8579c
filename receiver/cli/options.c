// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of kferry-recv's options, and how file and command line go together; see options.h.
#include "receiver/cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "proto/ticket.h"
#include "receiver/cli/setters.h"

const struct kf_option kf_recv_commands[] = {
	{ "once", 0, NULL, "receive one dump and exit: 0 whole, 3 incomplete, 1 failed", kf_set_once },
	{ "stdio", 0, NULL, "receive one dump from standard input, reply to standard output", kf_set_stdio },
	{ "identity", 0, "NAME", "with --stdio: who the sender is (the address that sshd tells)", kf_set_identity },
	{ "replay", 0, "STREAM", "make a dump of a saved stream; - is standard input", kf_set_replay },
	{ "print", 0, "PATH", "show what a saved stream, a receiver's replies or a journal hold; all with --message-level 15", kf_set_print },
	{ "verify", 0, "PATH", "check a saved stream, or a dump against its manifest: 0 whole, 3 incomplete, 1 wrong", kf_set_verify },
	{ "new-key", 0, "ID", "make a key for the host ID in --psk-dir", kf_set_new_key },
	{ "config", 0, "FILE", "read settings from here (" KF_RECV_CONFIG ", if it is there)", kf_set_config },
	{ "check-config", 0, NULL, "tell what a start would stumble over: 0 nothing, 1 something", kf_set_check_config },
	{ "version", 'v', NULL, "print the version", kf_set_version },
	{ "help", 'h', NULL, "print this", kf_set_help },
	{ 0 },
};

const struct kf_option kf_recv_settings[] = {
	{ "dir", 0, "DIR", "where dumps are stored, each in a directory of its own", kf_set_dir },
	{ "listen", 0, "URL", "listen at tls://ADDR:PORT or tcp://ADDR:PORT; may be given often (tcp://127.0.0.1:7612)", kf_set_listen },
	{ "psk-dir", 0, "DIR", "keys of hosts that send by tls://, a file for each, named after it", kf_set_psk_dir },
	{ "tls-ca", 0, "FILE", "who signed the certificates of hosts that send by tls://", kf_set_tls_ca },
	{ "tls-cert", 0, "FILE", "our certificate for them, perhaps with its chain", kf_set_tls_cert },
	{ "tls-key", 0, "FILE", "its private key", kf_set_tls_key },
	{ "allow-plaintext", 0, NULL, "listen where others can reach it, without encryption", kf_set_plaintext },
	{ "ticket-socket", 0, "PATH", "where --stdio asks the service for keys for TLS (" KF_TICKET_SOCKET ")", kf_set_ticket_socket },
	{ "ticket-group", 0, "GROUP", "whose members may ask there (the group of its directory)", kf_set_ticket_group },
	{ "num-threads", 0, "N", "workers (as many as CPUs)", kf_set_threads },
	{ "idle-timeout", 0, "SECONDS", "end a session from which nothing came so long (120; 0: never)", kf_set_idle },
	{ "max-sessions", 0, "N", "dumps received at the same time; more connections wait (64)", kf_set_max_sessions },
	{ "max-sessions-per-peer", 0, "N", "of them of one host; more are turned away (16)", kf_set_max_per_peer },
	{ "max-dump-bytes", 0, "BYTES", "one dump may not become larger (0: no limit)", kf_set_max_dump_bytes },
	{ "resume-for", 0, "SECONDS", "an unfinished dump waits so long for its sender to come back (900)", kf_set_resume_for },
	{ "durable-bytes", 0, "BYTES", "bring pages to disk, and say so, after so many at most (67108864)", kf_set_durable_bytes },
	{ "durable-seconds", 0, "SECONDS", "or after this time (5)", kf_set_durable_seconds },
	{ "recompress", 0, "WHEN", "auto: if pages come faster than they can be packed, pack them quickly, and anew when all is there; never; always (auto)", kf_set_recompress },
	{ "recompress-after", 0, "SECONDS", "auto: when the sender has waited so long for it (10)", kf_set_recompress_after },
	{ "message-level", 0, "N", "sum of 1 progress, 2 common, 4 errors, 8 debug, 16 report (7)", kf_set_level },
	{ 0 },
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum kf_status kf_keep_string(char **slot, const char *value, struct kf_error *err)
{
	char *copy = strdup(value);

	if (!copy)
		return kf_fail(err, KF_FAILED, "no memory for '%s'", value);
	free(*slot);
	*slot = copy;
	return KF_OK;
}

static void begin(struct kf_recv_options *o)
{
	*o = (struct kf_recv_options){ .message_level = KF_LOG_DEFAULT, .idle_seconds = 120, .resume_seconds = 900, .max_sessions = 64, .max_per_peer = 16,
		.durable_bytes = 64ull << 20, .durable_seconds = 5, .recompress = KF_RECV_AUTO, .recompress_after = 10 };
}

static enum kf_status from_args(struct kf_recv_options *o, int argc, char **argv, struct kf_error *err)
{
	struct kf_option all[ROWS(kf_recv_commands) + ROWS(kf_recv_settings) - 1];
	int operands;
	enum kf_status st;

	memcpy(all, kf_recv_commands, sizeof(kf_recv_commands));
	memcpy(all + ROWS(kf_recv_commands) - 1, kf_recv_settings, sizeof(kf_recv_settings));
	o->typing = true;
	st = kf_options_args(all, o, argc, argv, &operands, err);
	if (!st && operands < argc)
		return kf_fail(err, KF_INVALID, "%s is not expected; see --help", argv[operands]);
	return st;
}

static bool reads_file(const struct kf_recv_options *o)
{
	return !o->help && !o->version && !o->print && !o->verify;
}

/* The command line is read twice, since it names the file, and wins over it. */
static enum kf_status from_file_and_args(struct kf_recv_options *o, int argc, char **argv, struct kf_error *err)
{
	struct kf_recv_options first;
	enum kf_status st;

	begin(&first);
	st = from_args(&first, argc, argv, err);
	if (!st && reads_file(&first) && (first.config || access(KF_RECV_CONFIG, F_OK) == 0 || errno != ENOENT))
		st = kf_options_file(kf_recv_settings, o, first.config ? first.config : KF_RECV_CONFIG, err);
	if (st && first.config)
		kf_prepend(err, "--config");
	kf_recv_options_deinit(&first);
	return st ? st : from_args(o, argc, argv, err);
}

enum kf_status kf_recv_options_get(struct kf_recv_options *o, int argc, char **argv, struct kf_error *err)
{
	int modes;
	enum kf_status st;

	begin(o);
	st = from_file_and_args(o, argc, argv, err);
	if (st)
		return st;
	modes = o->stdio + (o->replay != NULL) + (o->print != NULL) + (o->verify != NULL) + (o->new_key != NULL) + o->listen_typed;
	if (modes > 1)
		return kf_fail(err, KF_INVALID, "only one of --listen, --stdio, --replay, --print, --verify and --new-key can be done at once");
	if (o->new_key && !o->psk_dir)
		return kf_fail(err, KF_INVALID, "--new-key needs --psk-dir DIR: where keys are stored");
	if (o->identity && !o->stdio)
		return kf_fail(err, KF_INVALID, "--identity goes with --stdio only");
	if (o->check_config && modes > o->listen_typed)
		return kf_fail(err, KF_INVALID, "--check-config does nothing else");
	if (!o->dir && !o->print && !o->verify && !o->new_key && !o->help && !o->version && !o->check_config)
		return kf_fail(err, KF_INVALID, "--dir DIR is needed: where dumps are stored");
	return KF_OK;
}

void kf_recv_options_deinit(struct kf_recv_options *o)
{
	free(o->replay);
	free(o->print);
	free(o->verify);
	free(o->config);
	free(o->new_key);
	free(o->identity);
	free(o->ticket_socket);
	free(o->ticket_group);
	free(o->dir);
	free(o->psk_dir);
	free(o->tls_ca);
	free(o->tls_cert);
	free(o->tls_key);
	*o = (struct kf_recv_options){ 0 };
}
