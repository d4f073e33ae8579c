// SPDX-License-Identifier: GPL-2.0-or-later
// From VMCOREINFO's keys to the layout of struct page; see layout.h.
//
// Facts: the kernel's Documentation/admin-guide/kdump/vmcoreinfo.rst. Which rule holds is decided by which keys are
// there, never by a version number where a key decides: distributors backport keys.
#include "sender/kernel/layout.h"

#include <inttypes.h>
#include <string.h>

#include "sender/kernel/compound.h"

/* struct page in words of 8 bytes: 8 on today's kernels, 7 or 10 on some. */
#define PAGE_WORDS_MIN 4u
#define PAGE_WORDS_MAX 32u

/* A flag's mask from its bit number, or OTHERWISE if the key is absent. */
static uint64_t flag(const struct kf_vmcoreinfo *vi, enum kf_key key, uint64_t otherwise)
{
	return kf_has(vi, key) ? 1ull << vi->value[key] : otherwise;
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

/* Two fields in one word of 8 bytes: a damaged or foreign VMCOREINFO, by which every page would be judged wrongly. All fields
 * but one fill their word. */
static enum kf_status check_apart(const struct kf_layout *l, const struct kf_vmcoreinfo *vi, enum kf_key compound,
				  struct kf_error *err)
{
	const struct { enum kf_key key; uint32_t at; } fields[] = {
		{ KF_KEY_OFF_PAGE_FLAGS, l->flags }, { KF_KEY_OFF_PAGE_MAPPING, l->mapping }, { KF_KEY_OFF_PAGE_MAPCOUNT, l->mapcount },
		{ KF_KEY_OFF_PAGE_PRIVATE, l->private_ }, { compound, l->compound },
	};
	enum kf_key owner[PAGE_WORDS_MAX];
	uint64_t owned = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		uint32_t word = fields[i].at / 8;

		if (!kf_has(vi, fields[i].key))
			continue;
		if (owned & 1ull << word)
			return kf_fail(err, KF_INVALID, "VMCOREINFO has %s and %s in one place", kf_key_text(owner[word]),
				       kf_key_text(fields[i].key));
		owned |= 1ull << word;
		owner[word] = fields[i].key;
	}
	return KF_OK;
}

static enum kf_status impossible(const struct kf_vmcoreinfo *vi, enum kf_key key, struct kf_error *err)
{
	return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(key), (int64_t)vi->value[key]);
}

/* What each number may be, both ends inclusive. */
#define BIT 0, 63
#define TYPE INT32_MIN, -2		/* -1 is the count of an unmapped page */
#define DESTRUCTOR 1, INT64_MAX		/* 0 is a compound page's that has none */
#define BUDDY_ORDERS 1, 41		/* 11 on today's kernels; what is more is damage */

/* Numbers that no kernel can have. */
static enum kf_status check_numbers(const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	static const struct { enum kf_key key; int64_t low, high; } numbers[] = {
		{ KF_KEY_NUM_PG_LRU, BIT }, { KF_KEY_NUM_PG_PRIVATE, BIT }, { KF_KEY_NUM_PG_SWAPCACHE, BIT },
		{ KF_KEY_NUM_PG_SWAPBACKED, BIT }, { KF_KEY_NUM_PG_SLAB, BIT }, { KF_KEY_NUM_PG_HWPOISON, BIT },
		{ KF_KEY_NUM_PG_HUGETLB, BIT },
		{ KF_KEY_NUM_BUDDY, TYPE }, { KF_KEY_NUM_SLAB, TYPE }, { KF_KEY_NUM_HUGETLB, TYPE }, { KF_KEY_NUM_OFFLINE, TYPE },
		{ KF_KEY_NUM_UNACCEPTED, TYPE },
		{ KF_KEY_NUM_HUGETLB_DTOR, DESTRUCTOR }, { KF_KEY_LEN_FREE_AREA, BUDDY_ORDERS },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		int64_t v = (int64_t)vi->value[numbers[i].key];

		if (kf_has(vi, numbers[i].key) && (v < numbers[i].low || v > numbers[i].high))
			return impossible(vi, numbers[i].key, err);
	}
	if (kf_has(vi, KF_KEY_NUM_PG_HEAD_MASK) && __builtin_popcountll(vi->value[KF_KEY_NUM_PG_HEAD_MASK]) != 1)
		return impossible(vi, KF_KEY_NUM_PG_HEAD_MASK, err);
	return KF_OK;
}

