// SPDX-License-Identifier: GPL-2.0-or-later
// kferry-recv: receives dumps of crashed kernels and stores each as one kdump-compressed file.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "receiver/check.h"
#include "receiver/net/server.h"
#include "receiver/net/stdio.h"
#include "receiver/net/systemd.h"
#include "receiver/net/tickets_keyring.h"
#include "receiver/net/tickets_service.h"
#include "receiver/net/tls_open.h"
#include "receiver/net/tls_pskdir.h"
#include "receiver/cli/options.h"
#include "receiver/stream/print.h"
#include "receiver/stream/verify.h"

#define PROGRAM "kferry-recv"

static int open_stream(const char *path, struct kf_error *err)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		kf_fail_errno(err, "%s", path);
	return fd;
}

static enum kf_status print_stream(const struct kf_recv_options *o, struct kf_error *err)
{
	int fd = open_stream(o->print, err);
	enum kf_status st;

	if (fd < 0)
		return err->status;
	st = kf_print_stream(stdout, fd, o->message_level & KF_LOG_DEBUG, err);
	err->text[0] = '\0';	/* what is wrong with it was the last line */
	close(fd);
	return st;
}

static enum kf_status add_replay(struct kf_server *s, const char *path, struct kf_error *err)
{
	/* A pipe may be shared with whoever started this program. */
	struct kf_ends ends = { .in = open_stream(path, err), .out = -1, .shared = true };
	char peer[128];

	if (ends.in < 0)
		return err->status;
	snprintf(peer, sizeof(peer), "replay of %s", path);
	return kf_server_add(s, ends, peer, "replay", err);
}

static enum kf_status add_passed(struct kf_server *s, struct kf_passed *p, struct kf_error *err)
{
	static const enum kf_scheme schemes[] = { [KF_PASSED_TCP] = KF_SCHEME_TCP, [KF_PASSED_TLS] = KF_SCHEME_TLS };

	for (unsigned int i = 0; i < p->count; i++) {
		int fd = p->sockets[i].fd;
		enum kf_status st;

		if (p->sockets[i].use == KF_PASSED_TICKETS)
			continue;
		p->sockets[i].fd = -1;
		st = kf_server_adopt(s, schemes[p->sockets[i].use], fd, err);
		if (st)
			return st;
	}
	return KF_OK;
}

static enum kf_status add_listeners(struct kf_server *s, const struct kf_recv_options *o, struct kf_passed *passed, struct kf_error *err)
{
	struct kf_target local;
	enum kf_status st = add_passed(s, passed, err);

	if (!st && !o->listen_count && !passed->count) {
		st = kf_target_parse(&local, "tcp://127.0.0.1", err);
		return st ? st : kf_server_listen(s, &local, err);
	}
	for (unsigned int i = 0; !st && i < o->listen_count; i++)
		st = kf_server_listen(s, &o->listen[i], err);
	return st;
}

static unsigned int online_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 256 ? 256 : (unsigned int)n;
}

static enum kf_status serve(const struct kf_recv_options *o, const struct kf_log *log, struct kf_error *err);

/* A stream goes through the same code as one that is received, but for the disk. */
static enum kf_status verify(const struct kf_recv_options *o, const struct kf_log *log, struct kf_error *err)
{
	struct kf_recv_options as = *o;
	char nowhere[] = "/";
	enum kf_verify_kind kind;
	enum kf_status st = kf_verify_what(o->verify, &kind, err);

	if (st)
		return st;
	if (kind == KF_VERIFY_DUMP)
		return kf_verify_dump(stdout, o->verify, err);
	as.replay = o->verify;
	as.dir = nowhere;
	return serve(&as, log, err);
}

/* What runs in the server's loop beside its sessions. */
struct beside {
	struct kf_stdio *stdio;
	struct kf_ticketservice *tickets;
};

static enum kf_status add_stdio(struct beside *b, struct kf_server *s, const struct kf_recv_options *o, const struct kf_log *log, struct kf_error *err)
{
	const struct kf_stdio_setup setup = {
		.identity = o->identity, .ticket_socket = o->ticket_socket ? o->ticket_socket : KF_TICKET_SOCKET,
		.idle_ms = o->idle_seconds * 1000, .in = STDIN_FILENO, .out = STDOUT_FILENO,
	};

