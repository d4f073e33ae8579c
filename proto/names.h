/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the protocol's values, for printing and for options. */
#ifndef KF_NAMES_H
#define KF_NAMES_H

#include <stdbool.h>

#include "proto/wire.h"

/* Each gives a constant string; "unknown" for a value that has no name. */
const char *kf_type_name(unsigned int type);		/* "WINDOW" */
const char *kf_class_name(unsigned int class);		/* "cache-private" */
const char *kf_wire_codec_name(unsigned int codec);	/* "lz4" */
const char *kf_rest_codec_name(unsigned int codec);	/* "zstd"; values are enum kf_rest_codec */
/* Whether NAME is that of a wire codec. */
bool kf_wire_codec_named(const char *name, enum kf_wire_codec *codec);
const char *kf_end_reason_name(unsigned int reason);	/* "complete" */
const char *kf_abort_code_name(unsigned int code);	/* "protocol" */
const char *kf_order_state_name(unsigned int state);

#endif
