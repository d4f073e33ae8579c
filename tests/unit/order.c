// SPDX-License-Identifier: GPL-2.0-or-later
// The legal order of messages: each step that is allowed, from each state, and that no other is.
#include "tests/unit/unit.h"

#include "proto/names.h"
#include "proto/order.h"

/* One letter for each message, so that conversations can be written down. */
static const struct {
	char letter;
	enum kf_type type;
	uint32_t flags;
} letters[] = {
	{ 'h', KF_MSG_HELLO, 0 },
	{ 'H', KF_MSG_HELLO, KF_HELLO_RESUME },
	{ 'd', KF_MSG_DUMP, 0 },
	{ 'i', KF_MSG_VMCOREINFO, 0 },
	{ 'l', KF_MSG_LOG, 0 },
	{ 'r', KF_MSG_RAM, 0 },
	{ 'n', KF_MSG_NOTES, 0 },
	{ 'v', KF_MSG_VITAL, 0 },
	{ 'b', KF_MSG_BATCH, 0 },
	{ 'w', KF_MSG_WINDOW, 0 },
	{ 'W', KF_MSG_WINDOW, KF_WINDOW_VITAL },
	{ 'e', KF_MSG_END, 0 },
	{ 'k', KF_MSG_KEEPALIVE, 0 },
	{ 'a', KF_MSG_ABORT, 0 },
	{ 'c', KF_MSG_WELCOME, 0 },
	{ 'u', KF_MSG_RESUME, 0 },
	{ 'x', KF_MSG_RECEIVED, 0 },
	{ 'y', KF_MSG_DURABLE, 0 },
	{ 's', KF_MSG_STORED, 0 },
	{ 't', KF_MSG_LEVEL, 0 },
};

static struct kf_message message_of(char letter)
{
	for (size_t i = 0; i < COUNT(letters); i++) {
		struct kf_message m = { .type = letters[i].type };

		if (letters[i].letter != letter)
			continue;
		if (m.type == KF_MSG_HELLO)
			m.hello.flags = letters[i].flags;
		if (m.type == KF_MSG_WINDOW)
			m.window.flags = letters[i].flags;
		return m;
	}
	fail_msg("no message has the letter %c", letter);
	abort();
}

/* What may come after each beginning, and nothing else. */
static const struct {
	enum kf_role role;
	const char *before, *next;
} steps[] = {
	{ KF_ROLE_SENDER, "", "hHka" },
	{ KF_ROLE_SENDER, "h", "dka" },
	{ KF_ROLE_SENDER, "H", "dka" },
	{ KF_ROLE_SENDER, "hd", "ilrka" },
	{ KF_ROLE_SENDER, "Hd", "ilrvbweka" },
	{ KF_ROLE_SENDER, "hdi", "lrka" },
	{ KF_ROLE_SENDER, "hdl", "lrka" },
	{ KF_ROLE_SENDER, "hdil", "lrka" },
	{ KF_ROLE_SENDER, "hdr", "rnvbweka" },
	{ KF_ROLE_SENDER, "hdilr", "rnvbweka" },
	{ KF_ROLE_SENDER, "hdilrrn", "nvbweka" },
	{ KF_ROLE_SENDER, "hdrv", "vbWka" },
	{ KF_ROLE_SENDER, "hdrnvv", "vbWka" },
	{ KF_ROLE_SENDER, "hdrvb", "bWka" },
	{ KF_ROLE_SENDER, "hdrvbbW", "bweka" },
	{ KF_ROLE_SENDER, "hdrvW", "bweka" },
	{ KF_ROLE_SENDER, "hdrnb", "bweka" },
	{ KF_ROLE_SENDER, "hdrnw", "bweka" },
	{ KF_ROLE_SENDER, "hdrnbwbw", "bweka" },
	{ KF_ROLE_SENDER, "Hdv", "vbWka" },
	{ KF_ROLE_SENDER, "Hdb", "bweka" },
	{ KF_ROLE_SENDER, "hdilrnvbWbwe", "" },
	{ KF_ROLE_SENDER, "hda", "" },
	{ KF_ROLE_SENDER, "a", "" },
	{ KF_ROLE_SENDER, "hkdkikkr", "rnvbweka" },
	{ KF_ROLE_RECEIVER, "", "cka" },
	{ KF_ROLE_RECEIVER, "c", "uxytska" },
	{ KF_ROLE_RECEIVER, "cuxyxyt", "uxytska" },
	{ KF_ROLE_RECEIVER, "cs", "" },
	{ KF_ROLE_RECEIVER, "ca", "" },
	{ KF_ROLE_RECEIVER, "kkc", "uxytska" },
};

static void every_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct kf_order o = kf_order_of(steps[i].role);
		struct kf_error err;

		for (const char *p = steps[i].before; *p; p++) {
			struct kf_message m = message_of(*p);

			CHECK_OK(steps[i].before, kf_order_take(&o, &m, &err), &err);
		}
		for (size_t k = 0; k < COUNT(letters); k++) {
			struct kf_message m = message_of(letters[k].letter);
			struct kf_order after = o;
			char step[64];
			enum kf_status st = kf_order_take(&after, &m, &err);

			snprintf(step, sizeof(step), "'%s' and then '%c'", steps[i].before, letters[k].letter);
			if (strchr(steps[i].next, letters[k].letter)) {
				CHECK_OK(step, st, &err);
				continue;
			}
			CHECK_REFUSED(step, st, KF_INVALID, &err, "may not come after");
			CHECK_EQ(step, after.state, o.state);
		}
	}
}

/* Every state must be the end of one of the beginnings, or the table above has a hole. */
static void every_state_was_there(void **state)
{
	bool seen[KF_ORDER_STATES] = { false };

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct kf_order o = kf_order_of(steps[i].role);
		struct kf_error err;

		for (const char *p = steps[i].before; *p; p++) {
			struct kf_message m = message_of(*p);

			CHECK_OK(steps[i].before, kf_order_take(&o, &m, &err), &err);
		}
		seen[o.state] = true;
	}
	for (unsigned int s = 0; s < KF_ORDER_STATES; s++)
		CHECK(kf_order_state_name(s), seen[s]);
}

static void refusals_name_both(void **state)
{
	struct kf_order o = kf_order_of(KF_ROLE_SENDER);
	struct kf_message hello = message_of('h'), end = message_of('e');
	struct kf_error err;

	(void)state;
	CHECK_OK("HELLO", kf_order_take(&o, &hello, &err), &err);
	CHECK_REFUSED("END", kf_order_take(&o, &end, &err), KF_INVALID, &err, "END may not come after HELLO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step),
		cmocka_unit_test(every_state_was_there),
		cmocka_unit_test(refusals_name_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