	return kf_stdio_create(&b->stdio, s, log, &setup, err);
}

static uint16_t tls_port(void *server)
{
	return kf_server_tls_port(server);
}

/* Where nobody said that there should be tickets, it is no fault that there are none; but somebody must be able to come by TLS. */
static enum kf_status add_tickets(struct beside *b, struct kf_server *s, const struct kf_recv_options *o, const struct kf_log *log,
				  struct kf_tickets *tickets, struct kf_passed *passed, struct kf_error *err)
{
	struct kf_ticketservice_setup setup = {
		.base = kf_server_base(s), .log = log, .tickets = tickets, .port = tls_port, .ctx = s,
		.path = o->ticket_socket ? o->ticket_socket : KF_TICKET_SOCKET, .group = o->ticket_group, .fd = -1,
	};
	enum kf_status st;

	for (unsigned int i = 0; i < passed->count; i++)
		if (passed->sockets[i].use == KF_PASSED_TICKETS && setup.fd < 0) {
			setup.fd = passed->sockets[i].fd;
			passed->sockets[i].fd = -1;
		}
	if (setup.fd < 0 && !o->ticket_socket && !kf_server_tls_port(s))
		return KF_OK;
	st = kf_ticketservice_create(&b->tickets, &setup, err);
	if (!st || setup.fd >= 0 || o->ticket_socket)
		return st;
	if (!o->psk_dir && !o->tls_ca)
		return kf_prepend(err, "nobody could come by TLS without --psk-dir, --tls-ca with the others, or tickets");
	kf_log(log, st == KF_ABSENT ? KF_LOG_DEBUG : KF_LOG_ERROR, "no tickets for those who come by SSH: %s", err->text);
	return KF_OK;
}

/* Whoever sends on standard input, or reads a file, needs no keys, and might not be allowed to read them. */
static enum kf_status open_tls(const struct kf_recv_options *o, struct kf_tickets *tickets, struct kf_tls_server **tls, struct kf_error *err)
{
	const struct kf_tls_trust trust = { .psk_dir = o->psk_dir, .files = { .ca = o->tls_ca, .cert = o->tls_cert, .key = o->tls_key } };
	const struct kf_keyring ring = kf_tickets_keyring(tickets);
	enum kf_status st = o->stdio || o->replay ? KF_OK : kf_tls_open(tls, &trust, err);

	if (!st && !*tls && !o->stdio && !o->replay)	/* those who come with a ticket need nothing else */
		st = kf_tls_server_create(tls, NULL, err);
	if (!st && *tls)
		kf_tls_server_add(*tls, &ring);
	return st;
}

static enum kf_status serve_with(const struct kf_recv_options *o, const struct kf_log *log, const struct kf_notify *notify,
				 struct kf_passed *passed, struct kf_error *err)
{
	static const enum kf_recompress_when recompress[] = {
		[KF_RECV_NEVER] = KF_RECOMPRESS_NEVER, [KF_RECV_AUTO] = KF_RECOMPRESS_AUTO, [KF_RECV_ALWAYS] = KF_RECOMPRESS_ALWAYS,
	};
	struct kf_server_setup setup = {
		.log = log, .program = PROGRAM " " KF_PROGRAM_VERSION, .dir = o->dir, .io = o->verify ? &kf_io_nowhere : &kf_io_system,
		.verify = o->verify,
		.threads = o->threads ? o->threads : online_cpus(),
		.idle_ms = o->idle_seconds * 1000, .plaintext = o->plaintext,
		.once = o->once || o->stdio || o->replay,
		.recover = !o->stdio && !o->replay, .resumes = !o->replay, .resume_ms = o->resume_seconds * 1000,
		.max_sessions = (unsigned int)o->max_sessions, .max_per_peer = (unsigned int)o->max_per_peer,
		.max_dump_bytes = o->max_dump_bytes,
		.recompress = o->replay ? KF_RECOMPRESS_NEVER : recompress[o->recompress],	/* a file waits for nobody */
		.pace = KF_PACE_DEFAULT, .notify = notify,
	};
	struct kf_tickets *tickets = kf_tickets_create();
	struct beside beside = { 0 };
	struct kf_server *s = NULL;
	struct kf_tls_server *tls = NULL;
	enum kf_status st = tickets ? open_tls(o, tickets, &tls, err) : kf_fail(err, KF_FAILED, "no memory for tickets");

