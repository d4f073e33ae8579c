// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's symbol table in the dump; see kallsyms.h.
//
// A name is a length (bit 7 set: of two bytes, the low 7 bits first), then so many bytes, each the number of a token, a piece
// of text. The first character of the whole is the symbol's type. The symbols of VMCOREINFO lead to all tables.
#include "sender/kernel/kallsyms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"
#include "sender/kernel/virtstream.h"

#define SYMBOLS_MAX (4u << 20)
#define TOKENS 256u
#define TOKEN_MAX 128u		/* the last token's end is not known */
#define NAME_MAX_BYTES 1024u	/* KSYM_NAME_LEN is 512 */
#define TABLE_MAX 65536u	/* tokens' offsets have 16 bits */
#define NAMES_MAX (256ull << 20)

static const char *const names[] = {
#define X(id, name) name,
	KF_KALLSYMS(X)
#undef X
};

struct table {
	struct kf_translation *tr;
	const struct kf_vmcoreinfo *vi;
	struct kf_virt_stream stream;
	uint8_t index[2 * TOKENS];
	char tokens[TABLE_MAX + TOKEN_MAX + 1];
	char name[NAME_MAX_BYTES];
	uint32_t number[KF_SYMBOLS], stext;	/* which symbol of the table it is */
	bool has_stext;
};

const char *kf_symbol_name(enum kf_symbol symbol)
{
	return names[symbol];
}

static enum kf_status read_tokens(struct table *t, struct kf_error *err)
{
	uint64_t va = t->vi->value[KF_KEY_SYM_KALLSYMS_TOKENS];
	size_t bytes = 0;

	if (!kf_virt_read(t->tr, t->vi->value[KF_KEY_SYM_KALLSYMS_INDEX], t->index, sizeof(t->index)))
		return kf_fail(err, KF_INVALID, "kallsyms_token_index cannot be read");
	for (size_t i = 0; i < TOKENS; i++)
		bytes = kf_le16_at(t->index + 2 * i) > bytes ? kf_le16_at(t->index + 2 * i) : bytes;
	bytes += TOKEN_MAX;
	if (!kf_virt_read(t->tr, va, t->tokens, bytes))
		return kf_fail(err, KF_INVALID, "kallsyms_token_table cannot be read");
	return KF_OK;
}

/* The next symbol's name, without its type, into t->name. */
static bool next_name(struct table *t)
{
	size_t len = kf_virt_next_u8(&t->stream), used = 0;
	const uint8_t *bytes;

	if (len & 0x80)		/* before 6.1 no name was so long */
		len = (len & 0x7f) | (size_t)kf_virt_next_u8(&t->stream) << 7;
	bytes = len && len <= KF_VIRTSTREAM_BYTES ? kf_virt_next(&t->stream, len) : NULL;
	if (!bytes)
		return false;	/* each has a type at least */
	for (size_t i = 0; i < len; i++)
		for (const char *c = t->tokens + kf_le16_at(t->index + 2ul * bytes[i]); *c && used < sizeof(t->name); c++)
			t->name[used++] = *c;
	if (used == sizeof(t->name))
		return false;
	t->name[used] = 0;
	memmove(t->name, t->name + (used > 0), used + (used == 0));
	return true;
}

/* The first of a name counts: what is looked for is not static, or has a name of its own. */
static enum kf_status read_names(struct table *t, struct kf_symbols *s, struct kf_error *err)
{
	uint64_t va = t->vi->value[KF_KEY_SYM_KALLSYMS_NAMES];

	kf_virt_stream_init(&t->stream, t->tr, va, va + NAMES_MAX);
	for (uint32_t n = 0; n < s->count; n++) {
		if (!next_name(t))
			return kf_fail(err, KF_INVALID, "kallsyms_names ends behind %" PRIu32 " of %" PRIu64 " symbols", n, s->count);
		if (!t->has_stext && strcmp(t->name, "_stext") == 0) {
			t->has_stext = true;
			t->stext = n;
		}
		for (size_t i = 0; i < KF_SYMBOLS; i++)
			if (!s->has[i] && strcmp(t->name, names[i]) == 0) {
				s->has[i] = true;
				t->number[i] = n;
			}
	}
	return t->has_stext ? KF_OK : kf_fail(err, KF_INVALID, "kallsyms has no _stext");
}

