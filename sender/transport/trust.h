/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a sender trusts, and what it shows of itself: what tls:// and ssh:// need besides a target. */
#ifndef KF_TRUST_H
#define KF_TRUST_H

#define KF_HOST_KEYS_MAX 8
#define KF_SSH_KEYS_MAX 8

struct kf_target;

/* What earlier connections have taught. */
struct kf_trust_past {
	const struct kf_target *tls_silent;	/* of ssh+tls://: TLS let us in there, and then nothing came by it */
};

/* All strings are borrowed and live as long as the transports. */
struct kf_trust {
	struct kf_trust_past *past;	/* may be NULL */
	/* ssh */
	const char *known_hosts;	/* path; NULL: the user's file, and the system's */
	const char *host_keys[KF_HOST_KEYS_MAX];	/* pinned, "SHA256:BASE64" as ssh-keygen -l has it; with any, no file is looked at */
	unsigned int host_key_count;
	const char *ssh_keys[KF_SSH_KEYS_MAX];	/* paths of private keys; none: the user's own of the usual names */
	unsigned int ssh_key_count;
	const char *passphrase;		/* of the private keys; NULL if none was given */
	const char *remote_command;	/* what ssh runs */
	/* tls */
	const char *psk_id, *psk_file;	/* NULL: certificates */
	const char *tls_ca, *tls_cert, *tls_key;	/* paths, PEM */
	const char *tls_name;		/* the server's, if it is not the target's HOST; or NULL */
	/* both */
	/* Gets lines for people, e.g. what the command that ssh runs writes to its standard error; NULL: nobody does. Called by the thread that
	 * has the transport. */
	void (*say)(void *context, const char *line);
	void *say_context;
	int connect_ms;			/* until the peer is known and has let us in; for all addresses together */
};

#endif
