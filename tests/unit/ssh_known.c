// SPDX-License-Identifier: GPL-2.0-or-later
// Which host keys are believed: lines of known_hosts files as ssh has them, pinned fingerprints, and what is said when a key is not.
#include "tests/unit/unit.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sender/transport/sshhosts.h"

/* Made by ssh-keygen, as their fingerprints and the hashed names are. The private halves are gone. */
#define ED "AAAAC3NzaC1lZDI1NTE5AAAAIK1Zy6F/P/FAOQyHI0sfBWUE2jJcoDQ6PzJ04eNTdwZ0"
#define ED_PRINT "SHA256:u/6edxjhvkXXP9SnEPUJ3Dc/QhguRyU4hO/1Jm9LsS8"
#define EC "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAA9mcsuGk/Nxu3MBs6kR4li77RSgEr0gcG64ECqhVp2EEwm7ckq2DmT5ZPSL4mqaS1HaDTxRhhuWUwVSlELbKE="
#define EC_TYPE "ecdsa-sha2-nistp256"
#define HASHED_2299 "|1|E5LbfH3t/ZkUk3bmO5G9zSPtKsI=|LdegVuPoDBK4pVXO0kHOGRL32/M="	/* [127.0.0.1]:2299 */

struct fixture {
	char dir[32], path[64];
	struct kf_trust trust;
	struct kf_target target;
	struct kf_known_key shown;	/* what the server shows: ED */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct kf_error err;

