/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kferry protocol, version 1, on one page. docs/PROTOCOL.md tells the same story at length; a test
 * compares the two.
 *
 * All integers are little endian and unaligned. pfn = physical address / page size. Every range is
 * [first, end). Reserved fields are 0 and are checked. No C struct is ever sent as it lies in memory.
 *
 *   stream     := preface frame*            one in each direction
 *   preface    32 bytes: magic, version, role, features, CRC          (preface.h)
 *   frame      := header payload
 *   header     24 bytes:
 *                0  u16 KF_FRAME_MAGIC
 *                2  u8  type
 *                3  u8  reserved
 *                4  u32 payload length in bytes, at most kf_payload_max(type)
 *                8  u64 number of this frame in this direction of this connection, from 0
 *               16  u32 CRC32C of the payload
 *               20  u32 CRC32C of header bytes 0..19, checked before anything above is believed
 *
 * The conversation. The sender's bytes stand alone: it waits for nothing but RESUME, and for that
 * only if it asked to resume; so a saved stream is the sender's direction, byte for byte.
 *
 *     sender                                     receiver
 *     HELLO            who, new or resume   ──►
 *     DUMP             sizes, level, codec  ──►
 *                                           ◄──  WELCOME   session id and resume token
 *                                           ◄──  RESUME    (if asked) where to go on
 *     VMCOREINFO       its text             ──►
 *     LOG...           the dead kernel's    ──►
 *     RAM...           which pfns are RAM   ──►
 *     NOTES...         PT_NOTE as it is     ──►
 *     [ VITAL... BATCH... WINDOW(vital) ]   ──►            judged as every page, sent first
 *     ( BATCH... WINDOW )...                ──►            a window closes the batches before it
 *                                           ◄──  RECEIVED  bytes taken from the connection
 *                                           ◄──  DURABLE   windows below this pfn are on disk
 *                                           ◄──  LEVEL     please raise the dump level
 *     END              totals and digest    ──►
 *                                           ◄──  STORED    the file is final
 *     either, after the preface and before END (STORED): ABORT, KEEPALIVE
 *
 * The legal order is one table, order.c. After a RESUME that says KF_RESUME_INTRO the sender goes
 * from DUMP straight to its batches.
 */
#ifndef KF_WIRE_H
#define KF_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define KF_VERSION 1
#define KF_DEFAULT_PORT 7612

/* Preface: 0x93 catches seven-bit channels, the newline those that translate line ends. */
#define KF_MAGIC "\x93KFERRY\n"
#define KF_MAGIC_BYTES 8
#define KF_PREFACE_BYTES 32

#define KF_FRAME_MAGIC 0x464bu	/* "KF" */
#define KF_HEADER_BYTES 24

/* Feature bits of version 1: none yet. An unknown required bit is refused, an unknown optional
 * one ignored. */
#define KF_FEATURES_REQUIRED_KNOWN 0u
#define KF_FEATURES_OPTIONAL_KNOWN 0u

enum kf_type {
	/* sender to receiver */
	KF_MSG_HELLO = 1,
	KF_MSG_DUMP = 2,
	KF_MSG_VMCOREINFO = 3,
	KF_MSG_LOG = 4,
	KF_MSG_RAM = 5,
	KF_MSG_NOTES = 6,
	KF_MSG_VITAL = 7,
	KF_MSG_BATCH = 8,
	KF_MSG_WINDOW = 9,
	KF_MSG_END = 10,
	/* receiver to sender */
	KF_MSG_WELCOME = 33,
	KF_MSG_RESUME = 34,
	KF_MSG_RECEIVED = 35,
	KF_MSG_DURABLE = 36,
	KF_MSG_STORED = 37,
	KF_MSG_LEVEL = 38,
	/* both */
	KF_MSG_ABORT = 65,
	KF_MSG_KEEPALIVE = 66,
};
#define KF_TYPES 67	/* one above the largest */

/* Caps. Nothing is allocated or waited for above them. */
#define KF_BLOCK_MAX (1u << 20)		/* bytes of one VMCOREINFO, LOG or NOTES block */
#define KF_BATCH_RAW_MAX (1u << 20)	/* uncompressed page bytes of one batch */
#define KF_BATCH_STORED_MAX (KF_BATCH_RAW_MAX + (1u << 16))
#define KF_BATCH_RUNS_MAX 4096u		/* runs of pfns in one batch */
#define KF_BATCH_PAGES_MAX 65536u	/* pages of one batch, zero pages included */
#define KF_RANGES_MAX 32768u		/* ranges in one RAM or VITAL message */
#define KF_RAM_RANGES_MAX (1u << 17)	/* ranges of RAM in all */
#define KF_VERDICT_RUNS_MAX 65536u	/* runs of verdicts in one window */
#define KF_LISTED_MAX 32768u		/* unreadable (undecided) ranges in one window */
#define KF_PFN_MAX (1ull << 40)		/* max_mapnr */
#define KF_NOTES_MAX (1ull << 30)	/* bytes of PT_NOTE: device dumps may make it large */
#define KF_LOG_MAX (1ull << 30)		/* bytes of kernel log text */
#define KF_STRING_MAX 255u		/* bytes of a text in HELLO, ABORT, STORED */
#define KF_PAGE_SHIFT_MIN 12u
#define KF_PAGE_SHIFT_MAX 16u

