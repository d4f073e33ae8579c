// SPDX-License-Identifier: GPL-2.0-or-later
// The guarded accessor; see guard.h.
#include "sender/vmcore/guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

/* A signal handler has no context argument, so this one pointer cannot live in a struct. */
static _Thread_local sigjmp_buf *volatile way_out;

static void on_sigbus(int signal_number)
{
	if (way_out)
		siglongjmp(*way_out, 1);
	signal(signal_number, SIG_DFL);	/* the faulting access is tried again and ends the program */
}

enum kf_status kf_guard_install(struct kf_error *err)
{
	/* SA_NODEFER: the handler is left by a jump, which without saved mask would leave SIGBUS blocked. */
	struct sigaction sa = { .sa_handler = on_sigbus, .sa_flags = SA_NODEFER };

	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGBUS, &sa, NULL))
		return kf_fail_errno(err, "sigaction");
	return KF_OK;
}

bool kf_guarded(void (*fn)(void *arg), void *arg)
{
	sigjmp_buf here;
	bool whole = false;

	if (sigsetjmp(here, 0) == 0) {
		way_out = &here;
		fn(arg);
		whole = true;
	}
	way_out = NULL;
	return whole;
}
