// SPDX-License-Identifier: GPL-2.0-or-later
// exec:COMMAND: the stream goes to the standard input of a command of the user's, whose standard output answers.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sender/transport/socket.h"
#include "sender/transport/transports.h"

/* A command that is told to go by the end of its input gets this long, and as long again after SIGTERM. */
#define GO_MS 2000
#define STEP_MS 20

struct own {
	pid_t child;	/* 0: gone */
};

/* In the child, between fork and exec: nothing but system calls. A session of its own, so that what it starts can be ended with it, and
 * so that nothing in it waits for an answer from a terminal: it fails, and says so. */
static _Noreturn void become(const char *command, int end)
{
	setsid();
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static enum kf_status exec_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	struct own *own = calloc(1, sizeof(*own));
	int ends[2];

	(void)trust;
	t->own = own;
	if (!own)
		return kf_fail(err, KF_FAILED, "exec: no memory");
	snprintf(t->name, sizeof(t->name), "exec:%.200s", target->path);
	/* A socket for both ways, like tcp's. The command's end blocks, as programs expect it of their standard input. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return kf_fail_errno(err, "%s", t->name);
	own->child = fork();
	if (own->child == 0)
		become(target->path, ends[1]);
	close(ends[1]);
	t->fd = ends[0];
	if (own->child < 0)
		return kf_fail_errno(err, "%s", t->name);
	if (fcntl(t->fd, F_SETFL, O_NONBLOCK))
		return kf_fail_errno(err, "%s", t->name);
	return KF_OK;
}

static void step(void)
{
	const struct timespec ts = { .tv_nsec = STEP_MS * 1000000l };

	nanosleep(&ts, NULL);
}

/* Whether the command is gone, within MS milliseconds; then *STATUS is what waitpid gives. */
static bool gone(struct own *own, int *status, int ms)
{
	for (;;) {
		if (waitpid(own->child, status, WNOHANG) != 0) {
			own->child = 0;
			return true;
		}
		if (ms <= 0)
			return false;
		step();
		ms -= STEP_MS;
	}
}

/* Why there will be no more bytes: how the command ended says more than that its pipe did. */
static ssize_t say_how(struct kf_transport *t, struct kf_error *err)
{
	struct own *own = t->own;
	int status;

	if (own->child <= 0 || !gone(own, &status, 10 * STEP_MS))
		kf_fail(err, KF_ABSENT, "%s: the command closed its side", t->name);
	else if (WIFSIGNALED(status))
		kf_fail(err, KF_ABSENT, "%s: the command was ended by SIG%s", t->name, sigabbrev_np(WTERMSIG(status)));
	else
		kf_fail(err, KF_ABSENT, "%s: the command ended with status %d", t->name, WEXITSTATUS(status));
	return -1;
}

static ssize_t exec_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	bool gone;
	ssize_t n = kf_socket_send(t, bytes, len, &gone, err);

	return gone ? say_how(t, err) : n;
}

static ssize_t exec_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	bool gone;
	ssize_t n = kf_socket_receive(t, bytes, size, &gone, err);

	return gone ? say_how(t, err) : n;
}

static enum kf_status exec_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;	/* lasting is what the receiver at its other end answers for */
	return KF_OK;
}

/* The end of its input ends a receiver. One that does not go is made to, with all of its process group. */
static void end_command(struct own *own)
{
	pid_t group = own->child;
	int status;

	if (group <= 0 || gone(own, &status, GO_MS))
		return;
	kill(-group, SIGTERM);
	if (gone(own, &status, GO_MS))
		return;
	kill(-group, SIGKILL);
	waitpid(group, &status, 0);
}

static void exec_close(struct kf_transport *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (t->own)
		end_command(t->own);
	free(t->own);
	t->own = NULL;
}

const struct kf_transport_ops kf_transport_exec = {
	.answers = true, .open = exec_open, .send = exec_send, .receive = exec_receive,
	.wait = kf_socket_wait, .flow = kf_socket_flow, .finish = exec_finish, .close = exec_close,
};
