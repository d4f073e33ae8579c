// SPDX-License-Identifier: GPL-2.0-or-later
// The saved vectors of tests/vectors through parser, messages and order alone: what each story says of them.
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "proto/message.h"
#include "proto/order.h"
#include "proto/parser.h"

#define DIR "tests/vectors/v1"
#define VECTORS_MIN 100u	/* fewer were not found, but lost */

struct outcome {
	enum kf_status status;
	struct kf_error err;
	enum kf_order_state state;
	bool at_boundary;
};

static enum kf_status take(struct kf_order *order, struct kf_frame *frame, struct kf_error *err)
{
	struct kf_message m;
	enum kf_status st = kf_decode(&m, frame->type, frame->payload, frame->len, err);

	if (!st)
		st = kf_order_take(order, &m, err);
	free(frame->payload);
	return st;
}

static struct outcome feed(const char *file, enum kf_role role)
{
	struct kf_parser *p = kf_parser_create(role);
	struct kf_order order = kf_order_of(role);
	struct outcome o = { .status = KF_OK };
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", DIR, file);
	fd = open(path, O_RDONLY);
	CHECK(path, fd >= 0);
	while (!o.status) {
		struct kf_frame frame;
		uint8_t *where;
		size_t room;
		ssize_t n;
		bool got;

		kf_parser_space(p, &where, &room);
		n = read(fd, where, room);
		if (n <= 0)
			break;
		o.status = kf_parser_advance(p, (size_t)n, &frame, &got, &o.err);
		if (!o.status && got)
			o.status = take(&order, &frame, &o.err);
	}
	o.state = order.state;
	o.at_boundary = kf_parser_at_boundary(p);
	close(fd);
	kf_parser_destroy(p);
	return o;
}

static void check_vector(const char *file, const char *direction, const char *by, const char *said)
{
	enum kf_role role = strcmp(direction, "sender") == 0 ? KF_ROLE_SENDER : KF_ROLE_RECEIVER;
	struct outcome o = feed(file, role);
	bool ended = o.state == KF_AT_END && o.at_boundary;

	if (strcmp(by, "stream") == 0) {
		CHECK_REFUSED(file, o.status, KF_INVALID, &o.err, said);
		return;
	}
	CHECK_OK(file, o.status, &o.err);
	CHECK_EQ(file, ended, strcmp(by, "end") != 0);
}

/* STORIES: file, direction, status, by, said, story; the columns are explained in make.py. */
static void every_story(void **state)
{
	FILE *f = fopen(DIR "/STORIES", "r");
	char line[1024];
	unsigned int n = 0;

	(void)state;
	CHECK("run me from the root of the tree", f);
	while (fgets(line, sizeof(line), f)) {
		char *column[6], *rest = line;

		if (line[0] == '#')
			continue;
		for (size_t i = 0; i < COUNT(column); i++) {
			column[i] = strsep(&rest, "\t\n");
			CHECK(line, column[i]);
		}
		CHECK(column[0], strncmp(column[0], "ok-", 3) == 0 ? column[3][0] == '-' : column[3][0] != '-');
		check_vector(column[0], column[1], column[3], column[4]);
		n++;
	}
	fclose(f);
	CHECK("all of them", n >= VECTORS_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