static enum kf_status take_offsets(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	enum kf_key compound = kf_has(vi, KF_KEY_OFF_PAGE_COMPOUND_INFO) ? KF_KEY_OFF_PAGE_COMPOUND_INFO
									   : KF_KEY_OFF_PAGE_COMPOUND_HEAD;
	uint64_t size = vi->value[KF_KEY_SIZE_PAGE], words = size / 8;

	if (require(vi, KF_KEY_SIZE_PAGE, err) || require(vi, KF_KEY_OFF_PAGE_FLAGS, err) ||
	    require(vi, KF_KEY_OFF_PAGE_MAPPING, err))
		return err->status;
	if (!kf_has(vi, KF_KEY_OFF_PAGE_COUNT) && require(vi, KF_KEY_OFF_PAGE_REFCOUNT, err))
		return err->status;
	if (size % 8 || words < PAGE_WORDS_MIN || words > PAGE_WORDS_MAX)
		return impossible(vi, KF_KEY_SIZE_PAGE, err);
	l->size = (uint32_t)size;
	l->has_compound = kf_has(vi, compound);
	if (offset(l, vi, KF_KEY_OFF_PAGE_FLAGS, 8, &l->flags, err) || offset(l, vi, KF_KEY_OFF_PAGE_MAPPING, 8, &l->mapping, err) ||
	    offset(l, vi, KF_KEY_OFF_PAGE_MAPCOUNT, 4, &l->mapcount, err) ||
	    offset(l, vi, KF_KEY_OFF_PAGE_PRIVATE, 8, &l->private_, err) || offset(l, vi, compound, 8, &l->compound, err))
		return err->status;
	return check_apart(l, vi, compound, err);
}

static void take_flags(struct kf_layout *l, const struct kf_vmcoreinfo *vi)
{
	l->lru = flag(vi, KF_KEY_NUM_PG_LRU, 1ull << 5);
	l->private_flag = flag(vi, KF_KEY_NUM_PG_PRIVATE, 1ull << 11);
	l->swapcache = flag(vi, KF_KEY_NUM_PG_SWAPCACHE, 1ull << 15);
	/* Before it was exported, PG_swapbacked stood 6 above PG_private where PG_swapcache stood below it. */
	l->swapbacked = flag(vi, KF_KEY_NUM_PG_SWAPBACKED, l->swapcache < l->private_flag ? l->private_flag << 6 : 0);
	l->head = kf_value(vi, KF_KEY_NUM_PG_HEAD_MASK, 1ull << 14);
	l->hwpoison = flag(vi, KF_KEY_NUM_PG_HWPOISON, 0);
	/* Where a page type says slab, an unexported PG_slab is gone, and its old bit means something else. */
	l->slab_flag = flag(vi, KF_KEY_NUM_PG_SLAB, kf_has(vi, KF_KEY_NUM_SLAB) ? 0 : 1ull << 7);
}

static void take_types(struct kf_layout *l, const struct kf_vmcoreinfo *vi)
{
	bool word = kf_has(vi, KF_KEY_OFF_PAGE_MAPCOUNT);

	l->has_buddy = word && kf_has(vi, KF_KEY_OFF_PAGE_PRIVATE) && kf_has(vi, KF_KEY_NUM_BUDDY);
	l->has_slab = word && kf_has(vi, KF_KEY_NUM_SLAB);
	l->has_offline = word && kf_has(vi, KF_KEY_NUM_OFFLINE);
	l->has_unaccepted = word && kf_has(vi, KF_KEY_NUM_UNACCEPTED) && kf_has(vi, KF_KEY_LEN_FREE_AREA);
	l->buddy = (uint32_t)vi->value[KF_KEY_NUM_BUDDY];
	l->slab = (uint32_t)vi->value[KF_KEY_NUM_SLAB];
	l->offline = (uint32_t)vi->value[KF_KEY_NUM_OFFLINE];
	l->unaccepted = (uint32_t)vi->value[KF_KEY_NUM_UNACCEPTED];
	l->buddy_orders = (uint32_t)kf_value(vi, KF_KEY_LEN_FREE_AREA, 0);
}

enum kf_status kf_layout_init(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	memset(l, 0, sizeof(*l));
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
