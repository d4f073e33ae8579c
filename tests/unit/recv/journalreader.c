// SPDX-License-Identifier: GPL-2.0-or-later
// A reader of journals; see journalreader.h. Numbers are written out on purpose: nothing here comes from the receiver.
#include "tests/unit/recv/journalreader.h"

#include <string.h>

static uint64_t num(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	memcpy(&v, p, bytes);
	return v;
}

static uint32_t crc32c(const uint8_t *p, size_t len)
{
	static uint32_t table[256];
	uint32_t crc = ~0u;

	for (uint32_t i = 0; !table[1] && i < 256; i++) {
		table[255 - i] = 255 - i;
		for (int bit = 0; bit < 8; bit++)
			table[255 - i] = table[255 - i] >> 1 ^ (table[255 - i] & 1 ? 0x82f63b78 : 0);
	}
	while (len--)
		crc = table[(crc ^ *p++) & 0xff] ^ crc >> 8;
	return ~crc;
}

/* Pages of the window that is open; they count when it is closed. */
static const char *take_pages(const struct journal_view *v, struct journal_page *open, const uint8_t *p, size_t len)
{
	uint64_t at, end, runs, entry;

	if (len < 32)
		return "PAGES is too short";
	at = num(p, 8);
	end = at + num(p + 8, 4);
	runs = num(p + 12, 4);
	entry = 32 + 16 * runs;
	for (uint64_t r = 0; r < runs; r++) {
		const uint8_t *run = p + 32 + 16 * r;

		if (entry > len)
			return "the runs of PAGES are cut";
		for (uint64_t i = 0; i < num(run + 8, 4); i++) {
			uint64_t pfn = num(run, 8) + i;

			if (pfn >= PLAN_PFNS)
				return "PAGES names a page that does not exist";
			if (open[pfn].there || v->pages[pfn].there)
				return "a page comes twice";
			open[pfn] = (struct journal_page){ .there = true };
			if (num(run + 12, 4) == 1)
				continue;
			if (entry + 4 > len)
				return "the entries of PAGES are cut";
			open[pfn].offset = at;
			open[pfn].size = (uint32_t)num(p + entry, 3);
			open[pfn].flags = p[entry + 3];
			at += open[pfn].size;
			entry += 4;
		}
	}
	return at == end && entry == len ? NULL : "PAGES does not add up";
}

static void close_window(struct journal_view *v, struct journal_page *open)
{
	for (int pfn = 0; pfn < PLAN_PFNS; pfn++)
		if (open[pfn].there)
			v->pages[pfn] = open[pfn];
	memset(open, 0, sizeof(struct journal_page[PLAN_PFNS]));
}

/* Behind the digest part the payload of WINDOW: u32 flags, u32 runs, u64 first, u64 end. */
static const char *take_window(struct journal_view *v, struct journal_page *open, const uint8_t *p, size_t len)
{
	if (len < 16 + 24)
		return "WINDOW is too short";
	if (num(p + 16, 4) & 1) {
		v->vital = true;
	} else {
		if (num(p + 24, 8) != v->pfn)
			return "WINDOW does not begin where the one before ended";
		v->pfn = num(p + 32, 8);
	}
	close_window(v, open);
	return NULL;
}

static const char *take_record(struct journal_view *v, struct journal_page *open, unsigned int *seen, uint64_t type,
			       const uint8_t *body, size_t len)
{
	if (type < 1 || type > 7 || (type == 7 && len))
		return "a record of an unknown type";
	*seen |= 1u << type;
	if (type == 4) {
		v->zero_page = num(body, 8);
		v->intro = *seen == 0x1e;
	}
	if (type >= 5 && !v->intro)
		return "pages before the intro";
	return type == 5 ? take_pages(v, open, body, len) : type == 6 ? take_window(v, open, body, len) : NULL;
}

const char *journal_view(struct journal_view *v, const uint8_t *bytes, size_t len)
{
	static struct journal_page open[PLAN_PFNS];
	unsigned int seen = 0;
	size_t at = 16;
	const char *wrong;

	memset(v, 0, sizeof(*v));
	memset(open, 0, sizeof(open));
	if (len < 16 || memcmp(bytes, "KFJOURN\n\2\0\0\0", 12) != 0 || num(bytes + 12, 4) != crc32c(bytes, 12))
		return len ? "no header" : NULL;
	v->used = at;
	while (len - at >= 16 && num(bytes + at + 12, 4) == crc32c(bytes + at, 12)) {
		size_t body = num(bytes + at + 4, 4);

		if (body > len - at - 16 || num(bytes + at + 8, 4) != crc32c(bytes + at + 16, body))
			break;
		wrong = take_record(v, open, &seen, num(bytes + at, 4), bytes + at + 16, body);
		if (wrong)
			return wrong;
		at += 16 + body;
		v->used = at;
	}
	return NULL;
}
