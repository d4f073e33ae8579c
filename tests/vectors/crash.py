# SPDX-License-Identifier: GPL-2.0-or-later
"""A tiny crashed machine: 512 pages, what each is and holds, and the stream that a sender would make of it."""
import struct

import wire

MAX_MAPNR = 0x200
WINDOWS = ((0, 0x100), (0x100, 0x200))
LOG_TEXT = b"[    0.000000] [      T0] Linux version 6.1.0-vectors\n[    1.000000] [      C0] Kernel panic\n"
INFO = b"OSRELEASE=6.1.0-vectors\nPAGESIZE=4096\nCRASHTIME=1700000000\n"


def note(name, kind, desc):
    def padded(b):
        return b + bytes(-len(b) % 4)
    return struct.pack("<III", len(name) + 1, len(desc), kind) + padded(name + b"\0") + padded(desc)


NOTES = note(b"CORE", 1, bytes(336))
INFO_AT = (len(NOTES) + 12 + 12, len(INFO))
NOTES += note(b"VMCOREINFO", 0, INFO)

KEPT_PAGES = (1, 2, 0x10, 0x11, 0x12, 0x40, 0x8E, 0x8F, 0x100, 0x101, 0x120, 0x121, 0x1FE, 0x1FF)
VITAL_PAGES = ((0x10, 0x12), (0x120, 0x121))


class Crash:
    """What each pfn is, to be changed before frames() is called."""

    def __init__(self):
        self.ram = [(1, 0x90), (0x100, 0x200)]
        self.kind = [wire.KEPT] * MAX_MAPNR
        self.zero = set()
        self.unreadable = set()
        self.undecided = set()
        self.carries = [(0, 0)] * 3     # before, between and behind the two windows
        self.codec = wire.LZ4
        self.rest = wire.RAW
        self.mixed = False              # every other page of codec `pages` is raw
        self.level = 31
        self.reason = 0
        self.vital = ()
        for pfn in range(MAX_MAPNR):
            if pfn not in KEPT_PAGES:
                self.kind[pfn] = wire.FREE

    def is_ram(self, pfn):
        return any(a <= pfn < b for a, b in self.ram)

    def is_kept(self, pfn):
        return self.is_ram(pfn) and self.kind[pfn] == wire.KEPT

    def is_vital(self, pfn):
        return any(a <= pfn < b for a, b in self.vital)

    def contents(self, pfn):
        """A pattern of 64 bytes, of which every page has its own."""
        if pfn in self.zero:
            return bytes(wire.PAGE)
        return bytes((pfn * 7 + i * (pfn % 5 + 1)) & 255 for i in range(64)) * (wire.PAGE // 64)

    def batch(self, pfns):
        """(payload, pages that it has)"""
        runs, raw = [], b""
        for pfn in pfns:
            kind = wire.ZERO_RUN if pfn in self.zero else wire.DATA_RUN
            if kind == wire.DATA_RUN:
                raw += self.contents(pfn)
            if runs and runs[-1][2] == kind and runs[-1][0] + runs[-1][1] == pfn:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1, kind)
            else:
                runs.append((pfn, 1, kind))
        rests = self.rest
        if self.mixed:
            rests = [wire.RAW if i % 2 else self.rest for i in range(len(raw) // wire.PAGE)]
        return wire.batch(runs, raw, self.codec if raw else wire.NONE, rest=rests)

    def verdict_runs(self, first, end):
        runs, kept = [0], False
        for pfn in range(first, end):
            if self.is_kept(pfn) != kept:
                runs.append(0)
                kept = not kept
            runs[-1] += 1
        return runs

    def tally(self, first, end):
        """[pages by class], zero, unreadable, undecided: the zero pages are those that this window's batches have."""
        pages = [0] * wire.CLASSES
        for pfn in range(first, end):
            if self.is_ram(pfn):
                pages[self.kind[pfn]] += 1
        zero = sum(1 for p in self.zero if first <= p < end and self.is_kept(p) and not self.is_vital(p))
        lost = sum(1 for p in self.unreadable if first <= p < end)
        unsure = sum(1 for p in self.undecided if first <= p < end)
        return pages + [zero, lost, unsure, 0]

    @staticmethod
    def as_ranges(pfns):
        out = []
        for pfn in sorted(pfns):
            if out and out[-1][1] == pfn:
                out[-1] = (out[-1][0], pfn + 1)
            else:
                out.append((pfn, pfn + 1))
        return out

    def came(self, first, end, vital):
        return [p for p in range(first, end) if self.is_kept(p) and p not in self.unreadable and self.is_vital(p) == vital]

    def pages_digest(self):
        return sum(wire.xxh3_128(self.contents(p), p) for p in range(MAX_MAPNR)
                   if self.is_kept(p) and p not in self.unreadable) % 2**128

    def verdicts_digest(self):
        total = 0
        for group in range(MAX_MAPNR // 64):
            word = sum(1 << i for i in range(64) if self.is_kept(group * 64 + i))
            if word:
                total += wire.xxh3_128(struct.pack("<Q", word), group)
        return total % 2**128

    def vital_frames(self):
        if not self.vital:
            return []
        zero = sum(1 for p in self.zero if self.is_vital(p))
        return [[wire.VITAL, wire.ranges(self.vital)], [wire.BATCH, self.batch(self.came(0, MAX_MAPNR, True))],
                [wire.WINDOW, wire.window(0, 0, [], wire.tally([0] * 8, zero=zero), flags=1)]]

    def window_frames(self, i):
        first, end = WINDOWS[i]
        pfns = self.came(first, end, False)
        t = self.tally(first, end)
        payload = wire.window(first, end, self.verdict_runs(first, end), struct.pack("<12Q", *t),
                              self.carries[i], self.carries[i + 1],
                              self.as_ranges(p for p in self.unreadable if first <= p < end),
                              self.as_ranges(p for p in self.undecided if first <= p < end))
        return ([[wire.BATCH, self.batch(pfns)]] if pfns else []) + [[wire.WINDOW, payload]]

    def end_frame(self, windows, batches, changes):
        total = [a + b for a, b in zip(*(self.tally(*w) for w in WINDOWS))]
        total[8] += sum(1 for p in self.zero if self.is_vital(p))
        fields = dict(tally_bytes=struct.pack("<12Q", *total), windows=windows, batches=batches, pages=self.pages_digest(),
                      verdicts=self.verdicts_digest(), reason=self.reason)
        fields.update(changes)
        return [wire.END, wire.end(**fields)]

    def frames(self, **end_changes):
        """[[type, payload], ...]: a whole dump."""
        out = [[wire.HELLO, wire.hello()],
               [wire.DUMP, wire.dump(MAX_MAPNR, len(NOTES), INFO_AT, self.level, self.rest)],
               [wire.VMCOREINFO, INFO], [wire.LOG, wire.log(LOG_TEXT)], [wire.RAM, wire.ranges(self.ram)],
               [wire.NOTES, wire.notes(NOTES)]]
        out += self.vital_frames()
        for i in range(len(WINDOWS)):
            out += self.window_frames(i)
        kinds = [f[0] for f in out]
        out.append(self.end_frame(kinds.count(wire.WINDOW), kinds.count(wire.BATCH), end_changes))
        return out
