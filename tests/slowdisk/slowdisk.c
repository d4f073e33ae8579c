// A slow disk for one program: LD_PRELOAD this, and its pwrite, fsync and fdatasync take as long as on that disk.
// SPDX-License-Identifier: GPL-2.0-or-later
//
// SLOWDISK_RATE: bytes a second, of all threads together. SLOWDISK_SYNC_MS: what each sync takes besides. The disk does one thing
// at a time, in the order in which it was asked.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t free_at; // nanoseconds: when the disk has done all that it was asked for

static int64_t number(const char *name)
{
	const char *text = getenv(name);

	return text ? atoll(text) : 0;
}

static void occupy(int64_t ns)
{
	struct timespec t;
	int64_t now, until;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * 1000000000LL + t.tv_nsec;
	pthread_mutex_lock(&lock);
	until = (free_at > now ? free_at : now) + ns;
	free_at = until;
	pthread_mutex_unlock(&lock);
	t = (struct timespec){ .tv_sec = until / 1000000000, .tv_nsec = until % 1000000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static void occupy_for(size_t len)
{
	int64_t rate = number("SLOWDISK_RATE");

	if (rate > 0)
		occupy((int64_t)len * 1000000000 / rate);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t (*real)(int, const void *, size_t, off_t) = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");

	occupy_for(len);
	return real(fd, bytes, len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return pwrite(fd, bytes, len, at);
}

static int synced(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);

	occupy(number("SLOWDISK_SYNC_MS") * 1000000);
	return real(fd);
}

int fdatasync(int fd)
{
	return synced("fdatasync", fd);
}

int fsync(int fd)
{
	return synced("fsync", fd);
}
