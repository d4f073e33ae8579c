// SPDX-License-Identifier: GPL-2.0-or-later
// A lockless printk ring in a machine's memory; see printk.h.
#include "tests/unit/image/printk.h"

#include "tests/unit/unit.h"

static const struct {
	const char *key;
	unsigned int value;
} keys[] = {
	{ "SIZE(printk_ringbuffer)", 88 }, { "OFFSET(printk_ringbuffer.desc_ring)", 0 },
	{ "OFFSET(printk_ringbuffer.text_data_ring)", 48 }, { "SIZE(prb_desc_ring)", 48 },
	{ "OFFSET(prb_desc_ring.count_bits)", PRINTK_COUNT_BITS }, { "OFFSET(prb_desc_ring.descs)", PRINTK_DESCS },
	{ "OFFSET(prb_desc_ring.infos)", PRINTK_INFOS }, { "OFFSET(prb_desc_ring.head_id)", PRINTK_HEAD_ID },
	{ "OFFSET(prb_desc_ring.tail_id)", PRINTK_TAIL_ID }, { "SIZE(prb_desc)", PRINTK_DESC_BYTES },
	{ "OFFSET(prb_desc.state_var)", 0 }, { "OFFSET(prb_desc.text_blk_lpos)", 8 }, { "SIZE(prb_data_blk_lpos)", 16 },
	{ "OFFSET(prb_data_blk_lpos.begin)", 0 }, { "OFFSET(prb_data_blk_lpos.next)", 8 },
	{ "SIZE(printk_info)", PRINTK_INFO_BYTES }, { "OFFSET(printk_info.seq)", 0 }, { "OFFSET(printk_info.ts_nsec)", 8 },
	{ "OFFSET(printk_info.text_len)", 16 }, { "OFFSET(printk_info.caller_id)", 20 }, { "SIZE(prb_data_ring)", 32 },
	{ "OFFSET(prb_data_ring.size_bits)", 0 }, { "OFFSET(prb_data_ring.data)", 8 }, { "SIZE(atomic_long_t)", 8 },
	{ "OFFSET(atomic_long_t.counter)", 0 },
};

static void put(struct printk_ring *r, uint64_t at, uint64_t value)
{
	core_put_u64(&r->m->core, at, value);
}

static void put_ids(struct printk_ring *r)
{
	put(r, r->prb + PRINTK_HEAD_ID, r->head);
	put(r, r->prb + PRINTK_TAIL_ID, r->tail);
}

void printk_create(struct printk_ring *r, struct machine *m, unsigned int count_bits, unsigned int size_bits,
		   uint64_t first, uint64_t position)
{
	uint64_t pointer;

	*r = (struct printk_ring){ .m = m, .count_bits = count_bits, .size_bits = size_bits, .position = position };
	r->head = r->tail = first;
	pointer = machine_take(m, 8, 8);
	r->prb = machine_take(m, 128, 64);
	r->descs = machine_take(m, PRINTK_DESC_BYTES << count_bits, 8);
	r->infos = machine_take(m, PRINTK_INFO_BYTES << count_bits, 8);
	r->text = machine_take(m, 1ull << size_bits, 8);
	put(r, pointer, machine_kernel_va(r->prb));
	put(r, r->prb + PRINTK_COUNT_BITS, count_bits);
	put(r, r->prb + PRINTK_DESCS, machine_kernel_va(r->descs));
	put(r, r->prb + PRINTK_INFOS, machine_kernel_va(r->infos));
	put(r, r->prb + PRINTK_SIZE_BITS, size_bits);
	put(r, r->prb + PRINTK_DATA, machine_kernel_va(r->text));
	put_ids(r);
	machine_key(m, "SYMBOL(prb)", "%" PRIx64, machine_kernel_va(pointer));
	for (size_t i = 0; i < COUNT(keys); i++)
		machine_key(m, keys[i].key, "%u", keys[i].value);
}

static uint64_t desc_of(const struct printk_ring *r, uint64_t id)
{
	return r->descs + (id & ((1ull << r->count_bits) - 1)) * PRINTK_DESC_BYTES;
}

void printk_set_state(struct printk_ring *r, uint64_t id, enum printk_state state)
{
	put(r, desc_of(r, id), id | (uint64_t)state << 62);
}

void printk_set_positions(struct printk_ring *r, uint64_t id, uint64_t begin, uint64_t next)
{
	put(r, desc_of(r, id) + 8, begin);
	put(r, desc_of(r, id) + 16, next);
}

/* A block that would go over the ring's end stands at its start instead, and its end counts from there. */
static void put_text(struct printk_ring *r, uint64_t id, const void *text, size_t len)
{
	uint64_t size = 1ull << r->size_bits, block = 8 + (len + 7) / 8 * 8;
	uint64_t begin = r->position, next = begin + block;
	uint64_t last = r->fits_to_the_end ? next - 1 : next;
	uint64_t at = begin % size;

	if (begin / size != last / size) {
		next = last / size * size + block;
		at = 0;
	}
	put(r, r->text + at, id);
	if (len)
		core_put(&r->m->core, r->text + at + 8, text, len);
	printk_set_positions(r, id, begin, next);
	r->position = next;
}

uint64_t printk_add(struct printk_ring *r, uint64_t ts_nsec, uint32_t caller, const void *text, size_t len)
{
	uint64_t id = r->any ? (r->head + 1) & PRINTK_ID_MASK : r->head;
	uint64_t info = r->infos + (id & ((1ull << r->count_bits) - 1)) * PRINTK_INFO_BYTES;

	r->any = true;
	r->head = id;
	if (((r->head - r->tail) & PRINTK_ID_MASK) >> r->count_bits)
		r->tail = (r->tail + 1) & PRINTK_ID_MASK;
	put_ids(r);
	put_text(r, id, text, len);
	put(r, info + 8, ts_nsec);
	put(r, info + 16, (uint64_t)caller << 32 | (uint16_t)len);
	printk_set_state(r, id, PRINTK_FINALIZED);
	return id;
}
