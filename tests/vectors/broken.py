# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors whose bytes, fields or order break the protocol by themselves."""
import copy
import struct

import crash
import lying
import packing
import wire
from editing import bad, find, inserted, patched, replaced, stream, without
from wire import BATCH, DUMP, END, HELLO, KEEPALIVE, LOG, RAM, VITAL, WELCOME, WINDOW


def good():
    return crash.Crash().frames()


def bad_prefaces():
    f = good()
    bad("empty", b"", "no byte at all", "-", "end")
    bad("magic", stream(f, magic=b"\x93KFERRX\n"), "another magic", "not a kferry stream")
    bad("magic-seven-bits", stream(f, magic=b"\x13KFERRY\n"), "went through a channel of seven bits", "not a kferry stream")
    bad("version-0", stream(f, version=0), "version 0", "protocol version 0")
    bad("version-2", stream(f, version=2), "a later version", "protocol version 2")
    bad("role", stream(f, wire.RECEIVER), "the receiver's own bytes", "bytes of a receiver")
    bad("role-unknown", stream(f, 3), "a role that is none", "bytes of a stranger")
    bad("required-feature", stream(f, required=4), "needs a feature that nobody knows", "feature bits 0x4")
    bad("preface-crc", stream(f, crc=0), "the preface's CRC does not fit", "preface is damaged")
    bad("reserved-preface", stream(f, reserved=b"\0\0\0\0\1"), "a reserved byte of the preface", "reserved")
    bad("reserved-preface-2", stream(f, reserved2=1), "the other reserved field of the preface", "reserved")


def bad_frames():
    f = good()

    def changed(kind, **changes):
        out = copy.deepcopy(f)
        out[find(out, kind)].append(changes)
        return stream(out)

    bad("frame-magic", changed(LOG, magic=0x4B46), "no frame magic where a frame begins", "no frame magic")
    bad("header-crc", changed(LOG, header_crc=1), "a header's CRC does not fit", "header is damaged")
    bad("payload-crc", changed(BATCH, payload_crc=1), "a payload's CRC does not fit", "payload is damaged")
    bad("reserved-header", changed(LOG, reserved=1), "a header's reserved byte", "reserved byte")
    bad("number-gap", changed(LOG, number=4), "a frame is missing by its number", "should")
    bad("number-twice", changed(LOG, number=2), "a frame's number comes twice", "should")
    unknown = inserted(f, 3, [200, b""])
    bad("unknown-type", stream(unknown), "a type that nobody knows", "unknown type 200")
    bad("reply-from-sender", stream(inserted(f, 3, [WELCOME, bytes(48)])), "a sender that welcomes", "WELCOME may not come after")
    bad("over-cap", changed(LOG, length=(1 << 20) + 17), "a length over its type's cap", "over its cap")
    bad("length-4-gib", changed(BATCH, length=0xFFFFFFFF), "a length of 4 GiB", "over its cap")
    bad("keepalive-payload", stream(inserted(f, 3, [KEEPALIVE, b"x"])), "a keepalive with a byte in it", "too many")
    for name, kind in (("hello", HELLO), ("dump", DUMP), ("end", END)):
        i = find(f, kind)
        bad("short-" + name, stream(replaced(f, kind, f[i][1][:-1])), "a payload one byte too short: " + name, "cut short")
        bad("long-" + name, stream(replaced(f, kind, f[i][1] + b"\0")), "a payload one byte too long: " + name,
            "too many" if kind == HELLO else "over its cap")


def bad_fields():
    f = good()
    for name, kind, at, fmt in (("hello", HELLO, 4, "<I"), ("dump", DUMP, 60, "<I"), ("log", LOG, 12, "<I"), ("batch", BATCH, 2, "<H"),
                                ("window-carry-in", WINDOW, 36, "<I"), ("window-carry-out", WINDOW, 52, "<I"), ("end", END, 4, "<I")):
        bad("reserved-" + name, stream(patched(f, kind, at, fmt, 1)), "a reserved field of " + name, "reserved")
    for name, kind, at, fmt, value in (("hello", HELLO, 0, "<I", 2), ("log", LOG, 8, "<I", 5), ("ram", RAM, 0, "<I", 2),
                                       ("window", WINDOW, 0, "<I", 2)):
        bad("flags-" + name, stream(patched(f, kind, at, fmt, value)), "an unknown flag of " + name, "unknown flags")
    bad("dump-level", stream(patched(f, DUMP, 52, "<I", 32)), "level 32", "dump level 32")
    bad("dump-page-size", stream(patched(f, DUMP, 0, "<I", 11)), "pages of 2 KiB", "page size")
    bad("dump-utsname", stream(patched(f, DUMP, 64 + 64, "<B", 1)), "a text of utsname without an end", "utsname field 0")
    bad("dump-vmcoreinfo", stream(patched(f, DUMP, 48, "<I", 4096)), "VMCOREINFO reaches out of the notes", "outside the notes")
    bad("dump-no-pages", stream(patched(f, DUMP, 8, "<Q", 0)), "a machine without memory", "max_mapnr")
    bad("ram-overlap", stream(replaced(f, RAM, wire.ranges([(1, 0x90), (0x8F, 0x200)]))), "ranges of RAM overlap", "range 1")
    bad("ram-empty", stream(replaced(f, RAM, wire.ranges([]))), "no range of RAM", "0 ranges")
    bad("verdicts-too-few", stream(changed_window(f, lambda w: w[:-1] + wire.varint(w[-1] - 1))), "verdicts end before their window",
        "do not cover")
    bad("verdicts-too-many", stream(changed_window(f, lambda w: w[:-1] + wire.varint(w[-1] + 1))), "verdicts go beyond their window",
        "is damaged")
    bad("verdicts-overlong", stream(changed_window(f, lambda w: w[:-1] + bytes([w[-1] | 0x80, 0]))), "a run in more bytes than it needs",
        "is damaged")
    bad("verdicts-unlike-tally", stream(patched(f, WINDOW, 56, "<Q", 7)), "the tally keeps other pages than the verdicts", "verdicts keep 8 pages")
    bad("tally-too-many", stream(patched(f, WINDOW, 64, "<Q", 0x100)), "a tally of more pages than the window has", "more pages than the window")
    bad("tally-zero", stream(patched(f, WINDOW, 120, "<Q", 9)), "more zero pages than kept ones", "more pages than it keeps")
    bad("tally-unreadable", stream(patched(f, WINDOW, 128, "<Q", 1)), "an unreadable page that is not listed", "WINDOW")
    bad("carry-backwards", stream(patched(patched(f, WINDOW, 40, "<Q", 0x100), WINDOW, 48, "<I", 4)), "a carry that ends where the window does",
        "carry out")
    bad("batch-runs-disorder", stream(replaced(f, BATCH, wire.batch([(2, 1, 0), (1, 1, 0)], bytes(8192), wire.LZ4))), "runs out of order", "run 1")
    bad("batch-page-twice-in-one", stream(replaced(f, BATCH, wire.batch([(1, 2, 0), (2, 1, 0)], bytes(12288), wire.LZ4))), "one page twice in a batch",
        "run 1")
    bad("batch-sizes", stream(replaced(f, BATCH, wire.batch([(1, 2, 0)], bytes(4096), wire.LZ4))), "more pages than bytes", "2 data pages")
    for name, stored, story, said in bad_entries():
        bad("pages-" + name, stream(lying.with_batch(crash.Crash(), wire.PAGES, stored)), story, said)
    bad("batch-codec", stream(patched(f, BATCH, 0, "<B", 9)), "a codec that nobody knows", "unknown codec 9")


