// SPDX-License-Identifier: GPL-2.0-or-later
// Private key files as ssh-keygen makes them: what can be told of them without a passphrase, and which are refused.
#include "tests/unit/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sender/transport/sshkeyfile.h"
#include "sender/transport/sshrsa.h"

static char dir[] = "/tmp/kferry-keys-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int make(const char *name, const char *arguments)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -f %s; ssh-keygen -q %s -C '' -f %s </dev/null", path_of(name), arguments, path_of(name));
	return system(command);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	return make("ed25519", "-t ed25519 -N ''") || make("ed25519-locked", "-t ed25519 -N 'a word'") || make("ecdsa", "-t ecdsa -N ''") ||
	       make("rsa", "-t rsa -b 2048 -N ''") || make("rsa-locked", "-t rsa -b 2048 -N 'a word'") ||
	       make("rsa-pem", "-t rsa -b 2048 -m PEM -N ''") || make("rsa-pem-locked", "-t rsa -b 2048 -m PEM -N 'a word'") ||
	       make("rsa-pkcs8-locked", "-t rsa -b 2048 -m PKCS8 -N 'a word'") || make("ecdsa-pem", "-t ecdsa -m PEM -N ''");
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void put(const char *name, const char *text, size_t len, mode_t mode)
{
	FILE *f;

	unlink(path_of(name));
	f = fopen(path_of(name), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static void kinds(void **state)
{
	static const struct {
		const char *name, *type;
		bool openssh, encrypted;
	} rows[] = {
		{ "ed25519", "ssh-ed25519", true, false },	{ "ed25519-locked", "ssh-ed25519", true, true },
		{ "ecdsa", "ecdsa-sha2-nistp256", true, false }, { "rsa", "ssh-rsa", true, false },
		{ "rsa-locked", "ssh-rsa", true, true },	{ "rsa-pem", "ssh-rsa", false, false },
		{ "rsa-pem-locked", "ssh-rsa", false, true },	{ "rsa-pkcs8-locked", "", false, true },
		{ "ecdsa-pem", "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_keyfile *key;
		struct kf_error err;

		CHECK_OK(rows[i].name, kf_keyfile_read(&key, path_of(rows[i].name), &err), &err);
		CHECK_TEXT(rows[i].name, key->type, rows[i].type);
		CHECK_EQ(rows[i].name, key->openssh, rows[i].openssh);
		CHECK_EQ(rows[i].name, key->encrypted, rows[i].encrypted);
		kf_keyfile_destroy(key);
	}
}

/* What libssh2 1.10 cannot do by itself. */
static void rsa_keys(void **state)
{
	static const struct {
		const char *name, *passphrase;
		enum kf_status status;
		const char *says;
	} rows[] = {
		{ "rsa", NULL, KF_OK, NULL },
		{ "rsa", "superfluous", KF_OK, NULL },
		{ "rsa-pem", NULL, KF_OK, NULL },
		{ "rsa-pem-locked", "a word", KF_OK, NULL },
		{ "rsa-pkcs8-locked", "a word", KF_OK, NULL },
		{ "rsa-pem-locked", "another", KF_INVALID, "does not open with this passphrase" },
		{ "rsa-pem-locked", NULL, KF_INVALID, "does not open" },
		{ "rsa-pkcs8-locked", "", KF_INVALID, "does not open" },
		{ "rsa-locked", "a word", KF_INVALID, "ssh-keygen -p -m PEM" },
		{ "ed25519", NULL, KF_ABSENT, "no RSA key" },
		{ "ecdsa-pem", NULL, KF_ABSENT, "no RSA key" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_sshrsa *rsa;
		struct kf_keyfile *key;
		struct kf_error err;
		enum kf_status st;

		CHECK_OK(rows[i].name, kf_keyfile_read(&key, path_of(rows[i].name), &err), &err);
		st = kf_sshrsa_create(&rsa, key, rows[i].passphrase, &err);
		if (rows[i].status)
			CHECK_REFUSED(rows[i].name, st, rows[i].status, &err, rows[i].says);
		else
			CHECK_OK(rows[i].name, st, &err);
		kf_sshrsa_destroy(rsa);
		kf_keyfile_destroy(key);
	}
}

static void refused(void **state)
{
	static char large[KF_KEYFILE_MAX + 1];
	static const struct {
		const char *story, *text;
		mode_t mode;
		const char *says;
	} rows[] = {
		{ "others may read it", "-----BEGIN PRIVATE KEY-----\n", 0604, "others may read it (mode 0604): chmod 600" },
		{ "its group may", "-----BEGIN PRIVATE KEY-----\n", 0640, "(mode 0640)" },
		{ "empty", "", 0600, "no private key" },
		{ "a public key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK1Zy6F/P/FAOQyHI0sfBWUE2jJcoDQ6PzJ04eNTdwZ0\n", 0600, "no private key" },
		{ "of PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\n", 0600, "PuTTY" },
		{ "nothing inside", "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n", 0600, "damaged" },
		{ "no end", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAA\n", 0600, "damaged" },
		{ "other bytes", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", 0600, "damaged" },
	};
	struct kf_keyfile *key;
	struct kf_error err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put("odd", rows[i].text, strlen(rows[i].text), rows[i].mode);
		CHECK_REFUSED(rows[i].story, kf_keyfile_read(&key, path_of("odd"), &err), KF_INVALID, &err, rows[i].says);
		CHECK(rows[i].story, !key);
	}
	put("odd", large, sizeof(large), 0600);
	CHECK_REFUSED("too long", kf_keyfile_read(&key, path_of("odd"), &err), KF_INVALID, &err, "too long");
	CHECK_REFUSED("none", kf_keyfile_read(&key, path_of("none"), &err), KF_ABSENT, &err, "is not there");
	CHECK_REFUSED("a directory", kf_keyfile_read(&key, dir, &err), KF_INVALID, &err, "is no file");
}

/* A damaged key must not be read behind its end; sanitizers look. */
static void damaged(void **state)
{
	static const char *const names[] = { "ed25519", "rsa", "rsa-pem" };
	struct kf_keyfile *good, *key;
	struct kf_error err;
	uint64_t seed = 7;

	(void)state;
	for (size_t n = 0; n < COUNT(names); n++) {
		CHECK_OK(names[n], kf_keyfile_read(&good, path_of(names[n]), &err), &err);
		for (int i = 0; i < 300; i++) {
			size_t len = i % 3 ? good->len : next_random(&seed) % good->len;
			struct kf_sshrsa *rsa = NULL;
			char *text = malloc(good->len + 1);

			memcpy(text, good->text, good->len);
			for (int j = 0; j < 2; j++)
				text[next_random(&seed) % good->len] = "ABCxyz01/=\n-"[next_random(&seed) % 12];
			put("odd", text, len, 0600);
			free(text);
			if (kf_keyfile_read(&key, path_of("odd"), &err) == KF_OK && !key->encrypted && kf_sshrsa_create(&rsa, key, NULL, &err) == KF_OK)
				kf_sshrsa_destroy(rsa);
			kf_keyfile_destroy(key);
		}
		kf_keyfile_destroy(good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds), cmocka_unit_test(rsa_keys), cmocka_unit_test(refused), cmocka_unit_test(damaged),
	};

	if (system("command -v ssh-keygen >/dev/null") != 0) {
		puts("skipped: there is no ssh-keygen");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
