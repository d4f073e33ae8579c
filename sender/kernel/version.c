// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's version out of OSRELEASE, such as "6.1.0-28-amd64" or "2.6.32"; see version.h.
#include "sender/kernel/version.h"

#include <stdio.h>

bool kf_older_than(const struct kf_vmcoreinfo *vi, unsigned int major, unsigned int minor, unsigned int patch)
{
	unsigned int is[3] = { 0 };
	const unsigned int than[3] = { major, minor, patch };

	if (sscanf(vi->osrelease, "%4u.%4u.%4u", &is[0], &is[1], &is[2]) < 2)
		return false;
	for (int i = 0; i < 3; i++)
		if (is[i] != than[i])
			return is[i] < than[i];
	return false;
}