/* Three ways to say an address in 32 bits: from a base on, but for absolute ones; from a base on; from the place on. */
static uint64_t by_absolute(const struct table *t, uint64_t base, uint32_t n, uint32_t v)
{
	(void)t;
	(void)n;
	return v <= INT32_MAX ? (uint64_t)v : base - 1 + (uint32_t)-v;
}

static uint64_t by_base(const struct table *t, uint64_t base, uint32_t n, uint32_t v)
{
	(void)t;
	(void)n;
	return base + v;
}

static uint64_t by_place(const struct table *t, uint64_t base, uint32_t n, uint32_t v)
{
	(void)base;
	return t->vi->value[KF_KEY_SYM_KALLSYMS_OFFSETS] + 4 * (uint64_t)n + (uint64_t)(int64_t)(int32_t)v;
}

typedef uint64_t (*scheme)(const struct table *t, uint64_t base, uint32_t n, uint32_t v);

static bool read_offset(struct table *t, uint32_t n, uint32_t *v)
{
	return kf_virt_u32(t->tr, t->vi->value[KF_KEY_SYM_KALLSYMS_OFFSETS] + 4ull * n, v);
}

static enum kf_status take_addresses(struct table *t, struct kf_symbols *s, struct kf_error *err)
{
	static const scheme schemes[] = { by_absolute, by_base, by_place };
	uint64_t stext = kf_value(t->vi, KF_KEY_SYM_STEXT, 0), base = 0;
	scheme how = NULL;
	uint32_t v;

	if (kf_has(t->vi, KF_KEY_SYM_KALLSYMS_BASE) && !kf_virt_u64(t->tr, t->vi->value[KF_KEY_SYM_KALLSYMS_BASE], &base))
		return kf_fail(err, KF_INVALID, "kallsyms_relative_base cannot be read");
	if (!read_offset(t, t->stext, &v))
		return kf_fail(err, KF_INVALID, "kallsyms_offsets cannot be read");
	for (size_t i = 0; !how && i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (stext && schemes[i](t, base, t->stext, v) == stext)
			how = schemes[i];
	if (!how)
		return kf_fail(err, KF_INVALID, "by kallsyms _stext is not where VMCOREINFO has it");
	for (size_t i = 0; i < KF_SYMBOLS; i++) {
		s->has[i] = s->has[i] && read_offset(t, t->number[i], &v);
		s->va[i] = s->has[i] ? how(t, base, t->number[i], v) : 0;
	}
	return KF_OK;
}

static enum kf_status read_table(struct table *t, struct kf_symbols *s, struct kf_error *err)
{
	uint32_t count;

	if (!kf_virt_u32(t->tr, t->vi->value[KF_KEY_SYM_KALLSYMS_COUNT], &count) || count == 0 || count > SYMBOLS_MAX)
		return kf_fail(err, KF_INVALID, "kallsyms_num_syms cannot be read or is not credible");
	s->count = count;
	if (read_tokens(t, err) || read_names(t, s, err))
		return err->status;
	return take_addresses(t, s, err);
}

enum kf_status kf_kallsyms_read(struct kf_symbols *s, struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	static const enum kf_key needed[] = {
		KF_KEY_SYM_KALLSYMS_NAMES, KF_KEY_SYM_KALLSYMS_COUNT, KF_KEY_SYM_KALLSYMS_TOKENS, KF_KEY_SYM_KALLSYMS_INDEX, KF_KEY_SYM_KALLSYMS_OFFSETS,
	};
	struct table *t;
	enum kf_status st;

	*s = (struct kf_symbols){ 0 };
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!kf_has(vi, needed[i]))
			return kf_fail(err, KF_ABSENT, "VMCOREINFO has no %s", kf_key_text(needed[i]));
	t = calloc(1, sizeof(*t));
	if (!t)
		return kf_fail(err, KF_FAILED, "no memory for kallsyms");
	t->tr = tr;
	t->vi = vi;
	st = read_table(t, s, err);
	free(t);
	if (st)
		*s = (struct kf_symbols){ 0 };
	return st;
}
