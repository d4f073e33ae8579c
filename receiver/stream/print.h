/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The printer: the consumer that shows a stream, in either direction, or a journal to people. */
#ifndef KF_PRINT_H
#define KF_PRINT_H

#include <stdio.h>

#include "receiver/stream/consumer.h"

/* Needs nothing but a place to print to; lives in its caller. */
struct kf_printer {
	FILE *out;		/* borrowed */
	bool all;		/* lists whole, the kernel's texts, each packed page's size; else the first few of a list */
	uint64_t at;		/* byte of the stream at which the next message begins */
	uint64_t messages;	/* so far */
	enum kf_type last;	/* the last one's type, */
	enum kf_end_reason reason;	/* what it said if it was END, */
	bool whole;		/* and whether it says that the dump is whole */
};

/* Prints one line for each message, and one for each list in it. No byte of a page is printed, and no token: a hash stands for
 * them. */
struct kf_consumer kf_printer_consumer(struct kf_printer *p);

/* Prints one message behind what stands in the line: a space, its name, its fields; no line end. */
void kf_print_message(const struct kf_printer *p, const struct kf_message *m);

/* Reads a whole stream (a sender's or a receiver's direction) or a journal from FD and prints it up to its end or to the first
 * damage; the last line says whether it is whole, and if not at which byte. KF_OK if it is, KF_INCOMPLETE if it ends without END
 * (STORED), says itself that the dump is not whole, or is a journal that ends with a damaged record, KF_INVALID if it breaks the
 * protocol. */
enum kf_status kf_print_stream(FILE *out, int fd, bool all, struct kf_error *err) kf_must_check;

/* The same of a journal alone, which is a file: it is read from its beginning, wherever FD stands. */
enum kf_status kf_print_journal(struct kf_printer *p, int fd, struct kf_error *err) kf_must_check;

#endif
