/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every message of the protocol as C sees it: encode, decode, validate. */
#ifndef KF_MESSAGE_H
#define KF_MESSAGE_H

#include <stdbool.h>

#include "common/cursor.h"
#include "common/status.h"
#include "proto/wire.h"

/*
 * kf_decode does all checking that needs nothing but the message itself: lengths, caps, reserved
 * fields, known flags and values, ascending ranges, sums. What needs the conversation (order,
 * max_mapnr, totals) is checked by order.h and by the consumer before it acts. Pointers in a
 * decoded message point into the payload and live as long as it does.
 *
 * A table of things of a fixed size stays encoded and is read by index, so that decoding allocates
 * nothing: see kf_range_at and kf_run_at.
 */

struct kf_string {
	const char *text;	/* not terminated, any bytes */
	uint16_t len;		/* at most KF_STRING_MAX */
};

struct kf_range {
	uint64_t first, end;	/* pfns, first < end */
};

struct kf_ranges {
	const uint8_t *table;	/* COUNT encoded ranges, ascending, disjoint */
	uint32_t count;
};

#define KF_RANGE_BYTES 16

static inline struct kf_range kf_range_at(const struct kf_ranges *r, uint32_t i)
{
	const uint8_t *p = r->table + (size_t)i * KF_RANGE_BYTES;

	return (struct kf_range){ kf_le64_at(p), kf_le64_at(p + 8) };
}

/* An excluded range that reaches into the next window: where it ends and why. No carry is {0, 0}. */
struct kf_carry {
	uint64_t end;		/* pfn, exclusive */
	enum kf_class why;	/* never KF_KEPT if end is not 0 */
};

/* Pages by verdict. pages[] sum to the RAM pages of the range; the others count pages among
 * pages[KF_KEPT]. */
struct kf_tally {
	uint64_t pages[KF_CLASSES];
	uint64_t zero;		/* filled with zeros, and so without bytes on the wire */
	uint64_t unreadable;	/* data could not be read: not in the dump */
	uint64_t undecided;	/* struct page could not be read: kept unexamined */
	uint64_t rescued;	/* kept against their damaged flags */
};

void kf_tally_add(struct kf_tally *sum, const struct kf_tally *more);

struct kf_digest {
	uint8_t bytes[KF_DIGEST_BYTES];
};

struct kf_hello {
	uint32_t flags;
	uint8_t session[KF_SESSION_BYTES];	/* zeros unless KF_HELLO_RESUME */
	uint8_t token[KF_TOKEN_BYTES];
	struct kf_string program;	/* "kferry-send 0.1" */
	struct kf_string host;		/* the name the crash host gives itself; a claim */
};

enum { KF_UTS_SYSNAME, KF_UTS_NODENAME, KF_UTS_RELEASE, KF_UTS_VERSION, KF_UTS_MACHINE, KF_UTS_DOMAINNAME, KF_UTS_FIELDS };
#define KF_UTS_BYTES 65
#define KF_DUMP_BYTES (64 + KF_UTS_FIELDS * KF_UTS_BYTES)	/* of the payload of DUMP, always */

struct kf_dump {
	uint32_t page_shift;
	uint32_t nr_cpus;		/* number of NT_PRSTATUS notes */
	uint64_t max_mapnr;		/* pfn, exclusive */
	uint64_t phys_base;		/* two's complement */
	uint64_t crash_time;		/* seconds since 1970; 0 unknown */
	uint64_t notes_bytes;		/* of all NOTES together */
	uint64_t vmcoreinfo_offset;	/* of its text in the notes, bytes */
	uint32_t vmcoreinfo_bytes;	/* 0: none in the notes */
	uint32_t level;			/* 0..31 */
	enum kf_rest_codec rest;	/* wanted */
	char uts[KF_UTS_FIELDS][KF_UTS_BYTES];	/* NUL terminated and padded; indexed by KF_UTS_* */
};

struct kf_block {		/* LOG, NOTES, VMCOREINFO (offset and flags 0) */
	uint64_t offset;	/* of bytes in the whole */
	uint32_t flags;		/* LOG only */
	const uint8_t *bytes;
	uint32_t len;
};

struct kf_range_list {		/* RAM, VITAL */
	uint32_t flags;
	struct kf_ranges ranges;
};

struct kf_run {
	uint64_t first;		/* pfn */
	uint32_t count;		/* pages, at least 1 */
	enum kf_run_kind kind;
};

#define KF_RUN_BYTES 16

struct kf_batch {
	enum kf_wire_codec codec;
	uint32_t page_shift;	/* travels in the batch so that it can be checked alone */
	uint32_t raw_bytes;	/* of all data pages, uncompressed */
	uint64_t xxh3;		/* XXH3-64 of those */
	const uint8_t *runs;	/* RUN_COUNT encoded runs, ascending, disjoint: kf_run_at */
	uint32_t run_count;
	const uint8_t *stored;	/* the pages, encoded by CODEC */
	uint32_t stored_bytes;
};

