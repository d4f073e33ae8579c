#!/usr/bin/python3
# power-judge.py DIR REFERENCE STREAM ACKS BYTES: whether a dump server's directory after power loss has all that it had acknowledged.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What counts of ACKS (power-proxy.py) is what was said before the record of the disk had BYTES. REFERENCE is a whole dump of STREAM, at rest in zlib. What counts is what is in the dump file's last table; with
# JOURNAL=1 also what the journal says, for a directory that no receiver has looked at since. Own readers of both formats.
import glob, os, struct, sys, zlib


def crc32c(data, table=[]):
    if not table:
        for n in range(256):
            for _ in range(8):
                n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
            table.append(n)
    crc = 0xFFFFFFFF
    for b in data:
        crc = table[(crc ^ b) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Dump:
    def __init__(self, path):
        self.data = open(path, "rb").read()
        self.pages = {}
        self.opens = self.data[:8] == b"KDUMP   "
        if not self.opens:
            assert not any(self.data[:512]), "block 0 is neither a header nor empty"
            return
        (self.status, self.block, sub, blocks) = struct.unpack_from("<IiiI", self.data, 424)
        (self.max,) = struct.unpack_from("<Q", self.data, self.block + 96)
        half, first = blocks * self.block // 2, (1 + sub) * self.block
        table = first + 2 * half
        assert table <= len(self.data), "the bitmaps lie outside the file"
        for i, bits in enumerate(self.data[first + half : table]):
            for bit in range(8):
                if bits >> bit & 1:
                    self.pages[8 * i + bit] = struct.unpack_from("<QII", self.data, table)
                    table += 24

    def stored(self, where):
        return self.data[where[0] : where[0] + where[1]]

    def page(self, where):
        data = self.stored(where)
        return zlib.decompress(data) if where[2] == 1 else data


def journal_pages(path, zero_block):
    """Pages of closed windows, and the pfn up to which windows are closed."""
    data, at, pages, open_pages, pfn = open(path, "rb").read(), 16, {}, {}, 0
    assert data[:8] == b"KFJOURN\n", "the journal has no header"
    while at + 16 <= len(data):
        kind, length, crc, head = struct.unpack_from("<IIII", data, at)
        body = data[at + 16 : at + 16 + length]
        if head != crc32c(data[at : at + 12]) or len(body) < length or (length < 4096 and crc != crc32c(body)):
            break  # long bodies are not summed: that takes this language too long, and their pages are looked at
        at += 16 + length
        if kind == 4:
            zero = struct.unpack("<Q", body)[0]
        elif kind == 5:
            offset, _, runs = struct.unpack_from("<QII", body)
            entries = struct.iter_unpack("<I", body[32 + 16 * runs :])
            for first, count, zeros in struct.iter_unpack("<QII", body[32 : 32 + 16 * runs]):
                for p in range(first, first + count):
                    if zeros:
                        open_pages[p] = (zero, zero_block, 0)
                        continue
                    (entry,) = next(entries)
                    open_pages[p] = (offset, entry & 0xFFFFFF, entry >> 24)
                    offset += entry & 0xFFFFFF
        elif kind == 6:
            flags, _, first, end = struct.unpack_from("<IIQQ", body, 16)
            pages.update(open_pages)
            open_pages = {}
            if not flags & 1:
                assert first == pfn, "a window of the journal does not follow the one before"
                pfn = end
    return pages, pfn


def vital_pages(path):
    """What VITAL of a saved stream names."""
    data, at, pages = open(path, "rb").read(), 32, set()
    while at < len(data):
        kind, length = struct.unpack_from("<2xBxI", data, at)
        if kind == 7:
            for first, end in struct.iter_unpack("<QQ", data[at + 32 : at + 24 + length]):
                pages.update(range(first, end))
        if kind == 9:
            break
        at += 24 + length
    return pages


def acknowledged(path, size):
    pfn, vital, stored = None, False, False
    for line in open(path):
        word, *numbers = line.split()
        if word == "killed" or int(numbers[-1]) > size:
            continue
        if word == "durable":
            assert pfn is None or int(numbers[0]) >= pfn
            pfn, vital = int(numbers[0]), int(numbers[1]) & 2 != 0
        stored |= word == "stored" and int(numbers[0]) & 1 == 1
    return pfn, vital, stored


def main():
    reference = Dump(sys.argv[2])
    pfn, vital, stored = acknowledged(sys.argv[4], int(sys.argv[5]))
    early = vital_pages(sys.argv[3]) if vital else set()
    dirs = [d for d in glob.glob(sys.argv[1] + "/*") if os.path.isdir(d) and not d.endswith("/lost+found")]
    if not dirs:
        assert pfn is None, "what was acknowledged has no directory"
        print("nothing was acknowledged, nothing is there")
        return
    (where,) = dirs
    names = os.listdir(where)
    whole = "vmcore" in names
    assert whole or not stored, "STORED was said, and there is no vmcore"
    name = "vmcore" if whole else "vmcore-incomplete"
    if name not in names:
        assert pfn is None, "what was acknowledged has no dump file"
        print("nothing was acknowledged, no dump file is there")
        return
    dump = Dump(where + "/" + name)
    pages = dict(dump.pages)
    if os.environ.get("JOURNAL") and not whole and pfn is not None:
        more, closed = journal_pages(where + "/journal", reference.block)
        assert closed >= pfn, f"the journal has windows to {closed}, acknowledged was {pfn}"
        assert all(pages[p] == more[p] for p in pages if p in more), "journal and table are of two minds"
        pages.update(more)
    elif pfn is not None:
        assert dump.opens, "what was acknowledged does not open"
    if whole:
        assert not dump.status & 8 and pages.keys() == reference.pages.keys(), "vmcore is not whole"
    for p, at in pages.items():
        assert p in reference.pages, f"page {p} was never sent"
        wanted = reference.pages[p]
        if dump.stored(at) != reference.stored(wanted):
            assert dump.page(at) == reference.page(wanted), f"page {p} is wrong"
    wanted = [p for p in reference.pages if p < (pfn or 0) or p in early]
    lost = [p for p in wanted if p not in pages]
    assert not lost, f"{len(lost)} acknowledged pages are lost, the first is {lost[0]}"
    print(f"{name}: windows to {pfn} and {len(early)} vital pages were acknowledged: {len(wanted)} pages, all there and right; {len(pages)} in all")


try:
    main()
except (AssertionError, struct.error, zlib.error) as e:
    sys.exit(f"power-judge.py: {e}")
