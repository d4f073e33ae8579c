// The workload of the guest that will crash: leaves every kind of page that a filter tells apart, says so, and sleeps.
// SPDX-License-Identifier: GPL-2.0-or-later
//
//   mess MIB SOURCE DIR
//
// MIB of anonymous memory: three quarters filled from SOURCE (a disk or file of real bytes, read round and round),
// one quarter zero. Half of it asks for transparent huge pages, half refuses them. Beside it stand smaller areas of
// every other kind, and files in DIR. "mess: ready" on stdout tells that all of it is there.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, MIB = 1 << 20 };

static int source = -1;

// Fills len bytes with the next real bytes of SOURCE; with a pattern where there is none.
static void fill(char *to, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = source < 0 ? -1 : read(source, to + done, len - done);

		if (got < 0) {
			memset(to + done, 0x5a, len - done);
			return;
		}
		if (got == 0 && lseek(source, 0, SEEK_SET) < 0)
			source = -1;
		done += (size_t)got;
	}
}

static char *area(const char *name, size_t len, int flags)
{
	char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		return at;
	printf("mess: no %s\n", name);
	return NULL;
}

static void anonymous(size_t len)
{
	size_t half = len / 2 / MIB * MIB;
	char *at = area("anonymous memory", len, MAP_PRIVATE);

	if (!at)
		return;
	madvise(at, half, MADV_NOHUGEPAGE);
	madvise(at + half, len - half, MADV_HUGEPAGE);
	fill(at, len / 4 * 3);
	for (size_t i = len / 4 * 3; i < len; i += PAGE)
		at[i] = 0;
	if (fork() == 0) { // copies of every second page of the first eighth; the others stay shared
		for (size_t i = 0; i < len / 8; i += 2 * PAGE)
			at[i] ^= 1;
		for (;;)
			pause();
	}
}

// Eight huge pages: four with contents, two zero, two reserved and never touched; the pool's other pages stay free.
static void hugetlb(void)
{
	char *at = area("hugetlb", 16 * MIB, MAP_PRIVATE | MAP_HUGETLB);

	if (!at)
		return;
	fill(at, 8 * MIB);
	at[8 * MIB] = 0;
	at[10 * MIB] = 0;
}

static void shared_memory(void)
{
	char *at = area("shared memory", 8 * MIB, MAP_SHARED);

	if (at)
		fill(at, 8 * MIB);
}

static void locked(void)
{
	char *at = area("locked memory", 4 * MIB, MAP_PRIVATE);

	if (!at)
		return;
	fill(at, 4 * MIB);
	mlock(at, 4 * MIB);
}

// Equal pages that the kernel may merge (KSM), if the guest switched it on.
static void mergeable(void)
{
	char *at = area("mergeable memory", 4 * MIB, MAP_PRIVATE);

	if (!at)
		return;
	madvise(at, 4 * MIB, MADV_MERGEABLE);
	fill(at, PAGE);
	for (size_t i = PAGE; i < 4 * MIB; i += PAGE)
		memcpy(at + i, at, PAGE);
}

// Memory given back lazily: clean swap-backed pages until somebody needs them.
static void lazily_freed(void)
{
	char *at = area("lazily freed memory", 2 * MIB, MAP_PRIVATE);

	if (!at)
		return;
	fill(at, 2 * MIB);
	madvise(at, 2 * MIB, MADV_FREE);
}

static void files(const char *dir)
{
	static char page[32 * PAGE];

	fill(page, sizeof page);
	for (int i = 0; i < 300; i++) {
		char name[256];
		int fd;

		snprintf(name, sizeof name, "%s/f%d", dir, i);
		fd = open(name, O_CREAT | O_RDWR, 0600);
		if (fd < 0)
			return;
		if (write(fd, page, (size_t)(9000 + i * 40)) > 0 && i % 3 == 0)
			mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	source = open(argv[2], O_RDONLY);
	anonymous(strtoul(argv[1], NULL, 10) * MIB);
	hugetlb();
	shared_memory();
	locked();
	mergeable();
	lazily_freed();
	files(argv[3]);
	puts("mess: ready");
	fflush(stdout);
	for (;;)
		pause();
}
