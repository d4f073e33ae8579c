// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's version out of OSRELEASE, as distributors write it, and out of texts that are none.
#include "tests/unit/unit.h"

#include "sender/kernel/version.h"

static void older_or_not(void **state)
{
	static const struct {
		const char *release;
		unsigned int than[3];
		bool older;
	} rows[] = {
		{ "2.6.25", { 2, 6, 26 }, true }, { "2.6.26", { 2, 6, 26 }, false }, { "2.6.27", { 2, 6, 26 }, false },
		{ "2.6.9-89.EL", { 2, 6, 26 }, true }, { "2.6.32-754.el6.x86_64", { 2, 6, 31 }, false },
		{ "4.15.18-30-pve", { 4, 16, 0 }, true }, { "4.16", { 4, 16, 0 }, false }, { "4.16-rc1", { 4, 16, 0 }, false },
		{ "4.3", { 4, 4, 0 }, true }, { "4.15", { 4, 16, 0 }, true }, { "4.16.0", { 4, 16, 1 }, true }, { "4.16.1", { 4, 16, 0 }, false },
		{ "3.99.99", { 4, 4, 0 }, true }, { "5.0.0", { 4, 16, 0 }, false }, { "10.1.0", { 4, 16, 0 }, false },
		{ "6.1.0-28-amd64", { 6, 1, 0 }, false },
		/* Not a version: the newest. */
		{ "", { 4, 16, 0 }, false }, { "3", { 4, 16, 0 }, false }, { "3.", { 4, 16, 0 }, false }, { "linux-2.6.24", { 4, 16, 0 }, false },
		{ ".3.1", { 4, 16, 0 }, false }, { "99999999999.1.2", { 4, 16, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_vmcoreinfo vi = { 0 };

		snprintf(vi.osrelease, sizeof(vi.osrelease), "%s", rows[i].release);
		CHECK_EQ(rows[i].release, kf_older_than(&vi, rows[i].than[0], rows[i].than[1], rows[i].than[2]), rows[i].older);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(older_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
