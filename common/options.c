// SPDX-License-Identifier: GPL-2.0-or-later
// Options from the command line, a file and the kernel command line; see options.h.
#include "common/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 64	/* entries of a table */

static const struct kf_option *by_name(const struct kf_option *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static enum kf_status set(const struct kf_option *o, void *context, const char *value, struct kf_error *err)
{
	if (o->arg && !value)
		return kf_fail(err, KF_INVALID, "--%s needs a value (%s)", o->name, o->arg);
	if (!o->arg && value)
		return kf_fail(err, KF_INVALID, "--%s takes no value", o->name);
	return o->set(context, value, err) ? kf_prepend(err, "--%s", o->name) : KF_OK;
}

/* What getopt_long() wants; val is the index in our table plus a number no letter has. */
#define FIRST_LONG 256

static void for_getopt(const struct kf_option *table, struct option *longs, char *letters)
{
	*letters++ = ':';	/* tell a missing value from an unknown option, and print nothing */
	for (int i = 0; i < OPTIONS_MAX && table[i].name; i++) {
		longs[i] = (struct option){
			.name = table[i].name, .has_arg = table[i].arg ? required_argument : no_argument,
			.val = FIRST_LONG + i,
		};
		longs[i + 1] = (struct option){ 0 };
		if (!table[i].letter)
			continue;
		*letters++ = table[i].letter;
		if (table[i].arg)
			*letters++ = ':';
	}
	*letters = '\0';
}

static const struct kf_option *found(const struct kf_option *table, int c)
{
	if (c >= FIRST_LONG)
		return &table[c - FIRST_LONG];
	for (; table->name; table++)
		if (table->letter == c)
			return table;
	return NULL;
}

/* C is what getopt_long() gave. optind may not have moved yet when letters stand together, but optopt is the letter. */
static enum kf_status refused(int c, const char *word, struct kf_error *err)
{
	const char *why = c == ':' ? "needs a value" : "is no option of this program";

	if (optopt > 0 && optopt < FIRST_LONG)
		return kf_fail(err, KF_INVALID, "-%c %s; see --help", optopt, why);
	return kf_fail(err, KF_INVALID, "%s %s; see --help", word, why);
}

enum kf_status kf_options_args(const struct kf_option *table, void *context, int argc, char **argv,
			       int *operands, struct kf_error *err)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 2];
	int c;

	for_getopt(table, longs, letters);
	optind = 0;	/* not 1: begins anew even if another line was parsed before */
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct kf_option *o = c == '?' || c == ':' ? NULL : found(table, c);
		enum kf_status st;

		if (!o)
			return refused(c, argv[optind - 1], err);
		st = set(o, context, o->arg ? optarg : NULL, err);
		if (st)
			return st;
	}
	*operands = optind;
	return KF_OK;
}

static char *trimmed(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

static enum kf_status set_line(const struct kf_option *table, void *context, char *line, struct kf_error *err)
{
	char *name, *value;
	const struct kf_option *o;

	line[strcspn(line, "#\n")] = '\0';
	name = trimmed(line);
	if (!*name)
		return KF_OK;
	value = strchr(name, '=');
	if (value) {
		*value = '\0';
		value = trimmed(value + 1);
		name = trimmed(name);
	}
	o = by_name(table, name);
	if (!o)
		return kf_fail(err, KF_INVALID, "no option is called '%s'", name);
	return set(o, context, value, err);
}

enum kf_status kf_options_file(const struct kf_option *table, void *context, const char *path,
			       struct kf_error *err)
{
	FILE *f = fopen(path, "re");
	enum kf_status st = KF_OK;
	char line[4096];
	int number = 0;

	if (!f)
		return kf_fail_errno(err, "%s", path);
	while (!st && fgets(line, sizeof(line), f)) {
		number++;
		st = set_line(table, context, line, err);
		if (st)
			kf_prepend(err, "%s:%d", path, number);
	}
	fclose(f);
	return st;
}

enum kf_status kf_options_kernel(const struct kf_option *table, void *context, const char *cmdline,
				 struct kf_error *err)
{
	static const char prefix[] = "kferry.";
	enum kf_status first = KF_OK;

	while (*cmdline) {
		size_t len = strcspn(cmdline, " \t\n");
		char word[4096], shown[256];
		struct kf_error why;

		if (len >= sizeof(word) || strncmp(cmdline, prefix, sizeof(prefix) - 1) != 0) {
			cmdline += len + strspn(cmdline + len, " \t\n");
			continue;
		}
		memcpy(word, cmdline, len);
		word[len] = '\0';
		for (char *p = word; *p && *p != '='; p++)
			if (*p == '_')
				*p = '-';
		snprintf(shown, sizeof(shown), "%.200s", word);
		if (set_line(table, context, word + sizeof(prefix) - 1, &why) && !first) {
			*err = why;
			first = kf_prepend(err, "kernel command line, '%s'", shown);
		}
		cmdline += len + strspn(cmdline + len, " \t\n");
	}
	return first;
}

void kf_options_help(const struct kf_option *table, FILE *out)
{
	for (; table->name; table++) {
		char left[64], letter[8] = "   ";

		if (table->letter)
			snprintf(letter, sizeof(letter), "-%c,", table->letter);
		snprintf(left, sizeof(left), "%s --%s%s%s", letter, table->name, table->arg ? " " : "",
			 table->arg ? table->arg : "");
		fprintf(out, "  %-34s %s\n", left, table->help);
	}
}

enum kf_status kf_option_number(const char *value, uint64_t min, uint64_t max, uint64_t *out,
				struct kf_error *err)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || v < min || v > max)
		return kf_fail(err, KF_INVALID, "'%s' is no number from %" PRIu64 " to %" PRIu64, value, min, max);
	*out = v;
	return KF_OK;
}
