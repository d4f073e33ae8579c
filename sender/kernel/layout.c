// SPDX-License-Identifier: GPL-2.0-or-later
// From VMCOREINFO's keys to the layout of struct page; see layout.h.
//
// Facts: the kernel's Documentation/admin-guide/kdump/vmcoreinfo.rst. Which rule holds is decided by which keys are
// there, never by a version number where a key decides: distributors backport keys.
#include "sender/kernel/layout.h"

#include <inttypes.h>

#include "sender/kernel/compound.h"

#define SIZE_PAGE_MAX 256u	/* 64 on today's kernels, 56 or 80 on some */
#define BUDDY_ORDERS_MAX 41u	/* 11 on today's kernels; what is more is damage */

/* A flag's mask from its bit number; 0 if the key is absent and no OTHERWISE (-1) stands for it. */
static uint64_t flag(const struct kf_vmcoreinfo *vi, enum kf_key key, int otherwise)
{
	uint64_t bit = kf_value(vi, key, (uint64_t)otherwise);

	return bit < 64 ? 1ull << bit : 0;
}

static enum kf_status require(const struct kf_vmcoreinfo *vi, enum kf_key key, struct kf_error *err)
{
	return kf_has(vi, key) ? KF_OK : kf_fail(err, KF_ABSENT, "VMCOREINFO has no %s", kf_key_text(key));
}

/* OFFSET keys; ROOM is what is read there, in bytes, which lies where compilers put it: at a multiple of its size. */
static enum kf_status offset(const struct kf_layout *l, const struct kf_vmcoreinfo *vi, enum kf_key key, uint32_t room,
			     uint32_t *out, struct kf_error *err)
{
	uint64_t v = kf_value(vi, key, 0);

	if (v > l->size - room || v % room)
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64 " in a struct page of %" PRIu32 " bytes",
			       kf_key_text(key), (int64_t)v, l->size);
	*out = (uint32_t)v;
	return KF_OK;
}

/* Two fields in one place: a damaged or foreign VMCOREINFO, by which every page would be judged wrongly. */
static enum kf_status check_apart(const struct kf_layout *l, const struct kf_vmcoreinfo *vi, enum kf_key compound,
				  struct kf_error *err)
{
	const struct { enum kf_key key; uint32_t at, bytes; } fields[] = {
		{ KF_KEY_OFF_PAGE_FLAGS, l->flags, 8 }, { KF_KEY_OFF_PAGE_MAPPING, l->mapping, 8 },
		{ KF_KEY_OFF_PAGE_MAPCOUNT, l->mapcount, 4 }, { KF_KEY_OFF_PAGE_PRIVATE, l->private_, 8 },
		{ compound, l->compound, 8 },
	};
	const size_t n = sizeof(fields) / sizeof(fields[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (kf_has(vi, fields[i].key) && kf_has(vi, fields[k].key) &&
			    fields[i].at < fields[k].at + fields[k].bytes && fields[k].at < fields[i].at + fields[i].bytes)
				return kf_fail(err, KF_INVALID, "VMCOREINFO has %s and %s in one place", kf_key_text(fields[i].key),
					       kf_key_text(fields[k].key));
	return KF_OK;
}

/* Bit numbers and page types that no kernel can have. A type is a negative number; -1 is the count of an unmapped page. */
static enum kf_status check_numbers(const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	static const enum kf_key bits[] = {
		KF_KEY_NUM_PG_LRU, KF_KEY_NUM_PG_PRIVATE, KF_KEY_NUM_PG_SWAPCACHE, KF_KEY_NUM_PG_SWAPBACKED,
		KF_KEY_NUM_PG_SLAB, KF_KEY_NUM_PG_HWPOISON, KF_KEY_NUM_PG_HUGETLB,
	};
	static const enum kf_key types[] = {
		KF_KEY_NUM_BUDDY, KF_KEY_NUM_SLAB, KF_KEY_NUM_HUGETLB, KF_KEY_NUM_OFFLINE, KF_KEY_NUM_UNACCEPTED,
	};
	uint64_t head = kf_value(vi, KF_KEY_NUM_PG_HEAD_MASK, 1), orders = kf_value(vi, KF_KEY_LEN_FREE_AREA, 1);

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (kf_value(vi, bits[i], 0) > 63)
			return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(bits[i]), (int64_t)vi->value[bits[i]]);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int64_t v = (int64_t)kf_value(vi, types[i], (uint64_t)-2);

		if (v > -2 || v < INT32_MIN)
			return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(types[i]), v);
	}
	if (head == 0 || (head & (head - 1)))
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(KF_KEY_NUM_PG_HEAD_MASK), (int64_t)head);
	if ((int64_t)kf_value(vi, KF_KEY_NUM_HUGETLB_DTOR, 1) < 1)	/* 0 is a compound page's that has none */
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(KF_KEY_NUM_HUGETLB_DTOR),
			       (int64_t)vi->value[KF_KEY_NUM_HUGETLB_DTOR]);
	if (orders == 0 || orders > BUDDY_ORDERS_MAX)
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(KF_KEY_LEN_FREE_AREA), (int64_t)orders);
	return KF_OK;
}

