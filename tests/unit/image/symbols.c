// SPDX-License-Identifier: GPL-2.0-or-later
// kallsyms and BTF in a machine's memory; see symbols.h.
#include "tests/unit/image/symbols.h"

#include "tests/unit/unit.h"

/* Every byte is the number of a token. Most are the character itself; these two are longer, so that expansion is tried. */
#define TOKEN_CPU 1
#define TOKEN_X 2
static const char *const longer[] = { "", "_cpu", "xxxxxxxxxx" };

static void put_at(struct machine *m, uint64_t at, const void *bytes, size_t len)
{
	core_put(&m->core, at, bytes, len);
}

static uint64_t put_tokens(struct machine *m, struct symbols *s)
{
	uint8_t table[2048], index[512];
	size_t used = 0;

	for (unsigned int i = 0; i < 256; i++) {
		char one[2] = { (char)(i > 32 && i < 127 ? i : '?'), 0 };
		const char *text = i > 0 && i < COUNT(longer) ? longer[i] : one;

		index[2 * i] = (uint8_t)used;
		index[2 * i + 1] = (uint8_t)(used >> 8);
		memcpy(table + used, text, strlen(text) + 1);
		used += strlen(text) + 1;
	}
	s->tokens = machine_take(m, sizeof(table), 8);
	s->index = machine_take(m, sizeof(index), 8);
	put_at(m, s->tokens, table, used);
	put_at(m, s->index, index, sizeof(index));
	return used;
}

/* Packs NAME by tokens, length first; gives the bytes used. */
static size_t pack(uint8_t *to, const char *name)
{
	uint8_t body[600];
	size_t n = 0, head = 1;

	while (*name) {
		unsigned int token = strncmp(name, longer[TOKEN_CPU], 4) == 0 ? TOKEN_CPU : strncmp(name, longer[TOKEN_X], 10) == 0 ? TOKEN_X : 0;

		body[n++] = token ? (uint8_t)token : (uint8_t)*name;
		name += token ? strlen(longer[token]) : 1;
	}
	to[0] = (uint8_t)n;
	if (n > 127) {
		to[0] = (uint8_t)(n & 127) | 128;
		to[1] = (uint8_t)(n >> 7);
		head = 2;
	}
	memcpy(to + head, body, n);
	return head + n;
}

static uint32_t say(enum symbols_scheme scheme, uint64_t base, uint64_t place, uint64_t va)
{
	if (scheme == SYMBOLS_ABSOLUTE)
		return va < 0x80000000 ? (uint32_t)va : (uint32_t)(base - 1 - va);
	return (uint32_t)(va - (scheme == SYMBOLS_BASE ? base : place));
}

void symbols_create(struct symbols *s, struct machine *m, enum symbols_scheme scheme, const struct symbol *symbols, size_t n)
{
	uint64_t base = MACHINE_KERNEL_VA;
	uint8_t packed[8192];
	size_t used = 0;

	*s = (struct symbols){ 0 };
	put_tokens(m, s);
	for (size_t i = 0; i < n; i++)
		used += pack(packed + used, symbols[i].name);
	assert_true(used <= sizeof(packed));
	s->names = machine_take(m, used, 8);
	put_at(m, s->names, packed, used);
	s->count = machine_take(m, 8, 8);
	core_put_u64(&m->core, s->count, n);
	s->offsets = machine_take(m, 4 * n, 8);
	for (size_t i = 0; i < n; i++) {
		uint32_t v = say(scheme, base, machine_kernel_va(s->offsets + 4 * i), symbols[i].va);

		put_at(m, s->offsets + 4 * i, &v, 4);
	}
	s->base = machine_take(m, 8, 8);
	core_put_u64(&m->core, s->base, base);
	machine_key(m, "SYMBOL(kallsyms_names)", "%" PRIx64, machine_kernel_va(s->names));
	machine_key(m, "SYMBOL(kallsyms_num_syms)", "%" PRIx64, machine_kernel_va(s->count));
	machine_key(m, "SYMBOL(kallsyms_token_table)", "%" PRIx64, machine_kernel_va(s->tokens));
	machine_key(m, "SYMBOL(kallsyms_token_index)", "%" PRIx64, machine_kernel_va(s->index));
	machine_key(m, "SYMBOL(kallsyms_offsets)", "%" PRIx64, machine_kernel_va(s->offsets));
	if (scheme != SYMBOLS_PLACE)
		machine_key(m, "SYMBOL(kallsyms_relative_base)", "%" PRIx64, machine_kernel_va(s->base));
}

