// SPDX-License-Identifier: GPL-2.0-or-later
// One good payload of every message; see payload.h. Offsets stand where tests poke at fields.
#include "tests/unit/sample/payload.h"

#include "tests/unit/unit.h"

void sample_poke(uint8_t *bytes, size_t at, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void put(struct sample *s, unsigned int width, uint64_t value)
{
	assert_true(s->len + width <= SAMPLE_MAX);
	sample_poke(s->bytes, s->len, width, value);
	s->len += width;
}

static void put_bytes(struct sample *s, const void *bytes, size_t n)
{
	assert_true(s->len + n <= SAMPLE_MAX);
	memcpy(s->bytes + s->len, bytes, n);
	s->len += n;
}

static void put_text(struct sample *s, const char *text)
{
	put(s, 2, strlen(text));
	put_bytes(s, text, strlen(text));
}

/* N bytes counting up from FIRST. */
static void put_count(struct sample *s, unsigned int n, uint8_t first)
{
	while (n--)
		put(s, 1, first++);
}

static void hello(struct sample *s)
{
	put(s, 4, 1);			/*  0 flags: resume */
	put(s, 4, 0);			/*  4 reserved */
	put_count(s, 16, 0x10);		/*  8 session */
	put_count(s, 32, 0x40);		/* 24 token */
	put_text(s, "kferry-send 9.9");	/* 56 program */
	put_text(s, "crashed.example");	/* 73 host */
}

static void dump(struct sample *s)
{
	static const char *const uts[] = { "Linux", "node", "6.1.0-test", "#1 SMP", "x86_64", "(none)" };

	put(s, 4, 12);			/*  0 page shift */
	put(s, 4, 3);			/*  4 CPUs */
	put(s, 8, 0x40000);		/*  8 max_mapnr */
	put(s, 8, 0xfffffffff0000000);	/* 16 phys_base */
	put(s, 8, 1700000000);		/* 24 time of the crash */
	put(s, 8, 5000);		/* 32 bytes of notes */
	put(s, 8, 1000);		/* 40 VMCOREINFO in the notes */
	put(s, 4, 4000);		/* 48 and its bytes */
	put(s, 4, 31);			/* 52 level */
	put(s, 4, 0x20);		/* 56 codec at rest: zstd */
	put(s, 4, 0);			/* 60 reserved */
	for (size_t i = 0; i < 6; i++) {	/* 64 utsname */
		put_bytes(s, uts[i], strlen(uts[i]));
		for (size_t k = strlen(uts[i]); k < 65; k++)
			put(s, 1, 0);
	}
}

static void vmcoreinfo(struct sample *s)
{
	put_bytes(s, "OSRELEASE=6.1.0-test\n", 21);
}

static void log_(struct sample *s)
{
	put(s, 8, 4096);		/*  0 offset */
	put(s, 4, 1);			/*  8 flags: last */
	put(s, 4, 0);			/* 12 reserved */
	put_bytes(s, "panic\n", 6);
}

static void notes(struct sample *s)
{
	put(s, 8, 64);			/* 0 offset */
	put_count(s, 20, 1);
}

static void ranges(struct sample *s)
{
	put(s, 4, 1);			/*  0 flags: more follow */
	put(s, 4, 3);			/*  4 count */
	put(s, 8, 1);			/*  8 first range */
	put(s, 8, 0x9f);
	put(s, 8, 0x100);		/* 24 second */
	put(s, 8, 0x200);
	put(s, 8, 0x200);		/* 40 third, touching it */
	put(s, 8, 0x300);
}

static void batch(struct sample *s)
{
	put(s, 1, 1);			/*  0 codec: lz4 */
	put(s, 1, 12);			/*  1 page shift */
	put(s, 2, 0);			/*  2 reserved */
	put(s, 4, 3);			/*  4 runs */
	put(s, 4, 3 * 4096);		/*  8 bytes unpacked */
	put(s, 4, 40);			/* 12 bytes packed */
	put(s, 8, 0x0123456789abcdef);	/* 16 XXH3 of the unpacked */
	put(s, 8, 0x80);		/* 24 first run: pfn */
	put(s, 4, 2);			/* 32 pages */
	put(s, 4, 0);			/* 36 kind: data */
	put(s, 8, 0x82);		/* 40 second run */
	put(s, 4, 5);			/* 48 */
	put(s, 4, 1);			/* 52 kind: zero */
	put(s, 8, 0x90);		/* 56 third run */
	put(s, 4, 1);			/* 64 */
	put(s, 4, 0);			/* 68 */
	put_count(s, 40, 7);		/* 72 packed pages */
}

static void put_tally(struct sample *s)
{
	static const uint8_t pages[] = { 158, 20, 10, 80, 40, 5, 3, 4 };

	for (size_t i = 0; i < sizeof(pages); i++)
		put(s, 8, pages[i]);
	put(s, 8, 10);			/* zero */
	put(s, 8, 3);			/* unreadable */
	put(s, 8, 6);			/* undecided */
	put(s, 8, 1);			/* rescued */
}

static void window(struct sample *s)
{
	static const uint8_t runs[] = { 32, 100, 50, 58, 80 };

	put(s, 4, 0);			/*   0 flags */
	put(s, 4, 5);			/*   4 verdict runs */
	put(s, 8, 0x80);		/*   8 first */
	put(s, 8, 0x1c0);		/*  16 end: 320 pages */
	put(s, 8, 0xa0);		/*  24 carry in: end */
	put(s, 4, 4);			/*  32 why: free */
	put(s, 4, 0);			/*  36 reserved */
	put(s, 8, 0x400);		/*  40 carry out: end */
	put(s, 4, 3);			/*  48 why: user */
	put(s, 4, 0);			/*  52 reserved */
	put_tally(s);			/*  56 */
	put(s, 4, 2);			/* 152 unreadable ranges */
	put(s, 4, 1);			/* 156 undecided ranges */
	put(s, 8, 0xb0);		/* 160 unreadable */
	put(s, 8, 0xb2);
	put(s, 8, 0xc0);		/* 176 */
	put(s, 8, 0xc1);
	put(s, 8, 0xa0);		/* 192 undecided */
	put(s, 8, 0xa6);
	put_bytes(s, runs, sizeof(runs));	/* 208 verdicts: excluded, kept, excluded, kept, excluded */
}

static void end(struct sample *s)
{
	put(s, 4, 1);			/*   0 reason: deadline */
	put(s, 4, 0);			/*   4 reserved */
	put_tally(s);			/*   8 */
	put(s, 8, 17);			/* 104 windows */
	put(s, 8, 18);			/* 112 batches */
	put_count(s, 16, 0x20);		/* 120 digest of pages */
	put_count(s, 16, 0x60);		/* 136 digest of verdicts */
	put(s, 8, 100);			/* 152 preparing, us */
	put(s, 8, 200);			/* 160 scanning */
	put(s, 8, 3000000);		/* 168 in all */
}

static void welcome(struct sample *s)
{
	put_count(s, 16, 0x10);		/*  0 session */
	put_count(s, 32, 0x40);		/* 16 token */
}

static void resume(struct sample *s)
{
	put(s, 8, 0x2000);		/*  0 pfn */
	put(s, 8, 0x2400);		/*  8 carry: end */
	put(s, 4, 4);			/* 16 why: free */
	put(s, 4, 0);			/* 20 reserved */
	put(s, 4, 3);			/* 24 flags: intro and vital */
	put(s, 4, 0);			/* 28 reserved */
}

static void received(struct sample *s)
{
	put(s, 8, 0x123456789a);
}

static void stored(struct sample *s)
{
	put(s, 4, 1);			/* 0 flags: whole */
	put_text(s, "host-2030-01-01-00:00:00");
}

static void level(struct sample *s)
{
	put(s, 4, 31);			/* 0 level */
	put(s, 4, 0);			/* 4 reserved */
}

static void abort_(struct sample *s)
{
	put(s, 4, 4);			/* 0 code: system */
	put_text(s, "disk full");
}

static void keepalive(struct sample *s)
{
	s->len = 0;
}

static const struct {
	uint8_t type;
	const char *name;
	void (*make)(struct sample *s);
} makers[SAMPLES] = {
	{ 1, "HELLO", hello }, { 2, "DUMP", dump }, { 3, "VMCOREINFO", vmcoreinfo }, { 4, "LOG", log_ },
	{ 5, "RAM", ranges }, { 6, "NOTES", notes }, { 7, "VITAL", ranges }, { 8, "BATCH", batch },
	{ 9, "WINDOW", window }, { 10, "END", end }, { 33, "WELCOME", welcome }, { 34, "RESUME", resume },
	{ 35, "RECEIVED", received }, { 36, "DURABLE", resume }, { 37, "STORED", stored }, { 38, "LEVEL", level },
	{ 65, "ABORT", abort_ }, { 66, "KEEPALIVE", keepalive },
};

static void make(struct sample *out, size_t i)
{
	memset(out, 0, sizeof(*out));
	out->type = makers[i].type;
	out->name = makers[i].name;
	makers[i].make(out);
}

void sample_all(struct sample out[SAMPLES])
{
	for (size_t i = 0; i < SAMPLES; i++)
		make(&out[i], i);
}

void sample_of(struct sample *out, uint8_t type)
{
	for (size_t i = 0; i < SAMPLES; i++)
		if (makers[i].type == type) {
			make(out, i);
			return;
		}
	fail_msg("no sample of type %u", type);
}