static inline struct kf_run kf_run_at(const uint8_t *runs, uint32_t i)
{
	const uint8_t *p = runs + (size_t)i * KF_RUN_BYTES;

	return (struct kf_run){ kf_le64_at(p), kf_le32_at(p + 8), (enum kf_run_kind)kf_le32_at(p + 12) };
}

/* What a page's bytes are as they rest, in batches of codec `pages` and in the journal: their number in the low 24 bits,
 * the flag of their codec (enum kf_rest_codec) in the high 8. */
#define KF_ENTRY_BYTES 4

static inline uint32_t kf_entry(uint32_t bytes, uint32_t flag)
{
	return bytes | flag << 24;
}

static inline uint32_t kf_entry_bytes(uint32_t entry)
{
	return entry & 0xffffffu;
}

static inline uint32_t kf_entry_flag(uint32_t entry)
{
	return entry >> 24;
}

/* A batch of codec `pages`: one entry for each data page, then the bytes of all. */
static inline uint32_t kf_batch_entry_count(const struct kf_batch *b)
{
	return b->raw_bytes >> b->page_shift;
}

static inline uint32_t kf_batch_entry_at(const struct kf_batch *b, uint32_t i)
{
	return kf_le32_at(b->stored + (size_t)i * KF_ENTRY_BYTES);
}

/* Vital pages are kept pages of the window that they lie in, but came before it: the vital WINDOW alone counts them as
 * zero, and counts and lists them as unreadable. */
struct kf_window {
	uint32_t flags;
	uint64_t first, end;		/* pfns */
	struct kf_carry in, out;
	struct kf_tally tally;
	struct kf_ranges unreadable, undecided;
	uint32_t run_count;		/* verdict runs: excluded, kept, excluded, ...; read by kf_verdict_next */
	const uint8_t *runs;		/* varints; only the first may be 0; they sum to end - first */
	uint32_t runs_bytes;
};

struct kf_end {
	enum kf_end_reason reason;
	struct kf_tally tally;		/* sum over all windows */
	uint64_t windows, batches;	/* messages; the vital WINDOW counts */
	struct kf_digest pages, verdicts;	/* digest.h */
	uint64_t prepare_us, scan_us, total_us;	/* wall time on the sender */
};

struct kf_welcome {
	uint8_t session[KF_SESSION_BYTES];
	uint8_t token[KF_TOKEN_BYTES];
};

struct kf_resume {		/* also DURABLE, where carry is unused and 0 */
	uint64_t pfn;		/* everything below is on disk; the next window begins here */
	struct kf_carry carry;
	uint32_t flags;
};

struct kf_received {
	uint64_t bytes;		/* of this connection, preface included */
};

struct kf_stored {
	uint32_t flags;
	struct kf_string name;	/* of the dump's directory, for people */
};

struct kf_level {
	uint32_t level;		/* 0..31 */
};

struct kf_abort {
	enum kf_abort_code code;
	struct kf_string text;
};

struct kf_message {
	enum kf_type type;
	union {
		struct kf_hello hello;
		struct kf_dump dump;
		struct kf_block block;		/* VMCOREINFO, LOG, NOTES */
		struct kf_range_list list;	/* RAM, VITAL */
		struct kf_batch batch;
		struct kf_window window;
		struct kf_end end;
		struct kf_welcome welcome;
		struct kf_resume resume;	/* RESUME, DURABLE */
		struct kf_received received;
		struct kf_stored stored;
		struct kf_level level;
		struct kf_abort abort;
	};
};

/* Decodes and validates a payload of LEN bytes. KF_INVALID with a text that names the field. */
enum kf_status kf_decode(struct kf_message *m, uint8_t type, const uint8_t *payload, size_t len,
			 struct kf_error *err) kf_must_check;

/* Appends M's payload to W. The caller must give a message that would decode; W fails if it is full. */
void kf_encode(struct kf_writer *w, const struct kf_message *m);

/* A whole frame: header and payload, into W; NUMBER is the frame's place in its direction. */
void kf_encode_frame(struct kf_writer *w, const struct kf_message *m, uint64_t number);

/* Reads the next verdict run of a window W at *R (begin with kf_reader_on(w->runs, w->runs_bytes)
 * and *PFN = w->first). Gives kept runs only: false when there are no more. */
bool kf_verdict_next(struct kf_reader *r, uint64_t *pfn, struct kf_range *kept);

/* The text of S with every byte outside printable ASCII replaced by '?', cut to SIZE - 1. */
void kf_string_text(char *out, size_t size, const struct kf_string *s);
struct kf_string kf_string_of(const char *text);

#endif
