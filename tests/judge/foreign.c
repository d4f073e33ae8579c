// Asks libkdumpfile.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign.h"

#include <fcntl.h>
#include <inttypes.h>
#include <libkdumpfile/kdumpfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CACHED_PAGES = 16 };

const char *foreign_version(void)
{
	return KDUMPFILE_VERSION_STRING;
}

bool foreign_open(struct foreign *f, const char *path)
{
	kdump_num_t page_size;

	*f = (struct foreign){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC), .ctx = kdump_new() };
	if (f->fd < 0 || !f->ctx) {
		perror(path);
		return false;
	}
	// A mapped file that is shorter than its headers say would kill the judge by SIGBUS.
	if (kdump_set_number_attr(f->ctx, KDUMP_ATTR_FILE_MMAP_POLICY, KDUMP_MMAP_NEVER) != KDUMP_OK ||
	    kdump_open_fd(f->ctx, f->fd) != KDUMP_OK ||
	    kdump_get_number_attr(f->ctx, KDUMP_ATTR_PAGE_SIZE, &page_size) != KDUMP_OK) {
		fprintf(stderr, "kferry-judge: %s: libkdumpfile: %s\n", path, kdump_get_err(f->ctx));
		return false;
	}
	f->page_size = page_size;
	// Each page is read once, in order, and the library searches its cache (1024 pages) one by one for each.
	if (kdump_set_number_attr(f->ctx, "cache.size", CACHED_PAGES) != KDUMP_OK)
		kdump_clear_err(f->ctx);
	return true;
}

void foreign_close(struct foreign *f)
{
	if (f->ctx)
		kdump_free(f->ctx);
	if (f->fd >= 0)
		close(f->fd);
}

static bool blobs_equal(kdump_blob_t *a, kdump_blob_t *b)
{
	bool equal = kdump_blob_size(a) == kdump_blob_size(b) &&
		     memcmp(kdump_blob_pin(a), kdump_blob_pin(b), kdump_blob_size(a)) == 0;

	kdump_blob_unpin(a);
	kdump_blob_unpin(b);
	return equal;
}

static bool values_equal(const kdump_attr_t *a, const kdump_attr_t *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case KDUMP_NUMBER:
	case KDUMP_ADDRESS:
		return a->val.number == b->val.number;
	case KDUMP_STRING:
		return strcmp(a->val.string, b->val.string) == 0;
	case KDUMP_BLOB:
		return blobs_equal(a->val.blob, b->val.blob);
	default:
		return true;
	}
}

static size_t compare_tree(kdump_ctx_t *ca, kdump_ctx_t *cb, const kdump_attr_ref_t *a, const kdump_attr_ref_t *b,
			   const char *path, bool values, struct differences *d);

// One attribute of A against its namesake in B; values = false only asks whether B has it too.
static size_t compare_attribute(kdump_ctx_t *ca, kdump_ctx_t *cb, kdump_attr_ref_t *a, const kdump_attr_ref_t *parent,
				const char *key, const char *path, bool values, struct differences *d)
{
	kdump_attr_ref_t b;
	kdump_attr_t va, vb;
	char full[512];
	size_t seen = 1;

	snprintf(full, sizeof full, "%s.%s", path, key);
	if (!kdump_attr_ref_isset(a) || kdump_attr_ref_get(ca, a, &va) != KDUMP_OK)
		return 0;
	if (kdump_sub_attr_ref(cb, parent, key, &b) != KDUMP_OK) {
		kdump_clear_err(cb);
		difference_text(d, "attribute %s: only %s has it", full, values ? "A" : "B");
		return seen;
	}
	if (!kdump_attr_ref_isset(&b) || kdump_attr_ref_get(cb, &b, &vb) != KDUMP_OK)
		difference_text(d, "attribute %s: only %s has it", full, values ? "A" : "B");
	else if (va.type == KDUMP_DIRECTORY && vb.type == KDUMP_DIRECTORY)
		seen = compare_tree(ca, cb, a, &b, full, values, d);
	else if (values && !values_equal(&va, &vb))
		difference_text(d, "attribute %s", full);
	kdump_attr_unref(cb, &b);
	return seen;
}

static size_t compare_tree(kdump_ctx_t *ca, kdump_ctx_t *cb, const kdump_attr_ref_t *a, const kdump_attr_ref_t *b,
			   const char *path, bool values, struct differences *d)
{
	kdump_attr_iter_t it;
	size_t seen = 0;

	if (kdump_attr_ref_iter_start(ca, a, &it) != KDUMP_OK) {
		kdump_clear_err(ca);
		return 0;
	}
	while (it.key) {
		seen += compare_attribute(ca, cb, &it.pos, b, it.key, path, values, d);
		if (kdump_attr_iter_next(ca, &it) != KDUMP_OK)
			break;
	}
	kdump_attr_iter_end(ca, &it);
	return seen;
}