/* Windows begin and end on a multiple of this many pfns; the last ends at max_mapnr. */
#define KF_WINDOW_ALIGN 64u

#define KF_SESSION_BYTES 16
#define KF_TOKEN_BYTES 32
#define KF_DIGEST_BYTES 16

/* HELLO.flags */
#define KF_HELLO_RESUME 1u
#define KF_HELLO_FLAGS 1u
/* RAM.flags, VITAL.flags: more messages of this type follow */
#define KF_RANGES_MORE 1u
#define KF_RANGES_FLAGS 1u
/* LOG.flags: this is the last block; there is no text because the log could not be read */
#define KF_LOG_LAST 1u
#define KF_LOG_UNAVAILABLE 2u
#define KF_LOG_FLAGS 3u
/* WINDOW.flags: closes the vital pages and covers no range of its own */
#define KF_WINDOW_VITAL 1u
#define KF_WINDOW_FLAGS 1u
/* RESUME.flags, DURABLE.flags: the receiver has all that precedes VITAL; it has the vital pages */
#define KF_RESUME_INTRO 1u
#define KF_RESUME_VITAL 2u
#define KF_RESUME_FLAGS 3u
/* STORED.flags: the file is whole; pages are still being recompressed behind */
#define KF_STORED_WHOLE 1u
#define KF_STORED_RECOMPRESSING 2u
#define KF_STORED_FLAGS 3u

/* Codec of a batch: all its pages at once (lz4: one block; zstd: one frame with its content size), or for `pages`
 * u32 entries of all pages (bytes in the low 24 bits, enum kf_rest_codec in the high 8), then the pages, each
 * compressed alone as it will rest. */
enum kf_wire_codec {
	KF_WIRE_NONE = 0,
	KF_WIRE_LZ4 = 1,
	KF_WIRE_ZSTD = 2,
	KF_WIRE_PAGES = 3,
};
#define KF_WIRE_CODECS 4

/* Codec at rest, by the flag bits that kdump page descriptors have for them. */
enum kf_rest_codec {
	KF_REST_RAW = 0,
	KF_REST_ZLIB = 0x01,
	KF_REST_LZO = 0x02,
	KF_REST_SNAPPY = 0x04,
	KF_REST_ZSTD = 0x20,
};

enum kf_run_kind {
	KF_RUN_DATA = 0,	/* the pages' bytes are in the batch */
	KF_RUN_ZERO = 1,	/* pages filled with zeros: no bytes */
};

/* What became of a page of RAM: 0 is kept, each other value is a reason for leaving it out. */
enum kf_class {
	KF_KEPT = 0,
	KF_CACHE = 1,		/* non-private page cache */
	KF_CACHE_PRIVATE = 2,
	KF_USER = 3,		/* anonymous and hugetlb */
	KF_FREE = 4,
	KF_HWPOISON = 5,
	KF_OFFLINE = 6,
	KF_NODATA = 7,		/* RAM by p_memsz of which the vmcore holds no bytes */
};
#define KF_CLASSES 8

enum kf_end_reason {
	KF_END_COMPLETE = 0,
	KF_END_DEADLINE = 1,
	KF_END_SPACE = 2,
	KF_END_INPUT = 3,	/* the vmcore is shorter than its headers say */
};
#define KF_END_REASONS 4

enum kf_abort_code {
	KF_ABORT_PROTOCOL = 1,		/* the peer's bytes break this protocol */
	KF_ABORT_UNSUPPORTED = 2,	/* known, but not here: a codec, a feature, a size */
	KF_ABORT_REFUSED = 3,		/* by policy: a cap, an identity */
	KF_ABORT_SYSTEM = 4,		/* disk, memory, input: the text has the reason */
	KF_ABORT_STOPPED = 5,		/* a person or a service manager said so */
};
#define KF_ABORT_CODES 6

/* Of the largest message that is kept as it came. */
#define KF_WINDOW_PAYLOAD_MAX (160u + 2 * KF_LISTED_MAX * 16 + KF_VERDICT_RUNS_MAX * 10)

/* The largest payload of TYPE in bytes, or 0 for an unknown type. */
uint32_t kf_payload_max(uint8_t type);

#endif
