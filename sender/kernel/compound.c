// SPDX-License-Identifier: GPL-2.0-or-later
// Compound pages by era of the kernel: the first rule whose keys are there holds. See compound.h.
//
// Facts: the kernel's Documentation/admin-guide/kdump/vmcoreinfo.rst.
#include "sender/kernel/compound.h"

#include <inttypes.h>

#include "sender/kernel/version.h"

/* The field of WIDTH bytes (1, 2, 4 or 8) at offset AT of a struct page, which KEY led to. */
static enum kf_status field(const struct kf_layout *l, enum kf_key key, uint64_t at, unsigned int width, struct kf_field *out,
			    struct kf_error *err)
{
	if (at > l->size - width || at % width)
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s, byte %" PRId64 " of a struct page of %" PRIu32 " bytes",
			       kf_key_text(key), (int64_t)at, l->size);
	*out = (struct kf_field){
		.word = (uint32_t)(at - at % 8), .shift = (unsigned int)(at % 8 * 8), .mask = UINT64_MAX >> (64 - 8 * width),
	};
	return KF_OK;
}

static void order_in_flags(struct kf_layout *l)
{
	l->order = (struct kf_field){ .word = l->flags, .mask = 0xff };
}

/* 6.9 and later: hugetlb is a type of page. */
static bool has_type(const struct kf_vmcoreinfo *vi)
{
	return kf_has(vi, KF_KEY_NUM_HUGETLB) && kf_has(vi, KF_KEY_OFF_PAGE_MAPCOUNT);
}

static enum kf_status by_type(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	order_in_flags(l);
	l->hugetlb_in_head = true;
	l->hugetlb_values[0] = l->hugetlb_values[1] = (uint32_t)vi->value[KF_KEY_NUM_HUGETLB];
	return field(l, KF_KEY_OFF_PAGE_MAPCOUNT, l->mapcount, 4, &l->hugetlb, err);
}

/* 6.6 to 6.8: a flag of the first tail. */
static bool has_flag(const struct kf_vmcoreinfo *vi)
{
	return kf_has(vi, KF_KEY_NUM_PG_HUGETLB);
}

static enum kf_status by_flag(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	(void)err;
	order_in_flags(l);
	l->hugetlb = (struct kf_field){ .word = l->flags, .shift = (unsigned int)vi->value[KF_KEY_NUM_PG_HUGETLB], .mask = 1 };
	return KF_OK;
}

/* The destructor is an id, or before 4.4 a function. A kernel that exports neither does not tell its hugetlb pages. */
static bool take_destructors(struct kf_layout *l, const struct kf_vmcoreinfo *vi)
{
	bool id = kf_has(vi, KF_KEY_NUM_HUGETLB_DTOR), function = kf_has(vi, KF_KEY_SYM_FREE_HUGE_PAGE);

	if (!id && !function)
		return false;
	l->hugetlb_values[0] = vi->value[id ? KF_KEY_NUM_HUGETLB_DTOR : KF_KEY_SYM_FREE_HUGE_PAGE];
	l->hugetlb_values[1] = vi->value[function ? KF_KEY_SYM_FREE_HUGE_PAGE : KF_KEY_NUM_HUGETLB_DTOR];
	return true;
}

/* 6.3 to 6.5: offsets are counted from the folio's start, and lie in its second struct page. */
static bool has_folio(const struct kf_vmcoreinfo *vi)
{
	return kf_has(vi, KF_KEY_OFF_FOLIO_ORDER);
}

static enum kf_status in_folio(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	if (field(l, KF_KEY_OFF_FOLIO_ORDER, vi->value[KF_KEY_OFF_FOLIO_ORDER] - l->size, 1, &l->order, err))
		return err->status;
	if (!kf_has(vi, KF_KEY_OFF_FOLIO_DTOR) || !take_destructors(l, vi))
		return KF_OK;
	return field(l, KF_KEY_OFF_FOLIO_DTOR, vi->value[KF_KEY_OFF_FOLIO_DTOR] - l->size, 1, &l->hugetlb, err);
}

/* 4.6 to 6.2. The version decides the width of the two fields, which no key describes. */
static bool has_page(const struct kf_vmcoreinfo *vi)
{
	return kf_has(vi, KF_KEY_OFF_PAGE_COMPOUND_ORDER);
}

static enum kf_status in_page(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	bool wide = kf_older_than(vi, 4, 16, 0);
	unsigned int destructor = kf_older_than(vi, 4, 4, 0) ? 8 : wide ? 2 : 1;

	if (field(l, KF_KEY_OFF_PAGE_COMPOUND_ORDER, vi->value[KF_KEY_OFF_PAGE_COMPOUND_ORDER], wide ? 2 : 1, &l->order, err))
		return err->status;
	if (!kf_has(vi, KF_KEY_OFF_PAGE_COMPOUND_DTOR) || !take_destructors(l, vi))
		return KF_OK;
	return field(l, KF_KEY_OFF_PAGE_COMPOUND_DTOR, vi->value[KF_KEY_OFF_PAGE_COMPOUND_DTOR], destructor, &l->hugetlb, err);
}

/* Before 4.4 both lay in the first tail's list_head, and nothing but the version tells that they do. */
static bool has_list(const struct kf_vmcoreinfo *vi)
{
	return kf_older_than(vi, 4, 4, 0) && kf_has(vi, KF_KEY_OFF_PAGE_LRU) && kf_has(vi, KF_KEY_OFF_LIST_PREV) &&
	       kf_has(vi, KF_KEY_OFF_LIST_NEXT);
}

static enum kf_status in_list(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t lru = vi->value[KF_KEY_OFF_PAGE_LRU];

	if (field(l, KF_KEY_OFF_PAGE_LRU, lru + vi->value[KF_KEY_OFF_LIST_PREV], 2, &l->order, err))
		return err->status;
	if (!kf_has(vi, KF_KEY_SYM_FREE_HUGE_PAGE))
		return KF_OK;
	l->hugetlb_values[0] = l->hugetlb_values[1] = vi->value[KF_KEY_SYM_FREE_HUGE_PAGE];
	return field(l, KF_KEY_OFF_PAGE_LRU, lru + vi->value[KF_KEY_OFF_LIST_NEXT], 8, &l->hugetlb, err);
}

static const struct {
	bool (*fits)(const struct kf_vmcoreinfo *vi);
	enum kf_status (*take)(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err);
} rules[] = {
	{ has_type, by_type },
	{ has_flag, by_flag },
	{ has_folio, in_folio },
	{ has_page, in_page },
	{ has_list, in_list },
};

enum kf_status kf_compound_init(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	/* A field that is not there reads as 0, which neither value may be. */
	l->hugetlb_values[0] = l->hugetlb_values[1] = 1;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].fits(vi))
			return rules[i].take(l, vi, err);
	return KF_OK;
}
