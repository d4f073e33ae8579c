// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: a made-up machine's symbol table and type information, damaged, as the vmcore of a broken kernel may have them.
//
// The input is changes of 4 bytes: u8 which table, u16 which byte of it, and its new value.
#include "tests/unit/unit.h"

#include "common/cursor.h"
#include "sender/kernel/btf.h"
#include "sender/kernel/kallsyms.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"
#include "tests/unit/image/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct machine_plan plan = { .ram = 34ull << 20, .levels = 4, .era = &era_6_12 };

#define STEXT (MACHINE_KERNEL_VA + 0x1000)

static const struct symbol table[] = {
	{ "A__per_cpu_start", 0x10 }, { "T_stext", STEXT }, { "D__per_cpu_offset", MACHINE_KERNEL_VA + 0x400000 },
	{ "dslab_caches", MACHINE_KERNEL_VA + 0x400100 }, { "bnr_cpu_ids", MACHINE_KERNEL_VA + 0x7fffff },
};

static const struct btf_struct structs[] = {
	{ "pid", 112, { { "count", 0 }, { "tasks", 24 } } },
	{ "task_struct", 8320, { { "stack", 32 }, { "pid_links", 0x5a0 } } },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct machine m;
	struct symbols t;
	struct opened o;
	struct kf_symbols s;
	struct kf_btf b;
	struct kf_error err;
	uint64_t bytes, at;

	if (!ready && kf_guard_install(&err))
		abort();
	ready = true;
	machine_create(&m, &plan);
	machine_key(&m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)STEXT);
	symbols_create(&t, &m, size ? data[0] % 3 : 0, table + (size && data[0] % 3), COUNT(table) - (size && data[0] % 3));
	at = btf_create(&m, structs, COUNT(structs), &bytes);
	for (size_t i = 1; i < size && size - i >= 4; i += 4) {
		const uint64_t places[] = { t.names, t.count, t.tokens, t.index, t.offsets, t.base, at, at };
		uint64_t place = places[data[i] % 8];

		core_put(&m.core, place + (kf_le32_at(data + i) >> 8 & 0xffff) % (place == t.count || place == t.base ? 8 : 2048), data + i + 3, 1);
	}
	opened_create(&o, &m);
	err.text[0] = '\0';
	if (kf_kallsyms_read(&s, &o.kernel.tr, &o.kernel.info, &err) && !err.text[0])
		abort();
	err.text[0] = '\0';
	if (kf_btf_read(&b, &o.kernel.tr, machine_kernel_va(at), machine_kernel_va(at) + bytes, &err) && !err.text[0])
		abort();
	opened_destroy(&o);
	machine_destroy(&m);
	return 0;
}
