// SPDX-License-Identifier: GPL-2.0-or-later
// Which places in the code sync, and what; see disklog.h.
#include "tests/unit/recv/disklog.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define FRAMES 10	/* up to the caller of the function in receiver/store that called the table */

/* Names of files change and are all ways to the same thing: what counts is what it will be called. */
const char *disklog_name(const struct disklog *log, unsigned int inode)
{
	if (inode == DISK_BASE)
		return "..";
	for (unsigned int i = log->count; i-- > 0;)
		if (log->ops[i].kind == DISK_NAMED && log->ops[i].to[0] && log->ops[i].target == inode)
			return log->ops[i].inode == DISK_BASE ? "." : log->ops[i].to;
	for (unsigned int n = 0; n < log->live.count; n++)	/* it was there before the log began */
		for (unsigned int i = 0; i < log->live.inodes[n].count; i++)
			if (log->live.inodes[n].names[i].inode == inode)
				return n == DISK_BASE ? "." : log->live.inodes[n].names[i].name;
	return "a file without a name";
}

static void tell_where(struct disklog_site *site)
{
	char command[200], line[64] = "";
	Dl_info info;
	FILE *p;

	snprintf(site->where, sizeof(site->where), "%p", site->caller);
	if (!dladdr(site->caller, &info) || !info.dli_fbase)
		return;
	snprintf(command, sizeof(command), "addr2line -s -e /proc/%d/exe %#tx 2>/dev/null", getpid(),
		 (char *)site->caller - (char *)info.dli_fbase - 1);
	p = popen(command, "r");
	if (p && fgets(line, sizeof(line), p) && line[0] != '?')
		snprintf(site->where, sizeof(site->where), "%.*s", (int)strcspn(line, " \n"), line);
	if (p)
		pclose(p);
}

/* Who called the function that goes on at BACK. */
static void *caller_of(const void *back)
{
	void *frames[FRAMES];
	int count = backtrace(frames, FRAMES);

	for (int i = 0; i + 1 < count; i++)
		if (frames[i] == back)
			return frames[i + 1];
	return NULL;
}

unsigned int disklog_site(struct disklog *log, unsigned int inode, bool full, const void *back)
{
	const char *name = disklog_name(log, inode);
	void *caller = name[0] == '.' ? NULL : caller_of(back);
	unsigned int i;

	for (i = 0; i < log->site_count; i++)
		if (log->sites[i].caller == caller && log->sites[i].full == full && !strcmp(log->sites[i].file, name))
			break;
	assert_true(i < DISKLOG_SITES);
	if (i == log->site_count) {
		log->sites[i] = (struct disklog_site){ .full = full, .caller = caller };
		snprintf(log->sites[i].file, sizeof(log->sites[i].file), "%s", name);
		if (caller)
			tell_where(&log->sites[i]);
		log->site_count++;
	}
	log->sites[i].count++;
	return i;
}
