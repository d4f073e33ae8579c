/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of the local socket for tickets: made with the right owner and mode, and who may use it. */
#ifndef KF_TICKETSOCKET_FILE_H
#define KF_TICKETSOCKET_FILE_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "common/status.h"

struct kf_socketfile {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];	/* "" if it has none */
	bool made;		/* by us, and so ours to remove */
	dev_t dev;		/* of the file that we made: */
	ino_t ino;		/* another may lie there by now */
	gid_t group;		/* whose members may ask */
};

/* Binds a new socket of type SOCK_SEQPACKET, which the caller owns, to PATH with mode 0660. A socket that nobody listens on is
 * replaced. See struct kf_ticketsocket_setup for GROUP and the statuses. */
enum kf_status kf_socketfile_make(struct kf_socketfile *f, const char *path, const char *group, int *fd,
				  struct kf_error *err) kf_must_check;
/* Of a socket that somebody else made. KF_INVALID if it is of another kind. */
enum kf_status kf_socketfile_adopt(struct kf_socketfile *f, int fd, struct kf_error *err) kf_must_check;
void kf_socketfile_remove(struct kf_socketfile *f);

/* Whether the process at the other end of connection FD may ask. KF_REFUSED says who it is. */
enum kf_status kf_socketfile_may_ask(const struct kf_socketfile *f, int fd, struct kf_error *err) kf_must_check;

#endif
