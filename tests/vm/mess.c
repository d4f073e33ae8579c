// The workload of the guest that will crash: leaves every kind of page that a filter tells apart, says so, and sleeps.
// SPDX-License-Identifier: GPL-2.0-or-later
//
//   mess MIB SOURCE DIR
//
// MIB of anonymous memory: three quarters filled from SOURCE (a disk or file of real bytes, read round and round),
// one quarter zero. Half of it asks for transparent huge pages, half refuses them. Beside it stand smaller areas of
// every other kind, and files in DIR. If the machine has two nodes, the memory lies on both. What this kernel does not
// have is told by a line "mess: no ...", and "mess: ready" that all the rest is there.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Young or rare names that a C library may lack; the kernel's numbers.
#define KERNEL_MADV_PAGEOUT	 21
#define KERNEL_MADV_HWPOISON	 100
#define KERNEL_MADV_SOFT_OFFLINE 101
#define KERNEL_MAP_HUGE_1GB	 (30 << 26)
#define KERNEL_MPOL_INTERLEAVE	 3

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

// Ten huge pages: four private with contents, two zero, two reserved and never touched, two shared; the pool's other
// pages stay free. Of 1 GiB there is one, begun to be used, if the command line gave any.
static void hugetlb(void)
{
	char *at = area("hugetlb", 16 * MIB, MAP_PRIVATE | MAP_HUGETLB);

	if (at) {
		fill(at, 8 * MIB);
		at[8 * MIB] = 0;
		at[10 * MIB] = 0;
	}
	at = area("shared hugetlb", 4 * MIB, MAP_SHARED | MAP_HUGETLB);
	if (at)
		fill(at, 4 * MIB);
	if (access("/sys/kernel/mm/hugepages/hugepages-1048576kB", F_OK))
		return;
	at = mmap(NULL, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | KERNEL_MAP_HUGE_1GB, -1, 0);
	if (at != MAP_FAILED)
		fill(at, 64 * MIB);
}

// Twice: in small pages, and in huge ones where shared memory has them.
static void shared_memory(void)
{
	char *at = area("shared memory", 8 * MIB, MAP_SHARED);

	if (at)
		fill(at, 8 * MIB);
	at = area("shared memory", 8 * MIB, MAP_SHARED);
	if (!at)
		return;
	madvise(at, 8 * MIB, MADV_HUGEPAGE);
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

// Pages of 32 contents that the kernel may merge (KSM), if the guest switched it on.
static void mergeable(void)
{
	char *at = area("mergeable memory", 4 * MIB, MAP_PRIVATE);

	if (!at)
		return;
	madvise(at, 4 * MIB, MADV_MERGEABLE);
	fill(at, 32 * PAGE);
	for (size_t i = 32 * PAGE; i < 4 * MIB; i += 32 * PAGE)
		memcpy(at + i, at, 32 * PAGE);
}

// Anonymous memory that went to the guest's swap; half of it is read back and stays in the swap cache.
static void swapped(void)
{
	char *at = area("memory to swap", 4 * MIB, MAP_PRIVATE);
	volatile char *read_back = at;

	if (!at)
		return;
	madvise(at, 4 * MIB, MADV_NOHUGEPAGE);
	fill(at, 4 * MIB);
	if (madvise(at, 4 * MIB, KERNEL_MADV_PAGEOUT))
		puts("mess: no swapped memory");
	for (size_t i = 0; i < 2 * MIB; i += PAGE)
		(void)read_back[i];
}

// One page that the kernel takes for broken; whoever has it is killed. The page is lost to the machine.
static void poison(const char *name, int advice)
{
	int status = 0;
	pid_t victim = fork();

	if (victim == 0) {
		char *at = area(name, 4 * PAGE, MAP_PRIVATE);

		if (!at)
			_exit(1);
		fill(at, 4 * PAGE);
		_exit(madvise(at, PAGE, advice) ? 1 : 0);
	}
	waitpid(victim, &status, 0);
	if (victim < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 1))
		printf("mess: no %s\n", name);
}

// The rest of this program's memory lies on both nodes of a machine that has two.
static void use_both_nodes(void)
{
	unsigned long nodes = 3;

	if (access("/sys/devices/system/node/node1", F_OK) == 0)
		syscall(SYS_set_mempolicy, KERNEL_MPOL_INTERLEAVE, &nodes, 8 * sizeof nodes);
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
	use_both_nodes();
	anonymous(strtoul(argv[1], NULL, 10) * MIB);
	hugetlb();
	shared_memory();
	locked();
	mergeable();
	swapped();
	lazily_freed();
	poison("poisoned memory", KERNEL_MADV_HWPOISON);
	poison("retired memory", KERNEL_MADV_SOFT_OFFLINE);
	files(argv[3]);
	puts("mess: ready");
	fflush(stdout);
	for (;;)
		pause();
}
