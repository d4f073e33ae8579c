// SPDX-License-Identifier: GPL-2.0-or-later
// A reader of kdump-compressed files; see reader.h. Numbers are written out on purpose: nothing here
// comes from the receiver's headers.
#include "tests/unit/recv/reader.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static uint64_t at(const struct reader *r, uint64_t offset, unsigned int bytes)
{
	uint64_t v = 0;

	if (offset > r->len || bytes > r->len - offset)
		return 0;
	memcpy(&v, r->file + offset, bytes);
	return v;
}

static const char *load(struct reader *r, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY);
	struct stat st;
	const char *wrong = NULL;

	if (fd < 0 || fstat(fd, &st))
		return "there is no such file";
	r->len = (size_t)st.st_size;
	r->file = malloc(r->len + 1);
	if (!r->file || read(fd, r->file, r->len) != (ssize_t)r->len)
		wrong = "cannot be read";
	close(fd);
	return wrong;
}

static const char *parse(struct reader *r)
{
	uint64_t half, first;

	if (r->len < 464 || memcmp(r->file, "KDUMP   ", 8) != 0 || at(r, 8, 4) != 6)
		return "no kdump header";
	r->block = (uint32_t)at(r, 428, 4);
	r->incomplete = at(r, 424, 4) & 8;
	r->max_mapnr = at(r, r->block + 96, 8);
	if (r->block < 4096 || at(r, 416, 8) != 0 || at(r, 440, 4) != r->max_mapnr)
		return "odd header";
	half = ((r->max_mapnr + 7) / 8 + r->block - 1) / r->block * r->block;
	if (at(r, 436, 4) * r->block != 2 * half)
		return "odd bitmap_blocks";
	first = (1 + at(r, 432, 4)) * r->block;
	r->bitmap1 = first;
	r->bitmap2 = first + half;
	r->table = first + 2 * half;
	return r->table <= r->len ? NULL : "bitmaps outside the file";
}

const char *reader_open(struct reader *r, int dir, const char *name)
{
	const char *wrong;

	*r = (struct reader){ 0 };
	wrong = load(r, dir, name);
	return wrong ? wrong : parse(r);
}

const char *reader_borrow(struct reader *r, uint8_t *file, size_t len)
{
	*r = (struct reader){ .file = file, .len = len };
	return parse(r);
}

void reader_close(struct reader *r)
{
	free(r->file);
	r->file = NULL;
}

bool reader_is_ram(const struct reader *r, uint64_t pfn)
{
	return at(r, r->bitmap1 + pfn / 8, 1) >> (pfn % 8) & 1;
}

bool reader_has(const struct reader *r, uint64_t pfn)
{
	return at(r, r->bitmap2 + pfn / 8, 1) >> (pfn % 8) & 1;
}

const char *reader_unpack(const struct reader *r, uint64_t offset, uint32_t size, uint32_t flags, uint8_t *out)
{
	struct libdeflate_decompressor *d;
	enum libdeflate_result result;
	size_t length;
	lzo_uint n;

	if (size == 0 || size > r->block || offset < 2 * r->block || offset > r->len || size > r->len - offset)
		return "its descriptor points nowhere";
	switch (flags) {
	case 0:
		memcpy(out, r->file + offset, r->block);
		return size == r->block ? NULL : "raw, but of an odd size";
	case 1:
		d = libdeflate_alloc_decompressor();
		result = libdeflate_zlib_decompress(d, r->file + offset, size, out, r->block, NULL);
		libdeflate_free_decompressor(d);
		return result == LIBDEFLATE_SUCCESS ? NULL : "zlib cannot unpack it";
	case 2:
		n = r->block;
		return lzo1x_decompress_safe(r->file + offset, size, out, &n, NULL) == LZO_E_OK && n == r->block ? NULL : "lzo cannot unpack it";
	case 4:
		if (snappy_uncompressed_length((const char *)r->file + offset, size, &length) || length != r->block)
			return "snappy finds another length";
		return snappy_uncompress((const char *)r->file + offset, size, (char *)out, &length) ? "snappy cannot unpack it" : NULL;
	case 0x20:
		return ZSTD_decompress(out, r->block, r->file + offset, size) == r->block ? NULL : "zstd cannot unpack it";
	default:
		return "unknown flags";
	}
}

const char *reader_page(const struct reader *r, uint64_t pfn, uint8_t *out)
{
	uint64_t rank = 0, d;

	for (uint64_t p = 0; p < pfn; p++)
		rank += reader_has(r, p);
	d = r->table + 24 * rank;
	if (d + 24 > r->len)
		return "its descriptor lies outside the file";
	if (at(r, d + 16, 8) != 0)
		return "its page_flags are not 0";
	return reader_unpack(r, at(r, d, 8), (uint32_t)at(r, d + 8, 4), (uint32_t)at(r, d + 12, 4), out);
}
