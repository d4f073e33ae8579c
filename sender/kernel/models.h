/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory models; only memmap.c, which lists them, needs this. */
#ifndef KF_MODELS_H
#define KF_MODELS_H

#include "sender/kernel/memmap.h"

extern const struct kf_memmap_model kf_discontigmem, kf_sparsemem, kf_flatmem;

#endif
