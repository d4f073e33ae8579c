# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors of which every frame is right by itself, but the dump that they make is not."""
import struct

import crash
import packing
import wire
from editing import bad, find, inserted, patched, replaced, stream, without
from wire import BATCH, DUMP, END, HELLO, LOG, NOTES, RAM, VITAL, VMCOREINFO, WINDOW


def resumed(frames, vital):
    """What a sender sends after RESUME with its intro, and if VITAL its vital part, on the server already."""
    out = replaced(frames, HELLO, wire.hello(flags=1, session=b"x" * 16, token=b"y" * 32))
    out = [f for f in out if f[0] not in (VMCOREINFO, LOG, RAM, NOTES)]
    return [f for i, f in enumerate(out) if not vital or i < 2 or i > find(out, WINDOW)]


def bad_dumps():
    c = crash.Crash()
    f = c.frames()

    def dump_bad(name, frames, story, said):
        bad(name, stream(frames), story, said, "dump")

    dump_bad("window-gap", without(without(f, BATCH), WINDOW), "the first window never comes", "begins at 0x100")
    dump_bad("window-again", inserted(f, find(f, WINDOW) + 1, f[find(f, WINDOW)]), "the first window comes twice", "begins at 0x0")
    dump_bad("window-beyond", with_last_window_beyond(c), "a window beyond max_mapnr", "max_mapnr")
    carried = crash.Crash()
    carried.carries = [(0, 0), (0x118, wire.FREE), (0, 0)]
    lost = carried.frames()
    second = find(lost, WINDOW, 1)
    lost[second][1] = lost[second][1][:24] + bytes(16) + lost[second][1][40:]
    dump_bad("carry-lost", lost, "a carry that the next window does not take up", "carry in")
    dump_bad("tally-unlike-ram", patched(f, WINDOW, 64, "<Q", 1), "a tally of more pages than there is RAM", "are RAM")
    dump_bad("zero-not-counted", miscounted_zero(), "a zero page that the window does not count", "zero pages")
    dump_bad("batch-outside-ram", replaced(f, BATCH, wire.batch([(0x95, 1, 0)], bytes(4096), wire.LZ4)), "a page where no RAM is", "RAM")
    dump_bad("batch-beyond", replaced(f, BATCH, wire.batch([(0x4000, 1, 0)], bytes(4096), wire.LZ4)), "a page beyond max_mapnr", "0x4000")
    dump_bad("batch-again", inserted(f, find(f, BATCH), f[find(f, BATCH)]), "the same batch twice in one window", "0x1")
    dump_bad("batch-late", inserted(f, find(f, WINDOW) + 1, f[find(f, BATCH)]), "a page of a window that is closed", "0x1")
    dump_bad("page-twice", inserted(f, find(f, BATCH) + 1, [BATCH, wire.batch([(0x8F, 1, 0)], bytes(4096), wire.LZ4)]),
             "a page twice, in two batches", "0x8f")
    dump_bad("page-not-kept", page_not_kept(c), "a page that the verdicts leave out", "0x41")
    dump_bad("page-missing", page_missing(c), "a page that is kept but never comes", "0x8f")
    dump_bad("batch-hash", patched(f, BATCH, 16, "<Q", 1), "the pages are not those that were read", "XXH3")
    dump_bad("lz4-garbage", lz4_damage(f, b"\xff" * 40), "lz4 that is none", "lz4")
    dump_bad("lz4-cut", lz4_damage(f, None), "lz4 that ends early", "lz4")
    dump_bad("lz4-offset", lz4_damage(f, b"\x10a\xff\xff" + bytes(20)), "lz4 that looks back before its beginning", "lz4")
    dump_bad("batch-page-size", other_page_size(f), "a batch of larger pages", "2^13")
    for name, frames, story, said in bad_codecs():
        dump_bad(name, frames, story, said)
    dump_bad("ram-beyond", replaced(f, RAM, wire.ranges([(1, 0x90), (0x100, 0x201)])), "RAM beyond max_mapnr", "max_mapnr")
    dump_bad("ram-unfinished", replaced(f, RAM, wire.ranges([(1, 0x90), (0x100, 0x200)], 1)), "more RAM was promised", "RAM is not complete")
    dump_bad("notes-missing", without(f, NOTES), "announced notes that never come", "notes are missing")
    dump_bad("notes-gap", replaced(f, NOTES, wire.notes(crash.NOTES[100:], 100)), "the first block of notes lacks", "NOTES")
    dump_bad("notes-too-many", replaced(f, NOTES, wire.notes(crash.NOTES + b"more")), "more notes than announced", "NOTES")
    dump_bad("log-gap", replaced(f, LOG, wire.log(crash.LOG_TEXT, 5)), "the log begins at byte 5", "LOG")
    dump_bad("resume-unasked", replaced(f, HELLO, wire.hello(flags=1, session=b"x" * 16, token=b"y" * 32)),
             "goes on with a dump that nobody has", "resume")
    for kind in ("intro", "vital"):
        v = crash.Crash()
        v.vital = crash.VITAL_PAGES
        dump_bad("resumed-behind-" + kind, resumed(v.frames(), kind == "vital"),
                 "the second connection of a dump, behind its " + kind + ": saved by itself it is none", "cannot stand alone")
    v = crash.Crash()
    v.vital = crash.VITAL_PAGES
    vf = v.frames()
    again = replaced(vf, BATCH, vital_again(v), 1)
    dump_bad("vital-again", again, "a vital page comes once more in its window", "vital")
    dump_bad("vital-missing", replaced(vf, BATCH, v.batch([0x10, 0x11])), "a vital page that was announced does not come", "0x120")
    dump_bad("vital-outside-ram", replaced(vf, VITAL, wire.ranges([(0x95, 0x96)])), "a vital page where no RAM is", "RAM")
    for name, story, changes in end_changes(c):
        dump_bad("end-" + name, c.frames(**changes), "END: " + story, "END")
    dump_bad("end-before-window", without(f, WINDOW, 1), "END while a batch waits for its window", "no window closed")
    dump_bad("end-early-as-complete", early_end(c), "END says complete after half of the windows", "END")


