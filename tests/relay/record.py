#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record.py DIR [--arrived FILE]: what kferry-relay recorded of one sender: whether what was durable never came again.

DIR has N.up and N.down of each connection. For each one a line is printed; then the sum. Exit status 1, with a line for each:
  a window or a page below the pfn that DURABLE had said on an earlier connection of the dump came again, vital pages aside;
  the intro or the vital part came again although DURABLE had said that it is on disk;
  RESUME tells a lower pfn than DURABLE had, or less of the two;
  the first window after RESUME does not begin at its pfn with its carry; or, if the vital part was not whole, a vital page below it came.
--arrived: the ranges of pfns whose page came in a BATCH, `first end` a line. Read from docs/PROTOCOL.md alone.
"""
# SPDX-License-Identifier: GPL-2.0-or-later
import argparse
import glob
import os
import struct
import sys

PREFACE, HEADER = 32, 24
HELLO, INTRO, VITAL, BATCH, WINDOW, END = 1, (3, 4, 5, 6), 7, 8, 9, 10
WELCOME, RESUME, DURABLE, STORED = 33, 34, 36, 37
HAS_INTRO, HAS_VITAL = 1, 2
WINDOW_VITAL = 1


def frames(path):
    """(type, payload without what a batch stores). A frame that was cut is left out."""
    with open(path, "rb") as f:
        size, at = os.fstat(f.fileno()).st_size, PREFACE
        while at + HEADER <= size:
            f.seek(at)
            magic, kind, _, length = struct.unpack_from("<HBBI", f.read(HEADER))
            if magic != 0x464B:
                sys.exit(f"{path}: no frame at byte {at}")
            at += HEADER + length
            if at > size:
                return
            head = f.read(min(length, 24))
            if kind == BATCH:
                head += f.read(16 * struct.unpack_from("<I", head, 4)[0])
            else:
                head += f.read(length - len(head))
            yield kind, head


class Dump:
    """What the receiver has said of one dump, by its connections up to now."""

    def __init__(self):
        self.pfn = self.flags = 0
        self.has_vital = False


class Record:
    def __init__(self, directory):
        self.directory, self.dumps, self.wrong, self.arrived = directory, {}, [], []
        self.bytes = self.resumed = self.with_carry = self.inside = self.in_vital = self.stored = 0
        self.numbers = sorted(int(os.path.basename(p)[:-3]) for p in glob.glob(directory + "/*.up"))

    def connection(self, n):
        up, down = (f"{self.directory}/{n}.{d}" for d in ("up", "down"))
        said = list(frames(down))
        welcome = next((p for k, p in said if k == WELCOME), None)
        resume = next((struct.unpack_from("<QQIIII", p) for k, p in said if k == RESUME), None)
        dump = self.dumps.setdefault(welcome[:16], Dump()) if welcome else None
        if resume:
            self.resume(n, resume, dump)
        windows = self.sent(n, frames(up), dump, resume)
        for kind, payload in said:
            if kind == DURABLE:
                dump.flags |= struct.unpack_from("<I", payload, 24)[0]
                if dump.flags & HAS_VITAL or not dump.has_vital:
                    dump.pfn = max(dump.pfn, struct.unpack_from("<Q", payload)[0])
        self.stored += any(k == STORED for k, _ in said)
        self.bytes += os.path.getsize(up)
        print(f"connection {n}: {os.path.getsize(up)} bytes, {windows}, durable {dump.pfn if dump else 0}",
              f"resume {resume[0]} carry {resume[1]} flags {resume[4]}" if resume else "")

    def resume(self, n, resume, dump):
        pfn, end, _, _, flags, _ = resume
        self.resumed += 1
        self.with_carry += end > pfn
        self.inside += end > pfn and end % (1 << 18) == 0 and 0 < end - pfn < 1 << 18
        behind_vital = flags & HAS_VITAL or not dump.has_vital
        self.in_vital += not behind_vital
        if behind_vital and pfn < dump.pfn or dump.flags & ~flags:
            self.wrong.append(f"connection {n}: RESUME says {pfn} and flags {flags}, but {dump.pfn} and {dump.flags} were durable")

    def sent(self, n, up, dump, resume):
        durable, flags = (dump.pfn, dump.flags) if dump else (0, 0)
        vital, first, count, last = False, None, 0, 0
        amid_vital = resume and dump.has_vital and not resume[4] & HAS_VITAL
        for kind, payload in up:
            if kind in INTRO and flags & HAS_INTRO or kind == VITAL and flags & HAS_VITAL:
                self.wrong.append(f"connection {n}: message {kind} came again")
            elif kind == VITAL:
                vital = True
                if dump:
                    dump.has_vital = True
            elif kind == BATCH:
                self.batch(n, payload, durable if not vital else resume[0] if amid_vital else 0)
            elif kind == WINDOW:
                window_flags, _, begin, last, end_in, why_in = struct.unpack_from("<IIQQQI", payload)
                if window_flags & WINDOW_VITAL:
                    vital = False
                    continue
                count += 1
                if begin < durable:
                    self.wrong.append(f"connection {n}: the window at {begin} came again, {durable} was durable")
                if first is None and resume and (begin, end_in, why_in) != ((0, 0, 0) if amid_vital else resume[:3]):
                    self.wrong.append(f"connection {n}: the first window begins at {begin} with carry {end_in}, {why_in}, not as {resume}")
                first = begin if first is None else first
        return f"{count} windows [{first or 0}, {last})"

    def batch(self, n, payload, durable):
        for i in range(struct.unpack_from("<I", payload, 4)[0]):
            pfn, pages, _ = struct.unpack_from("<QII", payload, 24 + 16 * i)
            self.arrived.append((pfn, pfn + pages))
            if pfn < durable:
                self.wrong.append(f"connection {n}: page {pfn} came again, {durable} was durable")


def joined(ranges):
    out = []
    for first, end in sorted(ranges):
        if out and first <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([first, end])
    return out


parser = argparse.ArgumentParser()
parser.add_argument("dir")
parser.add_argument("--arrived")
call = parser.parse_args()
record = Record(call.dir)
for number in record.numbers:
    record.connection(number)
if call.arrived:
    with open(call.arrived, "w") as out:
        out.writelines(f"{first} {end}\n" for first, end in joined(record.arrived))
for line in record.wrong[:20]:
    print("wrong:", line)
print(f"record: connections {len(record.numbers)} dumps {len(record.dumps)} resumed {record.resumed}"
      f" amid-vital {record.in_vital} with-carry {record.with_carry} inside-1-GiB {record.inside} stored {record.stored} bytes {record.bytes}")
sys.exit(bool(record.wrong))