static size_t compare_top(struct foreign *a, struct foreign *b, const char *key, bool values, struct differences *d)
{
	kdump_attr_ref_t ra, rb;
	kdump_attr_t va, vb;
	size_t seen = 1;

	if (kdump_attr_ref(a->ctx, key, &ra) != KDUMP_OK) {
		kdump_clear_err(a->ctx);
		return 0;
	}
	if (kdump_attr_ref(b->ctx, key, &rb) != KDUMP_OK) {
		kdump_clear_err(b->ctx);
		kdump_attr_unref(a->ctx, &ra);
		return 0;
	}
	if (kdump_attr_ref_isset(&ra) != kdump_attr_ref_isset(&rb))
		difference_text(d, "attribute %s: only one side has it", key);
	else if (!kdump_attr_ref_isset(&ra))
		seen = 0;
	else if (kdump_attr_ref_type(&ra) == KDUMP_DIRECTORY)
		seen = compare_tree(a->ctx, b->ctx, &ra, &rb, key, values, d);
	else if (values && (kdump_attr_ref_get(a->ctx, &ra, &va) != KDUMP_OK ||
			    kdump_attr_ref_get(b->ctx, &rb, &vb) != KDUMP_OK || !values_equal(&va, &vb)))
		difference_text(d, "attribute %s", key);
	kdump_attr_unref(a->ctx, &ra);
	kdump_attr_unref(b->ctx, &rb);
	return seen;
}

size_t foreign_compare_attributes(struct foreign *a, struct foreign *b, struct differences *d)
{
	static const char *const tops[] = { "linux", "arch", "cpu", "max_pfn", "file.format", "xen.type" };
	size_t seen = 0;

	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		seen += compare_top(a, b, tops[i], true, d);
		compare_top(b, a, tops[i], false, d);
	}
	return seen;
}

enum foreign_read foreign_page(struct foreign *f, uint64_t pfn, void *page)
{
	size_t len = f->page_size;
	kdump_status status = kdump_read(f->ctx, KDUMP_MACHPHYSADDR, pfn * f->page_size, page, &len);

	if (status == KDUMP_OK && len == f->page_size)
		return FOREIGN_OK;
	snprintf(f->why, sizeof f->why, "%s", status == KDUMP_OK ? "only a part of it" : kdump_get_err(f->ctx));
	kdump_clear_err(f->ctx);
	return status == KDUMP_ERR_NODATA ? FOREIGN_ABSENT : FOREIGN_ERROR;
}

const char *foreign_text(struct foreign *f, const char *key, char *to, size_t size)
{
	const char *value = "?";

	if (kdump_get_string_attr(f->ctx, key, &value) != KDUMP_OK)
		kdump_clear_err(f->ctx);
	snprintf(to, size, "%s", value);
	return to;
}

uint64_t foreign_number(struct foreign *f, const char *key)
{
	kdump_num_t value = 0;

	if (kdump_get_number_attr(f->ctx, key, &value) != KDUMP_OK)
		kdump_clear_err(f->ctx);
	return value;
}

static void check_map(struct foreign *f, const char *key, int which,
		      bool (*bit)(const void *of, int which, uint64_t pfn), const void *of, uint64_t end,
		      const char *side, struct differences *d)
{
	kdump_attr_t map = { .type = KDUMP_BITMAP };
	uint8_t bits[4096];
	uint64_t wrong = 0, first = 0;

	if (kdump_get_typed_attr(f->ctx, key, &map) != KDUMP_OK) {
		difference_text(d, "%s: libkdumpfile has no %s: %s", side, key, kdump_get_err(f->ctx));
		kdump_clear_err(f->ctx);
		return;
	}
	for (uint64_t pfn = 0; pfn < end; pfn++) {
		uint64_t at = pfn % (8 * sizeof bits);
		bool set;

		if (at == 0 && kdump_bmp_get_bits(map.val.bitmap, pfn, pfn + 8 * sizeof bits - 1, bits) != KDUMP_OK) {
			difference_text(d, "%s: libkdumpfile's %s cannot be read at pfn 0x%" PRIx64, side, key, pfn);
			break;
		}
		set = bits[at / 8] >> (at % 8) & 1;
		if (set != bit(of, which, pfn) && wrong++ == 0)
			first = pfn;
	}
	if (wrong > 0)
		difference_text(d, "%s: libkdumpfile's %s differs from bitmap %d in %" PRIu64 " pfns, first 0x%" PRIx64,
				side, key, which + 1, wrong, first);
	kdump_bmp_decref(map.val.bitmap);
}

void foreign_check_maps(struct foreign *f, bool (*bit)(const void *of, int which, uint64_t pfn), const void *of,
			uint64_t end, const char *side, struct differences *d)
{
	check_map(f, KDUMP_ATTR_MEMORY_PAGEMAP, 0, bit, of, end, side, d);
	check_map(f, KDUMP_ATTR_FILE_PAGEMAP, 1, bit, of, end, side, d);
}

bool foreign_release(struct foreign *f, char *to, size_t size)
{
	enum { FIELD = 65, RELEASE = 2 };
	kdump_addr_t symbol;
	uint64_t offset = 4; // of kernels that do not export it
	const char *text;
	size_t len = size < FIELD ? size : FIELD;

	if (kdump_set_string_attr(f->ctx, KDUMP_ATTR_OSTYPE, "linux") != KDUMP_OK ||
	    kdump_vmcoreinfo_symbol(f->ctx, "init_uts_ns", &symbol) != KDUMP_OK) {
		fprintf(stderr, "kferry-judge: %s: %s\n", f->path, kdump_get_err(f->ctx));
		return false;
	}
	if (kdump_get_string_attr(f->ctx, "linux.vmcoreinfo.lines.OFFSET(uts_namespace.name)", &text) == KDUMP_OK)
		offset = strtoull(text, NULL, 10);
	else
		kdump_clear_err(f->ctx);
	if (kdump_read(f->ctx, KDUMP_KVADDR, symbol + offset + FIELD * RELEASE, to, &len) != KDUMP_OK || len == 0) {
		fprintf(stderr, "kferry-judge: %s: init_uts_ns: %s\n", f->path, kdump_get_err(f->ctx));
		return false;
	}
	to[len - 1] = '\0';
	return true;
}
