/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One good payload of every message, byte by byte as the protocol's field tables have it: no encoder of the program's. */
#ifndef SAMPLE_PAYLOAD_H
#define SAMPLE_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_MAX 1024u

struct sample {
	uint8_t type;
	const char *name;
	size_t len;
	uint8_t bytes[SAMPLE_MAX];
};

#define SAMPLES 18u

/* All samples, in the order of their types. */
void sample_all(struct sample out[SAMPLES]);

/* The sample of TYPE; fails the test if there is none. */
void sample_of(struct sample *out, uint8_t type);

/* Writes the WIDTH low bytes of VALUE, least significant first, at AT. */
void sample_poke(uint8_t *bytes, size_t at, unsigned int width, uint64_t value);

#endif
