# SPDX-License-Identifier: GPL-2.0-or-later
"""kferry's protocol 1 once more, in Python: written from its field tables, sharing nothing with the programs."""
import ctypes
import struct

import packing

PAGE = 4096

# Types
HELLO, DUMP, VMCOREINFO, LOG, RAM, NOTES, VITAL, BATCH, WINDOW, END = range(1, 11)
WELCOME, RESUME, RECEIVED, DURABLE, STORED, LEVEL = range(33, 39)
ABORT, KEEPALIVE = 65, 66
# Classes
KEPT, CACHE, CACHE_PRIVATE, USER, FREE, HWPOISON, OFFLINE, NODATA = range(8)
CLASSES = 8
# Codecs on the wire, and at rest
NONE, LZ4, ZSTD, PAGES = range(4)
RAW, ZLIB, LZO, SNAPPY, REST_ZSTD = 0, 1, 2, 4, 0x20
DATA_RUN, ZERO_RUN = 0, 1

SENDER, RECEIVER = 1, 2


def _crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


class _Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


_xxh = ctypes.CDLL("libxxhash.so.0")
_xxh.XXH3_64bits.restype = ctypes.c_uint64
_xxh.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
_xxh.XXH3_128bits_withSeed.restype = _Hash128
_xxh.XXH3_128bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def xxh3_64(data):
    return _xxh.XXH3_64bits(data, len(data))


def xxh3_128(data, seed):
    h = _xxh.XXH3_128bits_withSeed(data, len(data), seed)
    return h.high << 64 | h.low


def lz4_block(data):
    """One LZ4 block: repetitions at distance 64 as matches, all else as literals. No library decides its bytes."""
    out = bytearray()
    start = at = 0

    def length(n):
        extra = bytearray()
        if n >= 15:
            n -= 15
            while n >= 255:
                extra.append(255)
                n -= 255
            extra.append(n)
        return bytes(extra)

    def sequence(literals, match):
        token = min(len(literals), 15) << 4 | (min(match - 4, 15) if match else 0)
        out.append(token)
        out.extend(length(len(literals)))
        out.extend(literals)
        if match:
            out.extend(struct.pack("<H", 64))
            out.extend(length(match - 4))

    while at < len(data) - 12:
        n = 0
        while at >= 64 and at + n < len(data) - 5 and data[at + n] == data[at + n - 64]:
            n += 1
        if n >= 4:
            sequence(data[start:at], n)
            at += n
            start = at
        else:
            at += 1
    sequence(data[start:], 0)
    return bytes(out)


# Payloads, each as its field table has it.

def text(s):
    data = s.encode() if isinstance(s, str) else s
    return struct.pack("<H", len(data)) + data


def hello(program="vectors 1", host="crashed", flags=0, session=bytes(16), token=bytes(32)):
    return struct.pack("<II", flags, 0) + session + token + text(program) + text(host)


def dump(max_mapnr, notes_bytes, vmcoreinfo, level=31, rest=RAW, page_shift=12, cpus=1, phys_base=0, crash_time=1700000000):
    uts = b"".join(s.encode().ljust(65, b"\0") for s in ("Linux", "crashed", "6.1.0-vectors", "#1", "x86_64", "(none)"))
    return struct.pack("<IIQQQQQIIII", page_shift, cpus, max_mapnr, phys_base, crash_time, notes_bytes, vmcoreinfo[0],
                       vmcoreinfo[1], level, rest, 0) + uts


def log(data, offset=0, flags=1):
    return struct.pack("<QII", offset, flags, 0) + data


def notes(data, offset=0):
    return struct.pack("<Q", offset) + data


def ranges(pairs, flags=0):
    return struct.pack("<II", flags, len(pairs)) + b"".join(struct.pack("<QQ", *p) for p in pairs)


def pack(raw, codec, rest):
    if codec == LZ4:
        return lz4_block(raw)
    if codec == ZSTD:
        return packing.zstd_frame(raw)
    return packing.pages(raw, rest) if codec == PAGES else raw


def batch(runs, raw, codec=NONE, stored=None, xxh=None, page_shift=12, rest=RAW):
    """RUNS are (pfn, count, kind). REST: flags of the pages of codec PAGES."""
    if stored is None:
        stored = pack(raw, codec, rest) if raw else raw
    head = struct.pack("<BBHIIIQ", codec, page_shift, 0, len(runs), len(raw), len(stored), xxh3_64(raw) if xxh is None else xxh)
    return head + b"".join(struct.pack("<QII", *r) for r in runs) + stored


def tally(pages, zero=0, unreadable=0, undecided=0, rescued=0):
    return struct.pack("<12Q", *pages, zero, unreadable, undecided, rescued)


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def carry(c):
    return struct.pack("<QII", c[0], c[1], 0)


def window(first, end, runs, tally_bytes, carry_in=(0, 0), carry_out=(0, 0), unreadable=(), undecided=(), flags=0, count=None):
    """RUNS are lengths: excluded, kept, excluded, ..."""
    return (struct.pack("<IIQQ", flags, len(runs) if count is None else count, first, end) + carry(carry_in) + carry(carry_out) +
            tally_bytes + struct.pack("<II", len(unreadable), len(undecided)) +
            b"".join(struct.pack("<QQ", *p) for p in list(unreadable) + list(undecided)) + b"".join(map(varint, runs)))


def end(tally_bytes, windows, batches, pages, verdicts, reason=0, times=(1, 2, 3)):
    return (struct.pack("<II", reason, 0) + tally_bytes + struct.pack("<QQ", windows, batches) + pages.to_bytes(16, "little") +
            verdicts.to_bytes(16, "little") + struct.pack("<3Q", *times))


def resume(pfn, c=(0, 0), flags=0):
    return struct.pack("<Q", pfn) + carry(c) + struct.pack("<II", flags, 0)


def preface(role=SENDER, magic=b"\x93KFERRY\n", version=1, reserved=bytes(5), required=0, optional=0, reserved2=0, crc=None):
    data = magic + struct.pack("<HB", version, role) + reserved + struct.pack("<III", required, optional, reserved2)
    return data + struct.pack("<I", crc32c(data) if crc is None else crc)


def frame(kind, payload, number, magic=0x464B, reserved=0, length=None, payload_crc=None, header_crc=None):
    head = struct.pack("<HBBIQI", magic, kind, reserved, len(payload) if length is None else length, number,
                       crc32c(payload) if payload_crc is None else payload_crc)
    return head + struct.pack("<I", crc32c(head) if header_crc is None else header_crc) + payload
