// Values of a VMCOREINFO text (filter-spec 2.1).
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_VMCOREINFO_H
#define JUDGE_VMCOREINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The value of the first line that starts with key, "NUMBER(phys_base)=" for one: hexadecimal for a SYMBOL, else decimal
// or with 0x; negative numbers wrap. False, and *value as it was, if there is no such line.
bool vmcoreinfo_value(const uint8_t *text, size_t len, const char *key, uint64_t *value);

#endif