	strcpy(f->dir, "/tmp/kferry-known-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/known_hosts", f->dir);
	f->trust.known_hosts = f->path;
	CHECK_OK("target", kf_target_parse(&f->target, "ssh://Server.example:2299", &err), &err);
	assert_true(kf_known_line(&f->shown, "x ssh-ed25519 " ED, "x"));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void write_file(const struct fixture *f, const char *text)
{
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void lines(void **state)
{
	static const struct {
		const char *story, *line, *name;
		bool about;
	} rows[] = {
		{ "the name itself", "server ssh-ed25519 " ED, "server", true },
		{ "with a comment", "server ssh-ed25519 " ED " root@server and more", "server", true },
		{ "tabs and blanks", " \tserver\t ssh-ed25519 \t" ED " ", "server", true },
		{ "another name", "server ssh-ed25519 " ED, "server2", false },
		{ "a part of the name", "server ssh-ed25519 " ED, "serve", false },
		{ "large letters in the file", "Server ssh-ed25519 " ED, "server", true },
		{ "second of three", "a,server,10.0.0.1 ssh-ed25519 " ED, "server", true },
		{ "third of three", "a,server,10.0.0.1 ssh-ed25519 " ED, "10.0.0.1", true },
		{ "empty names between commas", ",,server,, ssh-ed25519 " ED, "server", true },
		{ "a port of its own", "[server]:2299 ssh-ed25519 " ED, "[server]:2299", true },
		{ "another port", "[server]:2299 ssh-ed25519 " ED, "[server]:22", false },
		{ "the host, when the port is asked for", "server ssh-ed25519 " ED, "[server]:2299", false },
		{ "IPv6", "fe80::1%eth0 ssh-ed25519 " ED, "fe80::1%eth0", true },
		{ "star", "*.example ssh-ed25519 " ED, "a.example", true },
		{ "star stands for nothing too", "a*.example ssh-ed25519 " ED, "a.example", true },
		{ "star is not its end", "*.example ssh-ed25519 " ED, "a.example.org", false },
		{ "two stars go back", "*ab*c ssh-ed25519 " ED, "aababxc", true },
		{ "question mark", "server? ssh-ed25519 " ED, "server7", true },
		{ "question mark wants a letter", "server? ssh-ed25519 " ED, "server", false },
		{ "excepted", "*.example,!bad.example ssh-ed25519 " ED, "bad.example", false },
		{ "excepted before", "!bad.example,*.example ssh-ed25519 " ED, "bad.example", false },
		{ "not the excepted one", "*.example,!bad.example ssh-ed25519 " ED, "good.example", true },
		{ "nothing but an exception", "!bad.example ssh-ed25519 " ED, "good.example", false },
		{ "hashed", HASHED_2299 " ssh-ed25519 " ED, "[127.0.0.1]:2299", true },
		{ "hashed, another", HASHED_2299 " ssh-ed25519 " ED, "[127.0.0.1]:2298", false },
		{ "hashed without a hash", "|1|E5LbfH3t/ZkUk3bmO5G9zSPtKsI= ssh-ed25519 " ED, "[127.0.0.1]:2299", false },
		{ "hashed, empty salt", "|1||LdegVuPoDBK4pVXO0kHOGRL32/M= ssh-ed25519 " ED, "[127.0.0.1]:2299", false },
		{ "hashed by a method of the future", "|2|E5LbfH3t/ZkUk3bmO5G9zSPtKsI=|LdegVuPoDBK4pVXO0kHOGRL32/M= ssh-ed25519 " ED,
		  "[127.0.0.1]:2299", false },
		{ "comment", "# server ssh-ed25519 " ED, "server", false },
		{ "empty", "", "server", false },
		{ "blanks", "   ", "server", false },
		{ "no key", "server ssh-ed25519", "server", false },
		{ "no type", "server", "server", false },
		{ "a key that is no base64", "server ssh-ed25519 AAAA*AAA", "server", false },
		{ "a key that is cut", "server ssh-ed25519 AAAAC3Nza", "server", false },
		{ "a marker that nobody knows", "@fine server ssh-ed25519 " ED, "server", false },
		{ "a marker alone", "@revoked", "server", false },
		{ "the old format of SSH 1", "server 1024 35 123456789", "server", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_known_key key;

		CHECK_EQ(rows[i].story, kf_known_line(&key, rows[i].line, rows[i].name), rows[i].about);
	}
}

static void what_a_line_says(void **state)
{
	struct kf_known_key key;
	char print[KF_FINGERPRINT_MAX];

	(void)state;
	assert_true(kf_known_line(&key, "server ssh-ed25519 " ED, "server"));
	assert_int_equal(key.kind, KF_KNOWN_PLAIN);
	assert_string_equal(key.type, "ssh-ed25519");
	assert_int_equal(key.len, 51);
	kf_fingerprint(print, key.blob, key.len);
	assert_string_equal(print, ED_PRINT);
	assert_true(kf_known_line(&key, "@revoked server " EC_TYPE " " EC, "server"));
	assert_int_equal(key.kind, KF_KNOWN_REVOKED);
	assert_int_equal(key.len, 104);
	assert_true(kf_known_line(&key, "@cert-authority * ssh-ed25519 " ED, "server"));
	assert_int_equal(key.kind, KF_KNOWN_AUTHORITY);
}

/* Damaged lines must not be read behind their end; sanitizers look. */
static void damaged_lines(void **state)
{
	const char good[] = "@revoked a*,!b?," HASHED_2299 " ssh-ed25519 " ED " comment";
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char line[sizeof(good)];
		struct kf_known_key key;

		memcpy(line, good, sizeof(good));
		for (int j = 0; j < 3; j++)
			line[next_random(&seed) % (sizeof(good) - 1)] = (char)next_random(&seed);
		line[next_random(&seed) % sizeof(good)] = '\0';
		if (kf_known_line(&key, line, "[127.0.0.1]:2299"))
			assert_true(key.len > 0 && key.len <= sizeof(key.blob));
	}
}

static void types_asked_for(void **state)
{
	static const struct {
		const char *story, *file, *types;
	} rows[] = {
		{ "nothing is known", "other ssh-ed25519 " ED "\n", "" },
		{ "one", "[server.example]:2299 ssh-ed25519 " ED "\n", "ssh-ed25519" },
		{ "two, each once", "[server.example]:2299 " EC_TYPE " " EC "\n[server.example]:2299 ssh-ed25519 " ED "\n[server.example]:2299 ssh-ed25519 "
		  ED "\n", EC_TYPE ",ssh-ed25519" },
		{ "the host, if its port is not there", "server.example " EC_TYPE " " EC "\n", EC_TYPE },
		{ "not the host, if its port is there", "server.example " EC_TYPE " " EC "\n[server.example]:2299 ssh-ed25519 " ED "\n", "ssh-ed25519" },
		{ "no revoked one, no authority", "@revoked * " EC_TYPE " " EC "\n@cert-authority * ssh-ed25519 " ED "\n", "" },
		{ "without a newline at the end", "[server.example]:2299 ssh-ed25519 " ED, "ssh-ed25519" },
		{ "lines of DOS", "[server.example]:2299 ssh-ed25519 " ED "\r\n", "ssh-ed25519" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char list[256];
		struct kf_error err;

		write_file(f, rows[i].file);
		CHECK_OK(rows[i].story, kf_known_types(list, sizeof(list), &f->target, &f->trust, &err), &err);
		CHECK_TEXT(rows[i].story, list, rows[i].types);
	}
}

static void believed(void **state)
{
	static const struct {
		const char *story, *file, *says;	/* NULL: believed */
	} rows[] = {
		{ "known", "[server.example]:2299 ssh-ed25519 " ED "\n", NULL },
		{ "known among others", "[server.example]:2299 " EC_TYPE " " EC "\n[server.example]:2299 ssh-ed25519 " ED "\n", NULL },
		{ "known by the host's name", "server.example ssh-ed25519 " ED "\n", NULL },
		{ "nothing known", "", "the server's host key is unknown: none known in /tmp/" },
		{ "shown, when unknown", "", "the server showed " ED_PRINT " (ssh-ed25519)" },
		{ "what to do, when unknown", "", "give --host-key " ED_PRINT },
		{ "another", "[server.example]:2299 " EC_TYPE " " EC "\n", "another than the known one: known SHA256:" },
		{ "both fingerprints", "[server.example]:2299 " EC_TYPE " " EC "\n", "(" EC_TYPE ", /tmp/" },
		{ "where it is known", "# a comment\n[server.example]:2299 " EC_TYPE " " EC "\n", "known_hosts:2), the server showed " ED_PRINT },
		{ "revoked, though known", "[server.example]:2299 ssh-ed25519 " ED "\n@revoked * ssh-ed25519 " ED "\n", "is revoked: /tmp/" },
		{ "revoked only", "@revoked [server.example]:2299 ssh-ed25519 " ED "\n", "is revoked: /tmp/" },
		{ "another is revoked", "[server.example]:2299 ssh-ed25519 " ED "\n@revoked * " EC_TYPE " " EC "\n", NULL },
		{ "an authority is no key", "@cert-authority * ssh-ed25519 " ED "\n", "unknown" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_error err;
		enum kf_status st;

		write_file(f, rows[i].file);
		st = kf_known_check(&f->target, &f->trust, f->shown.blob, f->shown.len, &err);
		if (rows[i].says)
			CHECK_REFUSED(rows[i].story, st, KF_REFUSED, &err, rows[i].says);
		else
			CHECK_OK(rows[i].story, st, &err);
	}
}

static void pinned(void **state)
{
	struct fixture *f = *state;
	struct kf_error err;
	char list[64] = "x";

	unlink(f->path);	/* is not looked at */
	f->trust.host_keys[0] = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	f->trust.host_key_count = 1;
	CHECK_OK("types", kf_known_types(list, sizeof(list), &f->target, &f->trust, &err), &err);
	CHECK_TEXT("types", list, "");
	CHECK_REFUSED("another", kf_known_check(&f->target, &f->trust, f->shown.blob, f->shown.len, &err), KF_REFUSED, &err,
		      "wanted SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, the server showed " ED_PRINT);
	f->trust.host_keys[1] = ED_PRINT;
	f->trust.host_key_count = 2;
	CHECK_OK("one of two", kf_known_check(&f->target, &f->trust, f->shown.blob, f->shown.len, &err), &err);
	f->trust.host_keys[1] = ED_PRINT "=";
	CHECK_OK("with padding", kf_known_check(&f->target, &f->trust, f->shown.blob, f->shown.len, &err), &err);
}

static void missing_file(void **state)
{
	struct fixture *f = *state;
	struct kf_error err;
	char list[64];

	unlink(f->path);
	CHECK_REFUSED("given", kf_known_types(list, sizeof(list), &f->target, &f->trust, &err), KF_INVALID, &err, "No such file");
	f->trust.known_hosts = NULL;
	setenv("HOME", f->dir, 1);
	CHECK_OK("the usual one", kf_known_types(list, sizeof(list), &f->target, &f->trust, &err), &err);
	CHECK_REFUSED("the usual one", kf_known_check(&f->target, &f->trust, f->shown.blob, f->shown.len, &err), KF_REFUSED, &err,
		      "/.ssh/known_hosts and /etc/ssh/ssh_known_hosts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(what_a_line_says),
		cmocka_unit_test(damaged_lines),
		cmocka_unit_test_setup_teardown(types_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(believed, setup, teardown),
		cmocka_unit_test_setup_teardown(pinned, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