	setup.tls = tls;
	setup.pace.sync_bytes = o->durable_bytes;
	setup.pace.sync_ms = o->durable_seconds * 1000;
	setup.pace.patience_ms = o->recompress_after * 1000;
	signal(SIGPIPE, SIG_IGN);	/* a sender that is gone is an error of a write */
	signal(SIGXFSZ, SIG_IGN);	/* and so is a limit on the size of files */
	if (!st)
		st = kf_server_create(&s, &setup, err);
	if (!st && o->stdio)
		st = add_stdio(&beside, s, o, log, err);
	else if (!st && o->replay)
		st = add_replay(s, o->replay, err);
	else if (!st)
		st = add_listeners(s, o, passed, err);
	if (!st && !o->stdio && !o->replay)
		st = add_tickets(&beside, s, o, log, tickets, passed, err);
	if (!st) {
		st = kf_server_run(s);
		err->text[0] = '\0';	/* how a session ended was said when it did */
	}
	kf_stdio_destroy(beside.stdio);
	kf_ticketservice_destroy(beside.tickets);
	kf_server_destroy(s);
	kf_tls_server_destroy(tls);
	kf_tickets_destroy(tickets);
	return st;
}

static enum kf_status serve(const struct kf_recv_options *o, const struct kf_log *log, struct kf_error *err)
{
	struct kf_passed passed;
	struct kf_notify notify;
	enum kf_status st = kf_notify_init(&notify, err);

	if (st)
		return st;
	st = kf_passed_take(&passed, err);
	if (!st)
		st = serve_with(o, log, &notify, &passed, err);
	kf_passed_close(&passed);
	kf_notify_deinit(&notify);
	return st;
}

static enum kf_status make_key(const struct kf_recv_options *o, struct kf_error *err)
{
	enum kf_status st = kf_pskdir_new_key(o->psk_dir, o->new_key, err);

	if (!st)
		printf("%s/%s\nkferry-send --to tls://SERVER --psk %s:FILE VMCORE\n", o->psk_dir, o->new_key, o->new_key);
	return st;
}

static void help(void)
{
	printf("Usage: " PROGRAM " --dir DIR [--listen tls://ADDR:PORT]... [--once]\n"
	       "       " PROGRAM " --dir DIR --stdio | --replay STREAM\n"
	       "       " PROGRAM " --psk-dir DIR --new-key ID\n"
	       "       " PROGRAM " [--config FILE] --check-config\n"
	       "       " PROGRAM " --print STREAM\n"
	       "       " PROGRAM " --verify STREAM-OR-DUMP\n\n");
	kf_options_help(kf_recv_commands, stdout);
	printf("\nSettings, each of them also a line `name = value` of the configuration file; what is typed wins:\n");
	kf_options_help(kf_recv_settings, stdout);
}

static enum kf_status act(const struct kf_recv_options *o, const struct kf_log *log, struct kf_error *err)
{
	if (o->check_config)
		return kf_check_config(o, log);
	return o->new_key ? make_key(o, err) : o->print ? print_stream(o, err) : o->verify ? verify(o, log, err) : serve(o, log, err);
}

/* Frames of a quarter of a MiB come and go thousands of times in each second. Left to itself malloc gives their pages back to the system
 * and takes new ones, which cost more than all that is checked in them. */
static void keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 8 << 20);
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

int main(int argc, char **argv)
{
	struct kf_log log = { .out = stderr, .level = KF_LOG_DEFAULT, .program = PROGRAM };
	struct kf_recv_options o;
	struct kf_error err = { 0 };
	enum kf_status st;

	/* What a dump holds is for its owner's eyes only, whatever the caller's umask. */
	umask(0077);
	keep_memory();
	st = kf_recv_options_get(&o, argc, argv, &err);
	if (!st) {
		log.level = o.message_level;
		if (o.help)
			help();
		else if (o.version)
			printf(PROGRAM " " KF_PROGRAM_VERSION "\n");
		else
			st = act(&o, &log, &err);
	}
	if (st && err.text[0])
		kf_log(&log, KF_LOG_ERROR, "%s", err.text);
	kf_recv_options_deinit(&o);
	return kf_exit_code(st);
}
