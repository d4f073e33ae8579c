// SPDX-License-Identifier: GPL-2.0-or-later
// What a start would stumble over; see check.h. Each check says all that it finds and goes on.
#include "receiver/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/identity.h"
#include "proto/ticket.h"
#include "receiver/net/address.h"
#include "receiver/net/tls_dates.h"
#include "receiver/net/tls_open.h"
#include "receiver/net/tls_pskdir.h"

struct check {
	const struct kf_recv_options *o;
	const struct kf_log *log;
	unsigned int problems;
};

static void problem(struct check *c, const struct kf_error *err)
{
	kf_log(c->log, KF_LOG_ERROR, "%s", err->text);
	c->problems++;
}

/* What only root can read or write must not look right to root. Gone for good: this process does nothing else. */
static void become_owner(struct check *c, uid_t uid, gid_t gid)
{
	const struct passwd *p = getpwuid(uid);
	struct kf_error err;

	if ((p ? initgroups(p->pw_name, gid) : setgroups(0, NULL)) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid)) {
		kf_fail_errno(&err, "cannot look with the eyes of user %u, to whom --dir %s belongs", uid, c->o->dir);
		problem(c, &err);
	}
}

static void check_dir(struct check *c)
{
	const char *dir = c->o->dir;
	struct kf_error err;
	struct stat st;

	if (!dir) {
		kf_fail(&err, KF_INVALID, "--dir DIR is needed: where dumps are stored");
		problem(c, &err);
		return;
	}
	if (stat(dir, &st)) {
		kf_fail_errno(&err, "--dir %s", dir);
		problem(c, &err);
		return;
	}
	if (geteuid() == 0 && st.st_uid != 0)
		become_owner(c, st.st_uid, st.st_gid);
	if (!S_ISDIR(st.st_mode))
		kf_fail(&err, KF_INVALID, "--dir %s: not a directory", dir);
	else if (faccessat(AT_FDCWD, dir, R_OK | W_OK | X_OK, AT_EACCESS))
		kf_fail_errno(&err, "--dir %s: user %u cannot write there", dir, geteuid());
	else if (st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX))
		kf_fail(&err, KF_INVALID, "--dir %s: everybody can remove dumps there; chmod o-w", dir);
	else
		return;
	problem(c, &err);
}

static void check_key(struct check *c, const char *id)
{
	char path[PATH_MAX];
	uint8_t key[KF_PSK_BYTES];
	struct kf_error err;

	if (!kf_identity_is_good(id, strlen(id))) {
		kf_fail(&err, KF_INVALID, "--psk-dir %s: '%s' is no name of a host, nobody can come with this key", c->o->psk_dir, id);
		problem(c, &err);
		return;
	}
	if (snprintf(path, sizeof(path), "%s/%s", c->o->psk_dir, id) >= (int)sizeof(path))
		return;		/* --psk-dir itself is too long then, and does not open */
	if (kf_psk_read(path, key, &err))
		problem(c, &err);
	explicit_bzero(key, sizeof(key));
}

static void check_keys(struct check *c)
{
	DIR *d = c->o->psk_dir ? opendir(c->o->psk_dir) : NULL;
	const struct dirent *e;

	if (!d)
		return;		/* kf_tls_open says why */
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			check_key(c, e->d_name);
	closedir(d);
}

static void check_certificates(struct check *c)
{
	const char *dated[] = { c->o->tls_ca, c->o->tls_cert };
	struct kf_error err;

	for (size_t i = 0; i < sizeof(dated) / sizeof(dated[0]); i++)
		if (dated[i] && kf_tls_dates(dated[i], &err))
			problem(c, &err);
}

static void check_tls(struct check *c)
{
	const struct kf_tls_trust trust = { .psk_dir = c->o->psk_dir,
		.files = { .ca = c->o->tls_ca, .cert = c->o->tls_cert, .key = c->o->tls_key } };
	struct kf_tls_server *tls;
	struct kf_error err;

	if (kf_tls_open(&tls, &trust, &err))
		problem(c, &err);
	else
		kf_tls_server_destroy(tls);
	check_keys(c);
	check_certificates(c);
}

static void check_listeners(struct check *c)
{
	struct kf_error err;

	for (unsigned int i = 0; i < c->o->listen_count; i++) {
		const struct kf_target *t = &c->o->listen[i];

		if (t->scheme != KF_SCHEME_TCP && t->scheme != KF_SCHEME_TLS)
			kf_fail(&err, KF_INVALID, "--listen, %s port %s: only tls:// and tcp:// can be listened on", t->host, t->port);
		else if (t->scheme == KF_SCHEME_TCP && !c->o->plaintext && kf_address_is_elsewhere(t->host))
			kf_fail(&err, KF_INVALID, "--listen tcp, %s port %s: memory images would travel unencrypted; --allow-plaintext allows it",
				t->host, t->port);
		else
			continue;
		problem(c, &err);
	}
}

/* That of the default need not be there: then there are no tickets. */
static void check_tickets(struct check *c)
{
	const char *path = c->o->ticket_socket, *group = c->o->ticket_group, *slash = path ? strrchr(path, '/') : NULL;
	char dir[PATH_MAX];
	struct kf_error err;
	struct stat st;

	if (group && !getgrnam(group) && group[strspn(group, "0123456789")]) {
		kf_fail(&err, KF_INVALID, "--ticket-group '%s': there is no such group", group);
		problem(c, &err);
	}
	if (!slash || slash == path || snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path) >= (int)sizeof(dir) || !stat(dir, &st))
		return;
	kf_fail_errno(&err, "--ticket-socket %s", dir);
	problem(c, &err);
}

/* Who has neither key nor certificate comes by TLS with a ticket only, and the service must be able to make the socket for them. */
static void check_anybody(struct check *c)
{
	const char *path = c->o->ticket_socket ? c->o->ticket_socket : KF_TICKET_SOCKET, *slash = strrchr(path, '/');
	bool tls = false;
	char dir[PATH_MAX];
	struct kf_error err;

	for (unsigned int i = 0; i < c->o->listen_count; i++)
		tls = tls || c->o->listen[i].scheme == KF_SCHEME_TLS;
	if (!tls || c->o->psk_dir || c->o->tls_ca)
		return;
	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0)
		return;
	kf_fail_errno(&err, "--listen tls: nobody could come by TLS without --psk-dir, --tls-ca with the others, or tickets: --ticket-socket %s", path);
	problem(c, &err);
}

/* Whoever can write it can have dumps of all hosts stored where he likes. */
static void check_file(struct check *c)
{
	const char *path = c->o->config ? c->o->config : KF_RECV_CONFIG;
	struct kf_error err;
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return;
	kf_fail(&err, KF_INVALID, "%s: others can change it (mode %04o): chmod go-w", path, (unsigned int)st.st_mode & 07777);
	problem(c, &err);
}

enum kf_status kf_check_config(const struct kf_recv_options *o, const struct kf_log *log)
{
	struct check c = { .o = o, .log = log };

	check_file(&c);
	check_dir(&c);
	check_tls(&c);
	check_listeners(&c);
	check_tickets(&c);
	check_anybody(&c);
	if (c.problems)
		return KF_INVALID;
	puts("configuration is right");
	return KF_OK;
}
