/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's version, for the few decisions that no key of VMCOREINFO makes. */
#ifndef KF_VERSION_H
#define KF_VERSION_H

#include "sender/kernel/vmcoreinfo.h"

/* Whether OSRELEASE is older than MAJOR.MINOR.PATCH. What does not read as a version counts as the newest. Distributors
 * backport keys: where a key decides, it must not be asked. */
bool kf_older_than(const struct kf_vmcoreinfo *vi, unsigned int major, unsigned int minor, unsigned int patch);

#endif