static enum kf_status take_offsets(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	enum kf_key compound = kf_has(vi, KF_KEY_OFF_PAGE_COMPOUND_INFO) ? KF_KEY_OFF_PAGE_COMPOUND_INFO
									   : KF_KEY_OFF_PAGE_COMPOUND_HEAD;

	if (require(vi, KF_KEY_SIZE_PAGE, err) || require(vi, KF_KEY_OFF_PAGE_FLAGS, err) ||
	    require(vi, KF_KEY_OFF_PAGE_MAPPING, err))
		return err->status;
	if (!kf_has(vi, KF_KEY_OFF_PAGE_COUNT) && require(vi, KF_KEY_OFF_PAGE_REFCOUNT, err))
		return err->status;
	if (vi->value[KF_KEY_SIZE_PAGE] < 32 || vi->value[KF_KEY_SIZE_PAGE] > SIZE_PAGE_MAX || vi->value[KF_KEY_SIZE_PAGE] % 8)
		return kf_fail(err, KF_INVALID, "VMCOREINFO says SIZE(page)=%" PRId64, (int64_t)vi->value[KF_KEY_SIZE_PAGE]);
	l->size = (uint32_t)vi->value[KF_KEY_SIZE_PAGE];
	l->has_compound = kf_has(vi, compound);
	if (offset(l, vi, KF_KEY_OFF_PAGE_FLAGS, 8, &l->flags, err) || offset(l, vi, KF_KEY_OFF_PAGE_MAPPING, 8, &l->mapping, err) ||
	    offset(l, vi, KF_KEY_OFF_PAGE_MAPCOUNT, 4, &l->mapcount, err) ||
	    offset(l, vi, KF_KEY_OFF_PAGE_PRIVATE, 8, &l->private_, err) || offset(l, vi, compound, 8, &l->compound, err))
		return err->status;
	return check_apart(l, vi, compound, err);
}

static void take_flags(struct kf_layout *l, const struct kf_vmcoreinfo *vi)
{
	uint64_t private_bit = kf_value(vi, KF_KEY_NUM_PG_PRIVATE, 11), swapcache_bit = kf_value(vi, KF_KEY_NUM_PG_SWAPCACHE, 15);

	l->lru = flag(vi, KF_KEY_NUM_PG_LRU, 5);
	l->private_flag = flag(vi, KF_KEY_NUM_PG_PRIVATE, 11);
	l->swapcache = flag(vi, KF_KEY_NUM_PG_SWAPCACHE, 15);
	/* Before it was exported, PG_swapbacked stood 6 above PG_private where PG_swapcache stood below it. */
	l->swapbacked = flag(vi, KF_KEY_NUM_PG_SWAPBACKED, swapcache_bit < private_bit ? (int)private_bit + 6 : -1);
	l->head = kf_value(vi, KF_KEY_NUM_PG_HEAD_MASK, 1ull << 14);
	l->hwpoison = flag(vi, KF_KEY_NUM_PG_HWPOISON, -1);
	/* Where a page type says slab, an unexported PG_slab is gone, and its old bit means something else. */
	l->slab_flag = flag(vi, KF_KEY_NUM_PG_SLAB, kf_has(vi, KF_KEY_NUM_SLAB) ? -1 : 7);
}

static void take_types(struct kf_layout *l, const struct kf_vmcoreinfo *vi)
{
	bool word = kf_has(vi, KF_KEY_OFF_PAGE_MAPCOUNT);

	l->has_buddy = word && kf_has(vi, KF_KEY_OFF_PAGE_PRIVATE) && kf_has(vi, KF_KEY_NUM_BUDDY);
	l->has_slab = word && kf_has(vi, KF_KEY_NUM_SLAB);
	l->has_offline = word && kf_has(vi, KF_KEY_NUM_OFFLINE);
	l->has_unaccepted = word && kf_has(vi, KF_KEY_NUM_UNACCEPTED) && kf_has(vi, KF_KEY_LEN_FREE_AREA);
	l->buddy = (uint32_t)kf_value(vi, KF_KEY_NUM_BUDDY, 0);
	l->slab = (uint32_t)kf_value(vi, KF_KEY_NUM_SLAB, 0);
	l->offline = (uint32_t)kf_value(vi, KF_KEY_NUM_OFFLINE, 0);
	l->unaccepted = (uint32_t)kf_value(vi, KF_KEY_NUM_UNACCEPTED, 0);
	l->buddy_orders = (uint32_t)kf_value(vi, KF_KEY_LEN_FREE_AREA, 0);
}

enum kf_status kf_layout_init(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	*l = (struct kf_layout){ 0 };
	if (take_offsets(l, vi, err) || check_numbers(vi, err))
		return err->status;
	take_flags(l, vi);
	take_types(l, vi);
	return kf_compound_init(l, vi, err);
}

bool kf_layout_must_scan(const struct kf_layout *l, unsigned int level)
{
	return (level & (2 | 4 | 8)) || l->hwpoison || ((level & 16) && (l->has_buddy || l->has_unaccepted));
}