def bad_codecs():
    """Batches of codecs zstd and pages that do not unpack, or not to what was read."""
    def zstd(name, stored, story, said="zstd batch does not unpack"):
        return "zstd-" + name, with_batch(crash.Crash(), wire.ZSTD, stored), story, said

    raw = first_raw(crash.Crash())
    frame = packing.zstd_frame(raw)
    yield zstd("garbage", b"\xff" * 40, "zstd that is none")
    yield zstd("cut", frame[:-8], "zstd that ends early")
    yield zstd("behind", frame + b"\0", "a byte behind the frame")
    yield zstd("two-frames", frame + b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00", "an empty frame behind the frame")
    yield zstd("skippable", packing.SKIPPABLE + frame, "a frame to skip before the frame")
    yield zstd("no-size", packing.zstd_frame(raw, 0x00, b"\x50", b""), "a frame that does not say its size")
    yield zstd("other-size", packing.zstd_frame(raw, size=struct.pack("<H", len(raw) - 255)), "a frame that says another size")
    yield zstd("size-2-62", packing.zstd_frame(raw, 0xE0, b"", struct.pack("<Q", 1 << 62)), "a frame that says 2^62 bytes")
    yield zstd("window-2-gib", packing.zstd_frame(raw, 0x40, b"\xa8"), "a frame with a window of 2 GiB")
    yield zstd("dictionary", packing.zstd_frame(raw, 0x61, b"\x05"), "a frame of a dictionary")
    yield zstd("hash", packing.zstd_frame(raw[4096:] + raw[:4096]), "pages in another order than they were read", "XXH3")

    def pages(name, stored, story, said, rest=wire.REST_ZSTD):
        c = crash.Crash()
        c.rest = rest
        return "pages-" + name, with_batch(c, wire.PAGES, stored), story, said

    good = packing.pages(raw, wire.REST_ZSTD)
    count = len(raw) // 4096
    yield pages("other-codec", packing.pages(raw, wire.ZLIB), "pages of another codec than the dump's", "packed as 0x1")
    yield pages("two-codecs", good[:3] + b"\x21" + good[4:], "a page of two codecs", "packed as 0x21")
    yield pages("no-codec", good[:3] + b"\x08" + good[4:], "a page whose flag is no codec", "packed as 0x8")
    yield pages("damage", good[:4 * count + 6] + b"\xff" * 40 + good[4 * count + 46:], "a page that does not unpack", "zstd page does not unpack")
    yield pages("moved", packing.pages(raw[4096:] + raw[:4096], wire.REST_ZSTD), "pages in another order than they were read", "XXH3")
    one = packing.zstd_frame(raw[:4096])
    stretched = packing.entries([0x20] * count, [len(one) + 1] + [len(one)] * (count - 1)) + one + b"\0" + good[4 * count + len(one):]
    yield pages("behind", stretched, "a byte behind a page", "zstd page does not unpack")
    for flag, name in ((wire.ZLIB, "zlib"), (wire.LZO, "lzo"), (wire.SNAPPY, "snappy")):
        stored = packing.pages(raw, flag)
        at = 4 * count
        yield pages(name + "-garbage", stored[:at] + b"\xff" * 60 + stored[at + 60:], name + " that is none", name + " page does not unpack", flag)
    long = b"\x81\x20" + packing.snappy_page(raw[:4096])[2:]
    yield pages("snappy-length", packing.pages(raw, wire.SNAPPY)[:4 * count] + long + packing.pages(raw, wire.SNAPPY)[4 * count + len(long):],
                "a snappy page that says another length", "snappy page does not unpack", wire.SNAPPY)


def first_raw(c):
    """The pages of the first batch."""
    return b"".join(c.contents(p) for p in c.came(0, 0x100, False))


def with_batch(c, codec, stored):
    """The dump of C with another first batch; its head says what is so."""
    f = c.frames()
    payload = f[find(f, BATCH)][1]
    head = 24 + 16 * struct.unpack_from("<I", payload, 4)[0]
    return replaced(f, BATCH, bytes([codec]) + payload[1:12] + struct.pack("<I", len(stored)) + payload[16:head] + stored)


def end_changes(c):
    total = [a + b for a, b in zip(*(c.tally(*w) for w in crash.WINDOWS))]
    other = list(total)
    other[0] += 1
    return (("pages-digest", "the digest of pages is another", dict(pages=1)),
            ("verdicts-digest", "the digest of verdicts is another", dict(verdicts=1)),
            ("tally", "the tally is not the sum", dict(tally_bytes=struct.pack("<12Q", *other))),
            ("windows", "a window too many", dict(windows=3)), ("batches", "a batch too few", dict(batches=1)))


def with_last_window_beyond(c):
    f = c.frames()
    i = find(f, WINDOW, 1)
    w = f[i][1]
    runs = c.verdict_runs(0x100, 0x200) + [0x40]
    f[i][1] = w[:4] + struct.pack("<I", len(runs)) + w[8:16] + struct.pack("<Q", 0x240) + w[24:160] + b"".join(map(wire.varint, runs))
    return f


def miscounted_zero():
    c = crash.Crash()
    c.zero = {1, 2}
    return patched(c.frames(), WINDOW, 120, "<Q", 1)


def page_not_kept(c):
    f = c.frames()
    pfns = sorted(c.came(0, 0x100, False) + [0x41])
    return replaced(f, BATCH, c.batch(pfns))


def page_missing(c):
    return replaced(c.frames(), BATCH, c.batch(c.came(0, 0x100, False)[:-1]))


def vital_again(c):
    return c.batch(sorted(c.came(0, 0x100, False) + [0x10]))


def other_page_size(f):
    payload = f[find(f, BATCH)][1]
    assert payload[1] == 12
    return replaced(f, BATCH, wire.batch([(2, 1, 0)], bytes(8192), wire.LZ4, page_shift=13))


def lz4_damage(f, stored):
    payload = f[find(f, BATCH)][1]
    runs = struct.unpack_from("<I", payload, 4)[0]
    head = 24 + 16 * runs
    if stored is None:
        stored = payload[head:-8]
    return replaced(f, BATCH, payload[:12] + struct.pack("<I", len(stored)) + payload[16:head] + stored)


def early_end(c):
    f = c.frames()
    f = f[:find(f, WINDOW) + 1]
    t = c.tally(0, 0x100)
    return f + [[END, wire.end(struct.pack("<12Q", *t), 1, 1, 0, 0)]]
