// SPDX-License-Identifier: GPL-2.0-or-later
// DUMP: the facts that fix the layout and the header of the dump file.
#include <inttypes.h>

#include "proto/messages.h"

static bool rest_codec_known(uint32_t codec)
{
	switch (codec) {
	case KF_REST_RAW:
	case KF_REST_ZLIB:
	case KF_REST_LZO:
	case KF_REST_SNAPPY:
	case KF_REST_ZSTD:
		return true;
	default:
		return false;
	}
}

static enum kf_status check_sizes(const struct kf_dump *d, struct kf_error *err)
{
	if (d->page_shift < KF_PAGE_SHIFT_MIN || d->page_shift > KF_PAGE_SHIFT_MAX)
		return kf_fail(err, KF_INVALID, "page size 2^%" PRIu32, d->page_shift);
	if (d->max_mapnr == 0 || d->max_mapnr > KF_PFN_MAX)
		return kf_fail(err, KF_INVALID, "max_mapnr 0x%" PRIx64, d->max_mapnr);
	if (d->notes_bytes > KF_NOTES_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " bytes of notes", d->notes_bytes);
	if (d->vmcoreinfo_bytes > KF_BLOCK_MAX || d->vmcoreinfo_offset > d->notes_bytes ||
	    d->vmcoreinfo_bytes > d->notes_bytes - d->vmcoreinfo_offset)
		return kf_fail(err, KF_INVALID, "VMCOREINFO lies outside the notes");
	return KF_OK;
}

/* Each text must end inside its field, and only NULs may follow: readers copy the whole field. */
static enum kf_status get_uts(struct kf_reader *r, struct kf_dump *d, struct kf_error *err)
{
	for (int i = 0; i < KF_UTS_FIELDS; i++) {
		const uint8_t *p = kf_get_bytes(r, KF_UTS_BYTES);
		size_t len;

		if (!p)
			return KF_OK;
		len = strnlen((const char *)p, KF_UTS_BYTES);
		for (size_t k = len; k < KF_UTS_BYTES; k++)
			if (p[k])
				return kf_fail(err, KF_INVALID, "utsname field %d has bytes behind its end", i);
		if (len == KF_UTS_BYTES)
			return kf_fail(err, KF_INVALID, "utsname field %d does not end", i);
		memcpy(d->uts[i], p, KF_UTS_BYTES);
	}
	return KF_OK;
}

static enum kf_status decode_dump(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_dump *d = &m->dump;
	uint32_t rest;
	enum kf_status st;

	d->page_shift = kf_get_u32(r);
	d->nr_cpus = kf_get_u32(r);
	d->max_mapnr = kf_get_u64(r);
	d->phys_base = kf_get_u64(r);
	d->crash_time = kf_get_u64(r);
	d->notes_bytes = kf_get_u64(r);
	d->vmcoreinfo_offset = kf_get_u64(r);
	d->vmcoreinfo_bytes = kf_get_u32(r);
	d->level = kf_get_u32(r);
	rest = kf_get_u32(r);
	if (kf_get_u32(r) != 0)
		return kf_fail(err, KF_INVALID, "reserved field is not 0");
	st = get_uts(r, d, err);
	if (st)
		return st;
	if (d->level > 31)
		return kf_fail(err, KF_INVALID, "dump level %" PRIu32, d->level);
	if (!rest_codec_known(rest))
		return kf_fail(err, KF_INVALID, "unknown codec at rest 0x%" PRIx32, rest);
	d->rest = (enum kf_rest_codec)rest;
	return check_sizes(d, err);
}

static void encode_dump(struct kf_writer *w, const struct kf_message *m)
{
	const struct kf_dump *d = &m->dump;

	kf_put_u32(w, d->page_shift);
	kf_put_u32(w, d->nr_cpus);
	kf_put_u64(w, d->max_mapnr);
	kf_put_u64(w, d->phys_base);
	kf_put_u64(w, d->crash_time);
	kf_put_u64(w, d->notes_bytes);
	kf_put_u64(w, d->vmcoreinfo_offset);
	kf_put_u32(w, d->vmcoreinfo_bytes);
	kf_put_u32(w, d->level);
	kf_put_u32(w, d->rest);
	kf_put_u32(w, 0);
	kf_put_bytes(w, d->uts, sizeof(d->uts));
}

const struct kf_message_ops kf_dump_ops = {
	.payload_max = KF_DUMP_BYTES,
	.decode = decode_dump, .encode = encode_dump,
};
