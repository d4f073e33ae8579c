/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The printer: the consumer that shows a stream to people. */
#ifndef KF_PRINT_H
#define KF_PRINT_H

#include <stdio.h>

#include "receiver/stream/consumer.h"

/* Needs nothing but a place to print to; lives in its caller. */
struct kf_printer {
	FILE *out;		/* borrowed */
	uint64_t messages;	/* so far */
	enum kf_type last;	/* the last one's type, */
	enum kf_end_reason reason;	/* and what it said if it was END */
};

/* Prints one line for each message, and one for each list in it, of which only the first few ranges
 * are shown. No byte of a page or of the log is printed. */
struct kf_consumer kf_printer_consumer(struct kf_printer *p);

/* Reads a whole stream from FD and prints it; its last line says whether the stream is whole. KF_OK if it is,
 * KF_INCOMPLETE if it ends without END or END says so, KF_INVALID if it breaks the protocol. */
enum kf_status kf_print_stream(FILE *out, int fd, struct kf_error *err) kf_must_check;

#endif
