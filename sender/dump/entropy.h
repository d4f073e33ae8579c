/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers in a capture kernel that has just started. */
#ifndef KF_ENTROPY_H
#define KF_ENTROPY_H

#include "common/log.h"
#include "sender/vmcore/vmcore.h"

#define KF_ENTROPY_BYTES 64

/*
 * Keys for TLS and SSH need random numbers. A kernel before 5.4 has none until it has seen enough interrupts, which in a capture kernel, with one CPU
 * and a disk that nobody reads, may take minutes or for ever; OpenSSL waits for it. So if they are not ready the kernel is given a seed: a
 * hash of the crashed kernel's memory, which nobody knows who has not the dump, and of how long reading it took. It is mixed into what the
 * kernel has; it takes nothing away from it.
 */
struct kf_entropy_ops {
	bool (*ready)(void);
	/* Mixes SEED in and calls it enough; false if that is not allowed. */
	bool (*add)(const uint8_t seed[KF_ENTROPY_BYTES]);
};

extern const struct kf_entropy_ops kf_entropy_system;

/* Says to LOG what was done. That nothing could be done is no failure: it only may take its time. */
void kf_entropy_ensure(const struct kf_entropy_ops *ops, const struct kf_vmcore *vc, const struct kf_log *log);

#endif
