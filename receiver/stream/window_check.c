// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a window's verdicts and the pages that came are the same thing; see window_check.h.
#include "receiver/stream/window_check.h"

#include <inttypes.h>

/* Ascending ranges from one of two kinds of table, clipped to a window. */
struct source {
	const char *what;		/* what its pages are, for the refusal */
	const struct kf_pfnset *set;	/* or, if NULL, */
	const struct kf_ranges *list;
	size_t next;
	uint64_t limit;			/* pfn, exclusive */
	struct kf_range head;		/* empty at limit when there are no more */
};

static void step(struct source *s)
{
	size_t count = s->set ? s->set->count : s->list ? s->list->count : 0;

	s->head = (struct kf_range){ s->limit, s->limit };
	if (s->next >= count)
		return;
	s->head = s->set ? s->set->ranges[s->next] : kf_range_at(s->list, (uint32_t)s->next);
	s->next++;
	if (s->head.first >= s->limit)
		s->head = (struct kf_range){ s->limit, s->limit };
	else if (s->head.end > s->limit)
		s->head.end = s->limit;
}

static void start_set(struct source *s, const char *what, const struct kf_pfnset *set, uint64_t first, uint64_t limit)
{
	*s = (struct source){ .what = what, .set = set, .limit = limit, .next = kf_pfnset_find(set, first) };
	step(s);
	if (s->head.first < first)
		s->head.first = first;
}

static void start_list(struct source *s, const char *what, const struct kf_ranges *list, uint64_t limit)
{
	*s = (struct source){ .what = what, .list = list, .limit = limit };
	step(s);
}

/* Takes all of RANGE out of the sources, which must have each of its pages exactly once and no page
 * before it. */
static enum kf_status consume(struct source *sources, size_t count, struct kf_range range, struct kf_error *err)
{
	while (range.first < range.end) {
		struct source *found = NULL;

		for (size_t i = 0; i < count; i++) {
			struct source *s = &sources[i];

			if (s->head.first < range.first || (found && s->head.first == range.first))
				return kf_fail(err, KF_INVALID, "page 0x%" PRIx64 " is %s, but not among the kept, or twice",
					       s->head.first, s->what);
			if (s->head.first == range.first && s->head.end > s->head.first)
				found = s;
		}
		if (!found)
			return kf_fail(err, KF_INVALID, "page 0x%" PRIx64 " is kept but did not come", range.first);
		if (found->head.end > range.end)
			return kf_fail(err, KF_INVALID, "page 0x%" PRIx64 " is %s, but not among the kept",
				       range.end, found->what);
		range.first = found->head.end;
		step(found);
	}
	return KF_OK;
}

static enum kf_status nothing_left(const struct source *sources, size_t count, struct kf_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (sources[i].head.first < sources[i].head.end)
			return kf_fail(err, KF_INVALID, "page 0x%" PRIx64 " is %s, but not among the kept",
				       sources[i].head.first, sources[i].what);
	return KF_OK;
}

/* Verdict bits of kept ranges, summed up group by group. */
struct verdict_words {
	struct kf_sum128 *sum;
	uint64_t group, word;
};

static void put_kept(struct verdict_words *v, struct kf_range kept)
{
	for (uint64_t group = kept.first / 64; group <= (kept.end - 1) / 64; group++) {
		uint64_t mask = ~0ull;

		if (group != v->group) {
			kf_sum_verdicts(v->sum, v->group, &v->word, 1);
			v->group = group;
			v->word = 0;
		}
		if (group == kept.first / 64)
			mask &= ~0ull << (kept.first % 64);
		if (group == (kept.end - 1) / 64)
			mask &= ~0ull >> (63 - (kept.end - 1) % 64);
		v->word |= mask;
	}
}

static enum kf_status check_counts(const struct kf_window *w, const struct kf_window_facts *facts, struct kf_error *err)
{
	uint64_t pages = 0, ram = kf_pfnset_count(facts->ram, (struct kf_range){ w->first, w->end });

	for (int i = 0; i < KF_CLASSES; i++)
		pages += w->tally.pages[i];
	if (pages != ram)
		return kf_fail(err, KF_INVALID, "it counts %" PRIu64 " pages where %" PRIu64 " are RAM", pages, ram);
	if (w->tally.zero != facts->zero_pages)
		return kf_fail(err, KF_INVALID, "it counts %" PRIu64 " zero pages, %" PRIu64 " came",
			       w->tally.zero, facts->zero_pages);
	return KF_OK;
}

enum kf_status kf_window_check(const struct kf_window *w, const struct kf_window_facts *facts,
			       struct kf_sum128 *verdicts, struct kf_error *err)
{
	struct kf_reader runs = kf_reader_on(w->runs, w->runs_bytes);
	struct verdict_words words = { .sum = verdicts };
	struct source sources[3];
	uint64_t pfn = w->first;
	struct kf_range kept;
	enum kf_status st = check_counts(w, facts, err);

	*verdicts = (struct kf_sum128){ 0 };
	/* Also what came of pages beyond its end, which would come once more in their own window. */
	start_set(&sources[0], "in a batch", facts->arrived, w->first, KF_PFN_MAX);
	start_set(&sources[1], "vital", facts->vital, w->first, w->end);
	start_list(&sources[2], "unreadable", &w->unreadable, w->end);
	while (!st && kf_verdict_next(&runs, &pfn, &kept)) {
		if (!kf_pfnset_covers(facts->ram, kept))
			return kf_fail(err, KF_INVALID, "it keeps pages of [0x%" PRIx64 ", 0x%" PRIx64 ") that are not RAM",
				       kept.first, kept.end);
		st = consume(sources, 3, kept, err);
		if (!st)
			put_kept(&words, kept);
	}
	kf_sum_verdicts(verdicts, words.group, &words.word, 1);
	return st ? st : nothing_left(sources, 3, err);
}

enum kf_status kf_vital_check(const struct kf_window *w, const struct kf_window_facts *facts, struct kf_error *err)
{
	struct source sources[2];
	enum kf_status st = KF_OK;

	if (w->tally.zero != facts->zero_pages)
		return kf_fail(err, KF_INVALID, "it counts %" PRIu64 " zero pages, %" PRIu64 " came",
			       w->tally.zero, facts->zero_pages);
	start_set(&sources[0], "in a batch", facts->arrived, 0, KF_PFN_MAX);
	start_list(&sources[1], "unreadable", &w->unreadable, KF_PFN_MAX);
	for (size_t i = 0; !st && i < facts->vital->count; i++)
		st = consume(sources, 2, facts->vital->ranges[i], err);
	return st ? st : nothing_left(sources, 2, err);
}
