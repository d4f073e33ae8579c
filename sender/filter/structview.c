// SPDX-License-Identifier: GPL-2.0-or-later
// Struct pages, block by block; see structview.h.
#include "sender/filter/structview.h"

#include <stdlib.h>
#include <string.h>

#include "sender/vmcore/guard.h"
#include "sender/vmcore/physread.h"

/* No page is smaller: a piece of struct pages inside it lies in one page. */
#define PIECE 4096u

enum kf_status kf_structview_init(struct kf_structview *v, struct kf_kernel *kernel, struct kf_error *err)
{
	*v = (struct kf_structview){ .kernel = kernel };
	kf_map_init(&v->map, kernel->vc);
	kf_judge_init(&v->judge, &kernel->layout, 0);
	v->copy = malloc((size_t)KF_BLOCK_PFNS * kernel->layout.size);
	return v->copy ? KF_OK : kf_fail(err, KF_FAILED, "no memory for struct pages");
}

void kf_structview_deinit(struct kf_structview *v)
{
	kf_map_deinit(&v->map);
	free(v->copy);
	v->copy = NULL;
}

struct in_place {
	const struct kf_judge *judge;
	struct kf_struct_pages sp;
	uint64_t first, end;
	struct kf_judged *out;
};

static void judge_in_place(void *arg)
{
	struct in_place *a = arg;

	a->out->damaged = 0;
	a->out->excluded_count = kf_classify(a->judge, &a->sp, a->first, a->end, a->out->excluded, &a->out->damaged);
}

/* Where BYTES at VA lie, if one entry of the page tables maps them all. */
static bool translate(struct kf_structview *v, uint64_t va, size_t bytes, uint64_t *paddr)
{
	if (va - v->va >= v->mapping.bytes && !kf_translate(&v->kernel->tr, v->va = va, &v->mapping)) {
		v->mapping.bytes = 0;
		return false;
	}
	*paddr = v->mapping.paddr + (va - v->va);
	return bytes <= v->mapping.bytes - (va - v->va);
}

/* True if the whole block [base, limit) lies mapped in one piece and was read without a fault. */
static bool try_in_place(struct kf_structview *v, uint64_t base, uint64_t limit, uint64_t first,
			 uint64_t end, uint64_t va, struct kf_judged *out)
{
	size_t want = (size_t)(limit - base) * v->kernel->layout.size, len;
	struct in_place a = {
		.judge = &v->judge, .sp = { .base = base, .end = limit },
		.first = first, .end = end, .out = out,
	};
	uint64_t paddr;

	if (!translate(v, va, want, &paddr))
		return false;
	a.sp.bytes = kf_map_at(&v->map, paddr, want, &len);
	if (!a.sp.bytes || len < want)
		return false;
	return kf_guarded(judge_in_place, &a);
}

/* Copies the block, piece by piece of its memory; BAD[i] tells which struct pages lack a byte. */
static void copy_block(struct kf_structview *v, uint64_t va, size_t bytes, bool bad[KF_BLOCK_PFNS])
{
	size_t size = v->kernel->layout.size;

	memset(bad, 0, KF_BLOCK_PFNS * sizeof(bad[0]));
	for (size_t at = 0; at < bytes;) {
		size_t n = PIECE - (size_t)((va + at) % PIECE);

		n = n < bytes - at ? n : bytes - at;
		if (!kf_virt_read(&v->kernel->tr, va + at, v->copy + at, n))
			for (size_t i = at / size; i <= (at + n - 1) / size; i++)
				bad[i] = true;
		at += n;
	}
}

static void judge_copy(struct kf_structview *v, uint64_t base, uint64_t limit, uint64_t first, uint64_t end, uint64_t va,
		       struct kf_judged *out)
{
	bool bad[KF_BLOCK_PFNS];

	copy_block(v, va, (size_t)(limit - base) * v->kernel->layout.size, bad);
	out->excluded_count = out->damaged = 0;
	for (uint64_t pfn = first; pfn < end;) {
		struct kf_struct_pages sp = { .bytes = v->copy, .base = base };
		uint64_t from = pfn;
		bool unreadable = bad[pfn - base];

		while (pfn < end && bad[pfn - base] == unreadable)
			pfn++;
		if (unreadable) {
			out->undecided[out->undecided_count++] = (struct kf_range){ from, pfn };
			continue;
		}
		/* The last one before a hole must not look at its neighbour; that of the range's end may. */
		sp.end = pfn < limit && bad[pfn - base] ? pfn : pfn == end ? limit : pfn;
		out->excluded_count += kf_classify(&v->judge, &sp, from, pfn, out->excluded + out->excluded_count, &out->damaged);
		if (out->excluded_count) {
			const struct kf_excluded *last = &out->excluded[out->excluded_count - 1];

			if (last->first + last->pages > pfn)	/* reaches over what comes next */
				pfn = last->first + last->pages < end ? last->first + last->pages : end;
		}
	}
}

void kf_structview_judge(struct kf_structview *v, unsigned int level, uint64_t first, uint64_t end, struct kf_judged *out)
{
	uint64_t base = first - first % KF_BLOCK_PFNS, limit = base + KF_BLOCK_PFNS, va;

	if (level != v->judge.level)
		kf_judge_init(&v->judge, &v->kernel->layout, level);
	if (first < v->range.first || first >= v->range.end)
		kf_memmap_find(&v->kernel->memmap, first, &v->range);
	out->excluded_count = out->undecided_count = out->damaged = 0;
	out->end = end = end < v->range.end ? end : v->range.end;
	if (!v->range.has) {
		if (v->range.unknown)
			out->undecided[out->undecided_count++] = (struct kf_range){ first, end };
		return;
	}
	/* The block's struct pages that are there. Those in front of FIRST are none of our business, but with them the same
	 * bytes are looked at wherever a scan begins; those behind END may be a first tail's. */
	base = base > v->range.first ? base : v->range.first;
	limit = limit < v->range.end ? limit : v->range.end;
	out->end = end = end < limit ? end : limit;
	va = v->range.va + (base - v->range.first) * v->kernel->layout.size;
	if (!try_in_place(v, base, limit, first, end, va, out))
		judge_copy(v, base, limit, first, end, va, out);
	v->damaged += out->damaged;
}
