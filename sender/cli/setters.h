/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of sender/cli share: how values are set and kept, and the options on trust. */
#ifndef KF_SETTERS_H
#define KF_SETTERS_H

#include "sender/cli/options.h"

#define SETTER(name) enum kf_status kf_set_##name(void *context, const char *value, struct kf_error *err)

/* A copy of VALUE, which lives as long as O, goes to *WHERE. */
enum kf_status kf_send_keep(struct kf_send_options *o, const char **where, const char *value, struct kf_error *err) kf_must_check;

SETTER(known_hosts);
SETTER(host_key);
SETTER(ssh_key);
SETTER(passphrase_fd);
SETTER(remote_command);
SETTER(psk);
SETTER(tls_ca);
SETTER(tls_cert);
SETTER(tls_key);
SETTER(tls_name);
SETTER(connect_timeout);

#define KF_TRUST_OPTIONS \
	{ "ssh-key", 0, "FILE", "a private key to log in with; several may be given (~/.ssh/id_ed25519, id_ecdsa, id_rsa)", kf_set_ssh_key }, \
	{ "passphrase-fd", 0, "N", "the private keys' passphrase is read from this descriptor", kf_set_passphrase_fd }, \
	{ "known-hosts", 0, "FILE", "which host keys are trusted (~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts)", kf_set_known_hosts }, \
	{ "host-key", 0, "SHA256:...", "trust this host key instead, and no other; several may be given", kf_set_host_key }, \
	{ "remote-command", 0, "COMMAND", "what ssh runs there (kferry-recv --stdio)", kf_set_remote_command }, \
	{ "psk", 0, "ID:FILE", "tls: who we are, and the key that the receiver has for it", kf_set_psk }, \
	{ "tls-ca", 0, "FILE", "tls without --psk: who signs the server's certificate", kf_set_tls_ca }, \
	{ "tls-cert", 0, "FILE", "our certificate", kf_set_tls_cert }, \
	{ "tls-key", 0, "FILE", "and its private key", kf_set_tls_key }, \
	{ "tls-name", 0, "NAME", "what stands in the server's certificate (the target's HOST)", kf_set_tls_name }, \
	{ "connect-timeout", 0, "SECONDS", "for connecting, proving who is who, and logging in (20)", kf_set_connect_timeout },

/* KF_INVALID if what was given is not all of one kind. */
enum kf_status kf_trust_check(const struct kf_trust *t, struct kf_error *err) kf_must_check;

/* The line that FD gives, without its end, in memory that is not swapped out; NULL: ERR says why. */
char *kf_passphrase_read(int fd, struct kf_error *err);
void kf_passphrase_free(char *passphrase);	/* wiped; NULL is allowed */

#endif
