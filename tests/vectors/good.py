# SPDX-License-Identifier: GPL-2.0-or-later
"""The vectors that must be accepted."""
import struct

import crash
import wire
from editing import bad, find, inserted, ok, patched, replaced, stream, without
from wire import ABORT, DUMP, DURABLE, END, KEEPALIVE, LEVEL, LOG, NOTES, RAM, RECEIVED, RESUME, STORED, WELCOME, WINDOW


def good_dumps():
    ok("minimal", stream(crash.Crash().frames()), "the smallest whole dump: two windows, one batch each, packed by lz4")
    c = crash.Crash()
    c.codec = wire.NONE
    ok("none", stream(c.frames()), "the same with pages as they are")
    c = crash.Crash()
    c.rest = wire.ZLIB
    ok("zlib-at-rest", stream(c.frames()), "pages shall rest compressed by zlib")
    good_codecs()
    c = crash.Crash()
    c.vital = crash.VITAL_PAGES
    ok("vital", stream(c.frames()), "vital pages of both windows come first and are left out of their windows")
    c.zero = {0x11, 2}
    ok("vital-zero", stream(c.frames()), "a vital page and another are filled with zeros")
    c = crash.Crash()
    c.zero = {1, 2, 0x100, 0x1FE, 0x1FF}
    ok("zero-pages", stream(c.frames()), "runs of zero pages, which have no bytes, beside runs of others")
    c = crash.Crash()
    c.zero = {p for p in range(0x100, 0x200)}
    ok("only-zero-pages", stream(c.frames()), "a batch of zero pages only, without any byte")
    c = crash.Crash()
    c.unreadable = {0x11, 0x12, 0x1FF}
    c.undecided = {0x8E, 0x8F, 0x121}
    ok("unreadable", stream(c.frames()), "pages whose bytes or whose struct pages could not be read")
    c = crash.Crash()
    c.carries = [(0, 0), (0x118, wire.FREE), (0, 0)]
    for pfn in range(0x100, 0x118):
        c.kind[pfn] = wire.FREE
    ok("carry", stream(c.frames()), "a free block reaches from the first window into the second")
    c = crash.Crash()
    for pfn, kind in ((0x20, wire.CACHE), (0x21, wire.CACHE_PRIVATE), (0x22, wire.USER), (0x23, wire.HWPOISON),
                      (0x24, wire.OFFLINE), (0x25, wire.NODATA)):
        c.kind[pfn] = kind
    ok("every-class", stream(c.frames()), "a page of each class that is left out")
    c = crash.Crash()
    c.kind[0x100:] = [wire.FREE] * 0x100
    ok("empty-window", stream(c.frames()), "a window of which nothing is kept, and so no batch")
    c = crash.Crash()
    c.kind = [wire.KEPT] * crash.MAX_MAPNR
    c.zero = set(range(crash.MAX_MAPNR)) - {1, 0x1FF}
    c.level = 1
    ok("everything-kept", stream(c.frames()), "every page is kept: the first run of a window is empty")


def good_codecs():
    for rest, name in ((wire.LZO, "lzo"), (wire.SNAPPY, "snappy"), (wire.REST_ZSTD, "zstd")):
        c = crash.Crash()
        c.rest = rest
        ok(name + "-at-rest", stream(c.frames()), "pages shall rest compressed by " + name)
    c = crash.Crash()
    c.codec = wire.ZSTD
    ok("zstd", stream(c.frames()), "batches packed by zstd")
    c.zero = {1, 0x10, 0x11, 0x1FF}
    ok("zstd-zero-pages", stream(c.frames()), "the same with zero pages between them")
    for rest, name in ((wire.RAW, "raw"), (wire.ZLIB, "zlib"), (wire.LZO, "lzo"), (wire.SNAPPY, "snappy"), (wire.REST_ZSTD, "zstd")):
        c = crash.Crash()
        c.codec, c.rest = wire.PAGES, rest
        ok("pages-" + name, stream(c.frames()), "each page comes as it will rest: " + name)
    c.mixed = True
    c.vital = crash.VITAL_PAGES
    c.zero = {2, 0x11, 0x101}
    ok("pages-mixed", stream(c.frames()), "of the pages that come as they rest every other is raw; vital and zero pages among them")
    c = crash.Crash()
    f = c.frames()
    for nth, codec in enumerate((wire.ZSTD, wire.PAGES)):
        c.codec, c.rest = codec, wire.RAW
        f = replaced(f, wire.BATCH, c.batch(c.came(*crash.WINDOWS[nth], False)), nth)
    ok("codecs-in-turn", stream(f), "each batch in another codec")


