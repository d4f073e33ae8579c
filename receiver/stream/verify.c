// SPDX-License-Identifier: GPL-2.0-or-later
// Verifying a dump; see verify.h.
#include "receiver/stream/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/names.h"
#include "proto/wire.h"
#include "receiver/kdump/format.h"
#include "receiver/kdump/readback.h"
#include "receiver/store/manifest_read.h"

enum kf_status kf_verify_what(const char *path, enum kf_verify_kind *kind, struct kf_error *err)
{
	char magic[8] = "";
	struct stat st;
	int fd;

	*kind = KF_VERIFY_STREAM;
	if (strcmp(path, "-") == 0)
		return KF_OK;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return kf_fail_errno(err, "%s", path);
	*kind = KF_VERIFY_DUMP;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return KF_OK;
	}
	(void)!pread(fd, magic, sizeof(magic), 0);
	close(fd);
	if (memcmp(magic, KF_KDUMP_SIGNATURE, sizeof(magic)) == 0)
		return KF_OK;
	*kind = KF_VERIFY_STREAM;
	if (memcmp(magic, KF_MAGIC, KF_MAGIC_BYTES) == 0)
		return KF_OK;
	return kf_fail(err, KF_INVALID, "%s: neither a saved stream nor a dump of kferry-recv", path);
}

/* The directory of PATH, and in it the dump file. */
static enum kf_status open_both(const char *path, struct kf_dumpdir *dir, int *fd, struct kf_error *err)
{
	const char *slash = strrchr(path, '/');
	char parent[4096];
	struct stat st;

	*dir = (struct kf_dumpdir){ .io = &kf_io_system, .base = -1, .fd = -1 };
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		*fd = openat(dir->fd, KF_DUMP_FINISHED, O_RDONLY | O_CLOEXEC);
		if (*fd < 0 && errno == ENOENT)
			*fd = openat(dir->fd, KF_DUMP_UNFINISHED, O_RDONLY | O_CLOEXEC);
	} else {
		snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
		dir->fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		*fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (dir->fd >= 0 && *fd >= 0)
		return KF_OK;
	return kf_fail_errno(err, "no dump file there");
}

static bool same(const struct kf_sum128 *sum, const struct kf_digest *claimed)
{
	struct kf_digest ours;

	kf_sum_encode(&ours, sum);
	return memcmp(ours.bytes, claimed->bytes, sizeof(ours.bytes)) == 0;
}

static enum kf_status compare_whole(const struct kf_readback *r, const struct kf_manifest_claims *c, struct kf_error *err)
{
	bool named = c->unreadable.count <= KF_MANIFEST_RANGES;	/* every page that could not be read is in the list */

	if (!r->whole)
		return kf_fail(err, KF_INVALID, "its manifest calls it complete, and its header says that it is not");
	if (!c->has_digests)
		return kf_fail(err, KF_INVALID, "its manifest calls it complete, and has no digests");
	if (r->pages != c->stored_pages)
		return kf_fail(err, KF_INVALID, "it has %" PRIu64 " pages, its manifest says %" PRIu64, r->pages, c->stored_pages);
	if (r->pages + c->unreadable.pages != c->kept_pages)
		return kf_fail(err, KF_INVALID, "it has %" PRIu64 " pages of the %" PRIu64 " that were kept, and %" PRIu64 " could not be read",
			       r->pages, c->kept_pages, c->unreadable.pages);
	if (!same(&r->digest, &c->pages))
		return kf_fail(err, KF_INVALID, "the digest of its pages is not that of the pages that were sent");
	if (named && !same(&r->verdicts, &c->verdicts))
		return kf_fail(err, KF_INVALID, "the digest of its bitmap is not that of the verdicts that were sent");
	return KF_OK;
}

/* A manifest shows texts cleaned. */
static bool same_text(const char *header, const char *claimed)
{
	char text[KF_MANIFEST_TEXT];

	kf_manifest_text(text, sizeof(text), header, strlen(header));
	return strcmp(text, claimed) == 0;
}

static enum kf_status compare(const struct kf_readback *r, const struct kf_manifest_claims *c, struct kf_error *err)
{
	if (r->max_mapnr != c->max_mapnr || r->ram_pages != c->ram_pages)
		return kf_fail(err, KF_INVALID, "it is of %" PRIu64 " pages of RAM below pfn %" PRIu64 ", its manifest of %" PRIu64 " below %" PRIu64,
			       r->ram_pages, r->max_mapnr, c->ram_pages, c->max_mapnr);
	if (r->level != c->level || strcmp(kf_rest_codec_name((enum kf_rest_codec)r->rest), c->codec) != 0)
		return kf_fail(err, KF_INVALID, "its header says level %" PRIu32 " and %s, its manifest level %" PRIu64 " and %s", r->level,
			       kf_rest_codec_name((enum kf_rest_codec)r->rest), c->level, c->codec);
	if (r->block != c->page_size || !same_text(r->uts[KF_UTS_RELEASE], c->release) || !same_text(r->uts[KF_UTS_VERSION], c->version) ||
	    !same_text(r->uts[KF_UTS_MACHINE], c->machine))
		return kf_fail(err, KF_INVALID, "its header is of another kernel than its manifest");
	if (c->complete)
		return compare_whole(r, c, err);
	return kf_fail(err, KF_INCOMPLETE, "incomplete (%s): its %" PRIu64 " pages can be unpacked", c->reason, r->pages);
}

enum kf_status kf_verify_dump(FILE *out, const char *path, struct kf_error *err)
{
	struct kf_manifest_claims claims;
	struct kf_readback_lacking lacking;
	struct kf_readback r = { 0 };
	struct kf_digest digest;
	struct kf_dumpdir dir;
	int fd = -1;
	enum kf_status st = open_both(path, &dir, &fd, err);

	if (!st)
		st = kf_manifest_claims_read(&claims, &dir, err);
	if (!st) {
		lacking = (struct kf_readback_lacking){ claims.unreadable.ranges, claims.unreadable.count };
		if (lacking.count > KF_MANIFEST_RANGES)
			lacking.count = KF_MANIFEST_RANGES;
		st = kf_readback(&r, fd, &lacking, err);
	}
	if (!st)
		st = compare(&r, &claims, err);
	if (!st) {
		kf_sum_encode(&digest, &r.digest);
		fprintf(out, "%s: whole: %" PRIu64 " pages of %" PRIu64 " of RAM, digest ", path, r.pages,
			r.ram_pages);
		for (size_t i = 0; i < sizeof(digest.bytes); i++)
			fprintf(out, "%02x", digest.bytes[i]);
		fputc('\n', out);
	}
	if (fd >= 0)
		close(fd);
	if (dir.fd >= 0)
		close(dir.fd);
	return st ? kf_prepend(err, "%s", path) : KF_OK;
}