def bad_entries():
    """Batches of codec `pages` whose entries do not fit."""
    raw = lying.first_raw(crash.Crash())
    good = packing.pages(raw, wire.REST_ZSTD)
    count = len(raw) // 4096
    sizes = [len(packing.zstd_frame(raw[:4096]))] * count

    def entries(first, flag=0x20):
        return packing.entries([flag] + [0x20] * (count - 1), [first] + sizes[1:]) + good[4 * count:]

    yield "no-entries", good[:4 * count - 1], "fewer bytes than entries", "no room for the entries of 8 pages"
    yield "size-0", entries(0), "a page of no byte", "page 0 in 0 bytes"
    yield "size-4097", entries(4097), "a page above its size", "page 0 in 4097 bytes"
    yield "raw-size", entries(sizes[0], 0), "a raw page of another size", "raw page 0 in"
    yield "too-few", good[:-1], "the last page's last byte lacks", "its pages take"
    yield "too-many", good + b"\0", "a byte behind the last page", "its pages take"


def changed_window(f, change):
    """The verdict runs of the first window are its last bytes; CHANGE gets them as bytes that are one run each."""
    i = find(f, WINDOW)
    payload = f[i][1]
    count = struct.unpack_from("<I", payload, 4)[0]
    return replaced(f, WINDOW, payload[:-count] + change(payload[-count:]))


def bad_orders():
    f = good()
    bad("no-hello", stream(f[1:]), "begins with DUMP", "DUMP may not come after the preface")
    bad("hello-twice", stream(inserted(f, 1, f[0])), "HELLO twice", "HELLO may not come after HELLO")
    bad("no-dump", stream(without(f, DUMP)), "DUMP lacks", "VMCOREINFO may not come after HELLO")
    bad("no-ram", stream(without(f, RAM)), "RAM lacks", "NOTES may not come after LOG")
    bad("log-after-ram", stream(inserted(without(f, LOG), find(f, RAM), f[find(f, LOG)])), "the log comes behind RAM",
        "LOG may not come after RAM")
    bad("window-vital-unasked", stream(inserted(f, find(f, BATCH), [WINDOW, wire.window(0, 0, [], wire.tally([0] * 8), flags=1)])),
        "vital pages are closed that were never announced", "WINDOW may not come after NOTES")
    c = crash.Crash()
    c.vital = crash.VITAL_PAGES
    v = c.frames()
    bad("window-not-vital", stream(without(without(v, WINDOW), BATCH, 1)), "announced vital pages are never closed", "WINDOW may not come after vital pages")
    bad("vital-late", stream(inserted(f, find(f, WINDOW) + 1, [VITAL, wire.ranges(crash.VITAL_PAGES)])), "vital pages behind a window",
        "VITAL may not come after pages")
    # A receiver has closed the dump at END and reads no further.
    bad("bytes-after-end", stream(f) + b"\0" * 24, "zeros behind END", "header is damaged", status="0")
    bad("frame-after-end", stream(f + [[KEEPALIVE, b""]]), "a frame behind END", "may not come after the end", status="0")
    bad("two-streams", stream(f) + stream(f), "a second stream behind the first", "header is damaged", status="0")
    for i in range(len(f)):
        name = "%02d" % i
        bad("cut-before-%s" % name, stream(f[:i]), "the stream ends before frame %d" % i, "-", "end")
    whole = stream(f)
    bad("cut-in-preface", whole[:31], "the stream ends in the preface", "-", "end")
    bad("cut-in-header", whole[:-(len(f[-1][1]) + 1)], "the stream ends in END's header", "-", "end")
    bad("cut-in-end", whole[:-1], "END's last byte lacks", "-", "end")