struct blob {
	uint8_t bytes[4096];
	size_t used;
};

static void add32(struct blob *b, uint32_t v)
{
	memcpy(b->bytes + b->used, &v, 4);
	b->used += 4;
}

/* Each text stands once. */
static uint32_t add_text(struct blob *b, const char *text)
{
	uint32_t at = (uint32_t)b->used;

	for (size_t i = 0; i < b->used; i += strlen((const char *)b->bytes + i) + 1)
		if (strcmp((const char *)b->bytes + i, text) == 0)
			return (uint32_t)i;
	memcpy(b->bytes + b->used, text, strlen(text) + 1);
	b->used += strlen(text) + 1;
	return at;
}

/* By the kernel's Documentation/bpf/btf.rst: kind, members, and words behind the type. */
static void add_type(struct blob *types, uint32_t name, unsigned int kind, unsigned int members, unsigned int words)
{
	add32(types, name);
	add32(types, kind << 24 | members);
	add32(types, 8);
	while (words--)
		add32(types, 0x11111111);
}

static void add_others(struct blob *types, uint32_t name)
{
	static const struct {
		unsigned int kind, members, words;
	} kinds[] = {
		{ 1, 0, 1 }, { 2, 0, 0 }, { 3, 0, 3 }, { 5, 2, 6 }, { 6, 3, 6 }, { 7, 0, 0 }, { 8, 0, 0 }, { 9, 0, 0 }, { 10, 0, 0 }, { 11, 0, 0 },
		{ 12, 0, 0 }, { 13, 2, 4 }, { 14, 0, 1 }, { 15, 2, 6 }, { 16, 0, 0 }, { 17, 0, 1 }, { 18, 0, 0 }, { 19, 2, 6 },
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		add_type(types, name, kinds[i].kind, kinds[i].members, kinds[i].words);
}

uint64_t btf_create(struct machine *m, const struct btf_struct *structs, size_t n, uint64_t *bytes)
{
	struct blob types = { .used = 0 }, text = { .used = 0 }, all = { .used = 0 };
	uint32_t other, unsaid;
	uint64_t at;

	add_text(&text, "");
	other = add_text(&text, "other");
	unsaid = add_text(&text, "a_name_that_is_longer_than_any_that_is_looked_for");
	for (size_t i = 0; i < n; i++) {
		unsigned int members = 0;
		bool bits = i % 2;	/* every other struct has bit fields: its offsets have 24 bits */

		add_others(&types, other);
		while (members < COUNT(structs[i].members) && structs[i].members[members].name)
			members++;
		add32(&types, add_text(&text, structs[i].name));
		add32(&types, 4u << 24 | (members + 1) | (bits ? 1u << 31 : 0));
		add32(&types, structs[i].size);
		for (unsigned int k = 0; k <= members; k++) {
			add32(&types, k < members ? add_text(&text, structs[i].members[k].name) : unsaid);
			add32(&types, 1);
			add32(&types, k < members ? structs[i].members[k].offset * 8 | (bits ? 8u << 24 : 0) : 0);
		}
	}
	add32(&all, 0x0001eb9f);
	add32(&all, 24);
	add32(&all, 0);
	add32(&all, (uint32_t)types.used);
	add32(&all, (uint32_t)types.used);
	add32(&all, (uint32_t)text.used);
	at = machine_take(m, all.used + types.used + text.used, 8);
	put_at(m, at, all.bytes, all.used);
	put_at(m, at + all.used, types.bytes, types.used);
	put_at(m, at + all.used + types.used, text.bytes, text.used);
	*bytes = all.used + types.used + text.used;
	return at;
}