def good_conversations():
    f = crash.Crash().frames()
    ok("keepalive", stream(inserted(f, find(f, WINDOW), [KEEPALIVE, b""], [KEEPALIVE, b""])), "a busy sender says that it lives")
    parts = [[LOG, wire.log(crash.LOG_TEXT[:10], 0, 0)], [LOG, wire.log(crash.LOG_TEXT[10:], 10, 1)]]
    ok("log-in-blocks", stream(inserted(without(f, LOG), find(f, LOG), *parts)), "the log in two blocks")
    ok("log-unavailable", stream(replaced(f, LOG, wire.log(b"", 0, 3))), "the log could not be read")
    parts = [[RAM, wire.ranges([(1, 0x90)], 1)], [RAM, wire.ranges([(0x100, 0x200)])]]
    ok("ram-in-parts", stream(inserted(without(f, RAM), find(f, RAM), *parts)), "RAM in two messages")
    parts = [[NOTES, wire.notes(crash.NOTES[:100])], [NOTES, wire.notes(crash.NOTES[100:], 100)]]
    ok("notes-in-blocks", stream(inserted(without(f, NOTES), find(f, NOTES), *parts)), "notes in two blocks")
    bare = [g for g in f if g[0] not in (wire.VMCOREINFO, LOG, NOTES)]
    ok("bare", stream(replaced(bare, DUMP, wire.dump(crash.MAX_MAPNR, 0, (0, 0), 1))), "no VMCOREINFO, no log, no notes")
    ok("optional-feature", stream(f, optional=0x80000001), "optional features of a later version are ignored")
    ok("every-message", stream(every_message()), "every message that a sender has, once at least")
    given_up = f[:find(f, WINDOW) + 1] + [[ABORT, struct.pack("<I", 5) + wire.text("the power fails")]]
    ok("abort", stream(given_up), "the sender gives up after the first window", 3)
    for reason, name in ((1, "deadline"), (2, "space"), (3, "input")):
        c = crash.Crash()
        c.reason = reason
        ok("ended-early-" + name, stream(c.frames()), "the sender ends in order, but not whole: " + name, 3)
    c = crash.Crash()
    cut = c.frames()
    cut = cut[:find(cut, WINDOW) + 1]
    t = c.tally(0, 0x100)
    first = [p for p in range(0x100) if c.is_kept(p)]
    pages = sum(wire.xxh3_128(c.contents(p), p) for p in first) % 2**128
    verdicts = sum(wire.xxh3_128(struct.pack("<Q", sum(1 << i for i in range(64) if c.is_kept(g * 64 + i))), g)
                   for g in range(4) if any(c.is_kept(g * 64 + i) for i in range(64))) % 2**128
    cut.append([END, wire.end(struct.pack("<12Q", *t), 1, 1, pages, verdicts, 1)])
    ok("half-by-deadline", stream(cut), "the deadline came after the first window", 3)


def every_message():
    c = crash.Crash()
    c.vital = crash.VITAL_PAGES
    f = c.frames()
    return inserted(f, find(f, END), [KEEPALIVE, b""])


def good_replies():
    session, token = bytes(range(16)), bytes(range(32, 64))
    replies = [[WELCOME, session + token], [RESUME, wire.resume(0x100, (0x118, wire.FREE), 3)], [RECEIVED, struct.pack("<Q", 4096)],
               [KEEPALIVE, b""], [DURABLE, wire.resume(0x100, (0, 0), 1)], [LEVEL, struct.pack("<II", 31, 0)],
               [STORED, struct.pack("<I", 1) + wire.text("crashed-2030-01-01-00:00:00")]]
    ok("replies", stream(replies, wire.RECEIVER), "every message that a receiver has", role="receiver")
    ok("refusal", stream([[ABORT, struct.pack("<I", 3) + wire.text("no more room for dumps")]], wire.RECEIVER),
       "a receiver that refuses at once", role="receiver")
    for name, kind, at in (("resume", RESUME, 28), ("resume-carry", RESUME, 20), ("durable", DURABLE, 28), ("level", LEVEL, 4)):
        bad("reserved-" + name, stream(patched(replies, kind, at, "<I", 1), wire.RECEIVER), "a reserved field of " + name,
            "LEVEL" if kind == LEVEL else "reserved", role="receiver")
    bad("stored-first", stream(replies[-1:], wire.RECEIVER), "STORED without WELCOME", "STORED may not come after", role="receiver")
    bad("after-stored", stream(replies + [replies[2]], wire.RECEIVER), "a reply behind STORED", "may not come after the end",
        role="receiver")
