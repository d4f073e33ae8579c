/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: from its text to values, where absent is not 0. */
#ifndef KF_VMCOREINFO_H
#define KF_VMCOREINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "sender/kernel/keys.h"

struct kf_vmcoreinfo {
	bool has[KF_KEYS];
	uint64_t value[KF_KEYS];	/* two's complement where the key may be negative */
	char osrelease[65];		/* empty if absent */
	char build_id[64];		/* hexadecimal; empty if absent */
};

/* Reads LEN bytes of lines KEY=VALUE. The first occurrence of a key wins; a value that does not read as its form
 * demands, and a symbol of 0 or all ones, count as absent. Never fails. */
void kf_vmcoreinfo_parse(struct kf_vmcoreinfo *vi, const char *text, size_t len);

static inline bool kf_has(const struct kf_vmcoreinfo *vi, enum kf_key key)
{
	return vi->has[key];
}

/* The value, or OTHERWISE if the key is absent. */
static inline uint64_t kf_value(const struct kf_vmcoreinfo *vi, enum kf_key key, uint64_t otherwise)
{
	return vi->has[key] ? vi->value[key] : otherwise;
}

/* The key as it is written, e.g. "SIZE(page)". */
const char *kf_key_text(enum kf_key key);

#endif
