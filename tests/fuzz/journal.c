// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: a dump that was cut, its journal, file and manifest damaged; a receiver recovers it, its sender comes back.
//
// The input: u16 how far the stream of a small dump came, u8 whether the journal's checksums are made right again, then changes of
// 4 bytes: which file and what, u16 where (scaled to the file), and a value.
#include "tests/fuzz/receive.h"

#include "proto/frame.h"

#define STREAM "tests/vectors/v1/ok-every-message.stream"
#define JOURNAL_HEADER 16
#define RECORD_HEAD 16
#define END_FRAME (KF_HEADER_BYTES + 176)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t stream[65536];
static size_t stream_len;

static void load(void)
{
	FILE *f = fopen(STREAM, "rb");

	if (!f)
		abort();	/* run me from the root of the tree */
	stream_len = fread(stream, 1, sizeof(stream), f);
	fclose(f);
}

static struct memio_file *file(struct receive *r, const char *name)
{
	for (unsigned int i = 1; i < r->disk.count; i++)
		if (strcmp(r->disk.files[i].name, name) == 0)
			return &r->disk.files[i];
	return NULL;
}

static void change(struct memio_file *f, const uint8_t *op)
{
	uint64_t at = f->len * (uint64_t)(op[1] | op[2] << 8) / 65536;

	switch (op[0] >> 2) {
	case 0:
		f->len = at;
		break;
	case 1:	/* what follows comes twice */
		if (f->len < 1 << 20) {
			memmove(f->bytes + f->len, f->bytes + at, f->len - at);
			f->len += f->len - at;
		}
		break;
	case 2:
		if (f->len >= 8 && at <= f->len - 8)
			memset(f->bytes + at, op[3], 8);
		break;
	default:
		if (at < f->len)
			f->bytes[at] = op[3];
	}
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void mend_checksums(struct memio_file *f)
{
	uint8_t *p = f->bytes;

	if (f->len < JOURNAL_HEADER)
		return;
	put32(p + 12, kf_crc32c(p, 12));
	for (uint64_t at = JOURNAL_HEADER; f->len - at >= RECORD_HEAD;) {
		uint64_t left = f->len - at - RECORD_HEAD, len = kf_le32_at(p + at + 4);

		if (len > left)
			return;
		put32(p + at + 8, kf_crc32c(p + at + RECORD_HEAD, len));
		put32(p + at + 12, kf_crc32c(p + at, 12));
		at += RECORD_HEAD + len;
	}
}

/* HELLO as the sender of the dump says it, and all that follows it in a first connection. */
static void come_back(struct receive *r)
{
	struct kf_message m = { .type = KF_MSG_HELLO, .hello = { .flags = KF_HELLO_RESUME } };
	uint8_t frame[KF_HEADER_BYTES + 200];
	struct kf_header h = { .type = KF_MSG_HELLO };
	size_t hello = KF_PREFACE_BYTES + KF_HEADER_BYTES + kf_le32_at(stream + KF_PREFACE_BYTES + 4);
	struct kf_writer w = kf_writer_on(frame + KF_HEADER_BYTES, sizeof(frame) - KF_HEADER_BYTES);

	memcpy(m.hello.session, r->id.session, sizeof(m.hello.session));
	memcpy(m.hello.token, r->id.token, sizeof(m.hello.token));
	kf_encode(&w, &m);
	h.len = (uint32_t)kf_written(&w);
	h.payload_crc = kf_crc32c(frame + KF_HEADER_BYTES, h.len);
	kf_header_encode(frame, &h);
	receive_connect(r);
	receive_give(r, frame, KF_HEADER_BYTES + h.len);
	receive_give(r, stream + hello, stream_len - hello);
	receive_break(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "journal", "vmcore-incomplete", "manifest.json", "journal" };
	struct receive r;
	size_t came;

	if (!stream_len)
		load();
	if (size < 3)
		return 0;
	came = KF_PREFACE_BYTES + (stream_len - KF_PREFACE_BYTES) * (data[0] | (size_t)data[1] << 8) / 65536;
	receive_init(&r);
	receive_connect(&r);
	receive_give(&r, stream + KF_PREFACE_BYTES, came - KF_PREFACE_BYTES);
	receive_break(&r);
	for (size_t at = 3; size - at >= 4 && at < 3 + 4 * 64; at += 4) {
		struct memio_file *f = file(&r, names[data[at] & 3]);

		if (f)
			change(f, data + at);
	}
	if (data[2] & 1 && file(&r, "journal"))
		mend_checksums(file(&r, "journal"));
	/* A damaged header may call a dump whole, which is believed only if the journal has all of it: when nothing but END lacked, or
	 * when what says so was forged. */
	r.end_came = came >= stream_len - END_FRAME || data[2] & 1;
	receive_recover(&r);
	come_back(&r);
	receive_recover(&r);
	receive_deinit(&r);
	return 0;
}
