/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump of a made-up machine into a saved stream, and the stream held against what the machine is. */
#ifndef STREAM_SENDING_H
#define STREAM_SENDING_H

#include "sender/dump/dump.h"
#include "tests/unit/image/scene.h"
#include "tests/unit/stream/reading.h"

struct sending {
	struct scene scene;
	char path[128];		/* of the stream; where the dump is sent */
	struct kf_target target;	/* the same */
};

/* 200 MiB and a few pages, of kernel 6.12. */
extern const struct machine_plan sending_small;

/* A filled scene with some pages that are not zeros, written as a vmcore. */
void sending_create(struct sending *s, const struct machine_plan *plan);
void sending_destroy(struct sending *s);

/* What a command line without options would set, but for one thread. It points into S. */
struct kf_dump_setup sending_setup(const struct sending *s, unsigned int level, enum kf_wire_codec codec);

/* Sends into a new stream; what was there before is removed. Nothing is printed. */
enum kf_status sending_run(const struct sending *s, const struct kf_dump_setup *setup, struct kf_error *err);

/* Reads the stream of a whole dump: RAM, verdicts and the bytes of every page must be the scene's at LEVEL. */
void sending_check(struct sending *s, struct reading *r, const char *name, unsigned int level);

/* The same where parts of the vmcore could not be read: no page that is to be kept is left out without a word, and none has
 * other bytes. */
void sending_check_honest(struct sending *s, struct reading *r, const char *name, unsigned int level);

#endif
