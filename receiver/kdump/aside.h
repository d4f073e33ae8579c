/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where tables lie: while a dump grows far behind its pages, at its end right behind them. */
#ifndef KF_ASIDE_H
#define KF_ASIDE_H

#include "receiver/kdump/dumpfile.h"

/*
 *     while it grows      headers | pages ...            (a hole)           | table | table
 *     at its end          headers | pages ............ | table
 *
 * Pages never move in the file, so a table among them would stay a part of its size for good. So the tables of a
 * dump that grows are written behind all that its pages can come to take; the last one goes behind the pages, and when
 * block 0 points to it the file is cut off there. Where the file system cannot make holes, or the format
 * cannot point so far, tables are appended among the pages.
 *
 * To be called by the one thread that may make a checkpoint, or before there is any.
 */

/* Tables lie aside from now on, if they can; those that later cannot, at a limit on the size of files, go among the pages. One connection brings each of RAM_PAGES pages once at most. Nothing has been
 * written at the end of the file and behind it. */
void kf_aside_begin(struct kf_dumpfile *d, uint64_t ram_pages);

/*
 * The same for a file of an earlier connection, the pages of which end at DATA_END: puts its table aside, and END goes behind the pages.
 * If that cannot be END goes behind all that is there. KF_FAILED if it is not known which table block 0 points to.
 */
enum kf_status kf_aside_resume(struct kf_dumpfile *d, uint64_t data_end, uint64_t ram_pages, struct kf_error *err) kf_must_check;

/* Takes the place of TABLE, of which the size is known, and writes its last byte: readers want the bitmaps inside the file, also
 * where they end with a hole. LAST: behind the pages. KF_REFUSED if the format cannot point there. */
enum kf_status kf_aside_place(struct kf_dumpfile *d, struct kf_extent *table, bool last, struct kf_error *err) kf_must_check;

/* Cuts the file off behind its table, which block 0 points to on disk and behind which nothing is in use. */
void kf_aside_trim(struct kf_dumpfile *d);

/* Whether the table lies aside, where the pages end at DATA_END. */
bool kf_aside_is(const struct kf_dumpfile *d, uint64_t data_end);

/* Such a table is the one that block 0 points to, and nobody writes pages: what lies between them and it is given back, and END goes
 * behind the pages. False if that cannot be: all stays as it is. */
bool kf_aside_clear(struct kf_dumpfile *d, uint64_t data_end);

/* Puts a copy of the table, which lies aside, behind the pages, switches to it, and trims. After a failure the one
 * that lies aside is still valid. The flag INCOMPLETE stays as it is. */
enum kf_status kf_aside_lower(struct kf_dumpfile *d, struct kf_error *err) kf_must_check;

/* Where the pages end that the table names, bytes. */
enum kf_status kf_aside_pages_end(const struct kf_dumpfile *d, uint64_t *end, struct kf_error *err) kf_must_check;

#endif
