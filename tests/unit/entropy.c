// SPDX-License-Identifier: GPL-2.0-or-later
// The seed that a capture kernel without random numbers gets.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "sender/dump/entropy.h"
#include "tests/unit/image/core.h"

static uint8_t seeds[2][KF_ENTROPY_BYTES];
static unsigned int asked, added;
static bool allowed;

static bool never_ready(void)
{
	asked++;
	return false;
}

static bool ready_then(void)
{
	asked++;
	return added > 0;
}

static bool ready(void)
{
	asked++;
	return true;
}

static bool add(const uint8_t seed[KF_ENTROPY_BYTES])
{
	if (!allowed)
		return false;
	memcpy(seeds[added++ % 2], seed, KF_ENTROPY_BYTES);
	return true;
}

static void run(bool (*is_ready)(void), bool may, FILE *out)
{
	const struct kf_entropy_ops ops = { .ready = is_ready, .add = add };
	const struct kf_log log = { .out = out, .level = KF_LOG_ALL, .program = "test" };
	struct kf_vmcore vc;
	struct kf_error err;
	struct core c;

	core_create(&c);
	core_add_segment(&c, 0x1000, 0, 0x1000, 0x1000);
	core_finish(&c);
	CHECK_OK("open", kf_vmcore_open(&vc, c.path, &err), &err);
	asked = 0;
	allowed = may;
	kf_entropy_ensure(&ops, &vc, &log);
	kf_vmcore_close(&vc);
	core_destroy(&c);
}

static void none_is_needed(void **state)
{
	(void)state;
	added = 0;
	run(ready, true, stderr);
	assert_int_equal(asked, 1);
	assert_int_equal(added, 0);
}

/* The same memory gives another seed each time: it holds times too. */
static void it_is_given(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	added = 0;
	run(ready_then, true, out);
	assert_int_equal(added, 1);
	run(never_ready, true, out);
	assert_int_equal(added, 2);
	assert_memory_not_equal(seeds[0], seeds[1], KF_ENTROPY_BYTES);
	fclose(out);
	assert_non_null(strstr(text, "it was given a seed"));
	assert_non_null(strstr(text, "took no seed: "));
	free(text);
}

static void it_is_not_allowed(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	added = 0;
	run(never_ready, false, out);
	fclose(out);
	assert_int_equal(added, 0);
	assert_non_null(strstr(text, "which root only can give"));
	free(text);
}

/* The real ones: here the kernel has been up for long, and takes a seed from root. */
static void of_this_system(void **state)
{
	uint8_t seed[KF_ENTROPY_BYTES] = { 1 };

	(void)state;
	assert_true(kf_entropy_system.ready());
	if (geteuid() != 0)
		assert_false(kf_entropy_system.add(seed));
	else if (!kf_entropy_system.add(seed))
		print_message("root may not add entropy here: no CAP_SYS_ADMIN\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_needed), cmocka_unit_test(it_is_given), cmocka_unit_test(it_is_not_allowed), cmocka_unit_test(of_this_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
