#!/usr/bin/python3
# power-disk.py LOG IMAGE SEED BYTES: makes IMAGE, a copy of the disk as it was, what a disk with a write cache has after power loss.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# LOG is written by QEMU's blklogwrites: each write, and each flush, in the order in which they were completed. All that
# came before the last flush is on the disk. Of what came after, each sector of 512 bytes is there or not, as SEED has it;
# SEED 0 has none of it. The power went when LOG had BYTES.
import random, struct, sys

MAGIC, FLUSH, DISCARD = 0x6A736677736872, 1, 4
log, image, seed = open(sys.argv[1], "rb"), open(sys.argv[2], "r+b"), int(sys.argv[3])
rng = random.Random(seed)

magic, version, _, sector = struct.unpack("<QQQI", log.read(28))
assert (magic, version) == (MAGIC, 1)
log.seek(0, 2)
size = min(log.tell(), int(sys.argv[4]))
entries, at, flushed = [], sector, 0
while at + 32 <= size:
    log.seek(at)
    where, count, flags, _ = struct.unpack("<QQQQ", log.read(32))
    at += sector
    if flags & ~31 or (not count and not flags & FLUSH):  # the end, or an entry that QEMU had no time to write
        break
    count = 0 if flags & DISCARD else count * sector
    if at + count > size:
        break
    entries.append((where * sector, count, at))
    at += count
    if flags & FLUSH:
        flushed = len(entries)


def write(where, count, data):
    log.seek(data)
    image.seek(where)
    image.write(log.read(count))


for where, count, data in entries[:flushed]:
    write(where, count, data)
kept = 0
for where, count, data in entries[flushed:]:
    for s in range(0, count, 512):
        if seed and rng.random() < 0.5:
            write(where + s, 512, data + s)
            kept += 1
print(f"{flushed} writes and flushes up to the last flush, {len(entries) - flushed} writes behind it, {kept} sectors of them kept")
