/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The architectures; only translate.c, which lists them, needs this. */
#ifndef KF_ARCH_H
#define KF_ARCH_H

#include "sender/kernel/translate.h"

extern const struct kf_arch kf_arch_x86_64, kf_arch_arm64;

#endif
