/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the printer shows fields that several messages have. */
#ifndef KF_PRINT_FIELDS_H
#define KF_PRINT_FIELDS_H

#include "receiver/stream/print.h"

#define KF_PRINT_SHOWN 4	/* ranges or runs of a list, unless all is asked for */

/* Every text begins with the space or the line end that parts it from what was printed before, and has no byte that a terminal
 * would obey. */
void kf_print_string(const struct kf_printer *p, const char *name, const struct kf_string *s);
void kf_print_hex(const struct kf_printer *p, const char *name, const uint8_t *bytes, size_t len);
/* A hash of a secret, by which two can be compared. */
void kf_print_secret(const struct kf_printer *p, const char *name, const uint8_t *bytes, size_t len);
void kf_print_range(const struct kf_printer *p, struct kf_range r);
/* Nothing if the list is empty. */
void kf_print_ranges(const struct kf_printer *p, const char *name, const struct kf_ranges *list);
/* Runs of pages as BATCH and the journal have them. */
void kf_print_runs(const struct kf_printer *p, const uint8_t *runs, uint32_t count);
/* The verdict runs of a window, with the pages of each. */
void kf_print_verdicts(const struct kf_printer *p, const struct kf_window *w);
void kf_print_tally(const struct kf_printer *p, const struct kf_tally *t);
void kf_print_carry(const struct kf_printer *p, const char *name, const struct kf_carry *c);
/* Text of the dead kernel, in lines of its own, if all is asked for. */
void kf_print_text(const struct kf_printer *p, const uint8_t *bytes, size_t len);
/* Entries of the data pages of RUNS: what each takes, and its codec; if all is asked for. ENTRIES are u32 each, kf_entry. */
void kf_print_entries(const struct kf_printer *p, const uint8_t *runs, uint32_t run_count, const uint8_t *entries);

#endif
