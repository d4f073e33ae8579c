// SPDX-License-Identifier: GPL-2.0-or-later
// A seed for the capture kernel's random numbers; see entropy.h.
#include "sender/dump/entropy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <openssl/evp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 4096u	/* places in the memory, one block at each */
#define BLOCK 1024u	/* bytes */

/* A kernel before 3.17 has no getrandom; there OpenSSL waits until /dev/random can be read. */
static bool system_ready(void)
{
	uint8_t byte;
	struct pollfd p = { .events = POLLIN };
	bool ready;

	if (getrandom(&byte, 1, GRND_NONBLOCK) == 1)
		return true;
	if (errno != ENOSYS)
		return errno != EAGAIN;
	p.fd = open("/dev/random", O_RDONLY | O_CLOEXEC);
	ready = p.fd < 0 || poll(&p, 1, 0) > 0;
	if (p.fd >= 0)
		close(p.fd);
	return ready;
}

static bool system_add(const uint8_t seed[KF_ENTROPY_BYTES])
{
	union {
		struct rand_pool_info info;
		uint8_t room[sizeof(struct rand_pool_info) + KF_ENTROPY_BYTES];
	} u = { .info = { .entropy_count = 8 * KF_ENTROPY_BYTES / 2, .buf_size = KF_ENTROPY_BYTES } };
	int fd = open("/dev/random", O_RDWR | O_CLOEXEC);
	bool added;

	memcpy(u.info.buf, seed, KF_ENTROPY_BYTES);
	added = fd >= 0 && ioctl(fd, RNDADDENTROPY, &u) == 0;
	if (fd >= 0)
		close(fd);
	explicit_bzero(&u, sizeof(u));
	return added;
}

const struct kf_entropy_ops kf_entropy_system = { .ready = system_ready, .add = system_add };

static void add_time(EVP_MD_CTX *h)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	EVP_DigestUpdate(h, &ts, sizeof(ts));
}

/* Registers of all CPUs, and memory at places that are spread evenly. What cannot be read is left out. */
static bool gather(uint8_t seed[KF_ENTROPY_BYTES], const struct kf_vmcore *vc)
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	uint8_t block[BLOCK];
	uint64_t step = vc->size / SAMPLES;
	bool done = h && EVP_DigestInit_ex(h, EVP_sha512(), NULL);

	for (unsigned int i = 0; done && i < SAMPLES; i++) {
		ssize_t n = pread(vc->fd, block, sizeof(block), (off_t)(i * step));

		if (n > 0)
			EVP_DigestUpdate(h, block, (size_t)n);
		add_time(h);
	}
	done = done && EVP_DigestFinal_ex(h, seed, NULL);
	EVP_MD_CTX_free(h);
	explicit_bzero(block, sizeof(block));
	return done;
}

void kf_entropy_ensure(const struct kf_entropy_ops *ops, const struct kf_vmcore *vc, const struct kf_log *log)
{
	uint8_t seed[KF_ENTROPY_BYTES];
	bool added;

	if (ops->ready())
		return;
	added = gather(seed, vc) && ops->add(seed);
	explicit_bzero(seed, sizeof(seed));
	if (added && ops->ready())
		kf_log(log, KF_LOG_COMMON, "this kernel had no random numbers yet: it was given a seed out of the crashed kernel's memory");
	else
		kf_log(log, KF_LOG_ERROR, "this kernel has no random numbers yet, and took no seed%s: keys may have to wait for it",
		       added ? "" : ", which root only can give");
}
