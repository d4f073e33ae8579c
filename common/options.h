/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options: one table for the command line, the configuration file and the kernel command line. */
#ifndef KF_OPTIONS_H
#define KF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/status.h"

/* A table ends with an entry whose name is NULL. All its texts are constant. */
struct kf_option {
	const char *name;	/* long name, without dashes */
	char letter;		/* short name, or 0 */
	const char *arg;	/* what its value is called in the help; NULL if it takes none */
	const char *help;	/* one line */
	/* VALUE is NULL for an option without one; it lives only during the call. */
	enum kf_status (*set)(void *context, const char *value, struct kf_error *err);
};

/* Sets all options of argv in their order; *OPERANDS gets the index of the first operand, behind
 * which there are only operands. Errors name the option and point to --help. */
enum kf_status kf_options_args(const struct kf_option *table, void *context, int argc, char **argv,
			       int *operands, struct kf_error *err) kf_must_check;

/* Sets options from a file of lines `option = value` or `option`; # begins a comment. */
enum kf_status kf_options_file(const struct kf_option *table, void *context, const char *path,
			       struct kf_error *err) kf_must_check;

/* Sets options from the words `kferry.option=value` of a kernel command line; an underscore may stand for
 * a dash, as the kernel has it. Other words are passed over. A word that is wrong is passed over too, and the first of
 * them is the error returned once all the others are set: a dump must not be lost to a slip there. */
enum kf_status kf_options_kernel(const struct kf_option *table, void *context, const char *cmdline,
				 struct kf_error *err) kf_must_check;

void kf_options_help(const struct kf_option *table, FILE *out);

/* VALUE as a decimal number in MIN..MAX inclusive. */
enum kf_status kf_option_number(const char *value, uint64_t min, uint64_t max, uint64_t *out,
				struct kf_error *err) kf_must_check;

#endif
