/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk in memory that loses its power: which files and names are on it after any part of some changes. */
#ifndef RECV_DISK_H
#define RECV_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_NAMES 16		/* in one directory */
#define DISK_NAME 256
#define DISK_SECTOR 512		/* written whole or not at all */
#define DISK_BASE 0		/* the directory of all dumps */

enum disk_kind {
	DISK_WRITE,		/* bytes, or zeros where BYTES is NULL */
	DISK_CUT,		/* the file has LEN bytes now */
	DISK_PUNCH,		/* zeros at [AT, AT + LEN), inside the file */
	DISK_NAMED,		/* in the directory INODE, FROM is gone and TO names TARGET, at once */
	DISK_SYNC,		/* all before it that changed INODE is on disk */
	DISK_SAID,		/* nothing changed: the receiver promised something */
};

/* What the receiver told its sender so far. */
struct disk_promise {
	bool durable, stored, whole, closed;
	uint32_t flags;		/* of DURABLE: KF_RESUME_ */
	uint64_t pfn;		/* of DURABLE */
	bool resumed;		/* it went on with it: pages of the window that was open are forgotten */
	bool given_up;		/* nobody came back for it: the journal is gone for good */
	bool opens, nothing;	/* it closed the dump as one that can be opened; as none */
};

struct disk_op {
	enum disk_kind kind;
	unsigned int inode;
	uint8_t *bytes;		/* owned by the log */
	size_t len, at;
	char from[DISK_NAME], to[DISK_NAME];	/* empty: none */
	unsigned int target;
	unsigned int site;	/* of a sync: number of the place in the code */
	struct disk_promise promise;
};

struct disk_name {
	char name[DISK_NAME];
	unsigned int inode;
};

struct disk_inode {
	uint8_t *bytes;		/* owned; of a file */
	size_t len, room;
	struct disk_name names[DISK_NAMES];	/* of a directory */
	unsigned int count;
};

struct disk {
	struct disk_inode *inodes;	/* owned */
	unsigned int count, room;
};

void disk_init(struct disk *d);		/* with an empty DISK_BASE */
void disk_deinit(struct disk *d);
void disk_load(struct disk *d, int base);	/* what lies in the directory BASE and the directories in it */
void disk_copy(struct disk *to, const struct disk *from);	/* TO keeps its memory where that is enough */
unsigned int disk_new_inode(struct disk *d);

/* Makes the change OP. */
void disk_apply(struct disk *d, const struct disk_op *op);
/* Makes a part of it: of a write, the sectors that SEED chooses. */
void disk_apply_torn(struct disk *d, const struct disk_op *op, uint64_t *seed);

/* The inode that NAME names in the directory DIR; -1 if none. */
int disk_find(const struct disk *d, unsigned int dir, const char *name);
/* The same as a file; NULL if there is none. */
const struct disk_inode *disk_file(const struct disk *d, unsigned int dir, const char *name);

#endif
