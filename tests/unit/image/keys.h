/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO's text, changed line by line. */
#ifndef IMAGE_KEYS_H
#define IMAGE_KEYS_H

#include <stddef.h>

#define KEYS_MAX 8192u

/* Copies TEXT without the line of KEY; LINE, unless NULL, goes to the end instead. */
void keys_change(char out[KEYS_MAX], const char *text, const char *key, const char *line);

#endif
