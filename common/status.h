/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a function says that it failed: a small status for the machine, a text for people. */
#ifndef KF_STATUS_H
#define KF_STATUS_H

/*
 * The status is what a caller may act upon; the text is only ever shown. A function that fails
 * writes one line without a final newline into the caller's struct kf_error, and each caller on
 * the way up may prepend what it was doing: "DIR: cannot make directory: Permission denied".
 * Nothing is allocated on this path. A struct kf_error need not be initialised before a call and
 * is left alone by a call that succeeds.
 */
enum kf_status {
	KF_OK = 0,
	KF_FAILED,	/* the system said no: the text ends with its reason */
	KF_INVALID,	/* the input (a file, a frame, an option) breaks its format */
	KF_MISMATCH,	/* two inputs that must belong together do not (exit status 2) */
	KF_INCOMPLETE,	/* ended in order, but not whole (exit status 3) */
	KF_ABSENT,	/* what was asked for is not there; often not an error for the caller */
	KF_REFUSED,	/* the other end refused, and said why */
};

/* Long enough for two paths and a sentence; longer texts are cut, never overrun. */
#define KF_ERROR_TEXT 512

struct kf_error {
	enum kf_status status;
	char text[KF_ERROR_TEXT];
};

#define kf_must_check __attribute__((warn_unused_result))
#define kf_printf(fmt, args) __attribute__((format(printf, fmt, args)))

/*
 * kf_fail(err, status, fmt, ...) sets the text and gives STATUS, so that `return kf_fail(err, KF_INVALID, "...")` reads
 * well. kf_fail_errno(err, fmt, ...) appends ": " and the text of the current errno, and gives KF_FAILED. They are macros
 * so that a compiler or checker, which does not see into another file, knows that what they give is no KF_OK.
 */
#define kf_fail(err, status, ...) __extension__({ kf_set_error((err), (status), __VA_ARGS__); (enum kf_status)(status); })
#define kf_fail_errno(err, ...) __extension__({ kf_set_error_errno((err), __VA_ARGS__); (enum kf_status)KF_FAILED; })

void kf_set_error(struct kf_error *err, enum kf_status status, const char *fmt, ...) kf_printf(3, 4);
void kf_set_error_errno(struct kf_error *err, const char *fmt, ...) kf_printf(2, 3);

/* Puts the formatted text and ": " before what err holds; returns err's status. */
enum kf_status kf_prepend(struct kf_error *err, const char *fmt, ...) kf_printf(2, 3);

/* The exit status of a program that ends with STATUS: 0, 1, 2 (KF_MISMATCH) or 3 (KF_INCOMPLETE). */
int kf_exit_code(enum kf_status status);

#endif
