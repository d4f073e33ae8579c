# SPDX-License-Identifier: GPL-2.0-or-later
"""Codecs once more, by hand: pages of a pattern of 64 bytes, packed as its first 64 bytes and one repetition of them.

No library decides the bytes, so that vectors are the same everywhere.
"""
import struct
import zlib

PAGE, PATTERN = 4096, 64


def patterns(data):
    """The pattern of each page."""
    out = []
    for at in range(0, len(data), PAGE):
        page = data[at:at + PAGE]
        assert page == page[:PATTERN] * (PAGE // PATTERN)
        out.append(page[:PATTERN])
    return out


def zstd_block(data, last=1):
    """A compressed block: literals as they are, then a sequence for each page, all with the same three codes (RLE)."""
    literals = b"".join(patterns(data))
    bits = count = 0
    for _ in range(len(data) // PAGE):
        # Read from the end: 6 bits of offset code 6 (64 + 3), 11 of match length code 47 (from 2051), 6 of literals code 25.
        bits = bits << 23 | 3 << 17 | (PAGE - PATTERN - 2051) << 6
        count += 23
    bits |= 1 << count
    body = struct.pack("<H", len(literals) << 4 | 1 << 2) + literals + bytes([len(data) // PAGE, 0x54, 25, 6, 47])
    body += bits.to_bytes(count // 8 + 1, "little")
    return struct.pack("<I", len(body) << 3 | 2 << 1 | last)[:3] + body


def zstd_frame(data, descriptor=0x60, window=b"", size=None):
    """One segment with its size in two bytes, as long as nothing else is asked for."""
    size = struct.pack("<H", len(data) - 256) if size is None else size
    return b"\x28\xb5\x2f\xfd" + bytes([descriptor]) + window + size + zstd_block(data)


SKIPPABLE = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"skip"


def lzo_page(page):
    """A run of 64 literals, a match of the rest 64 bytes back, the end."""
    n = PAGE - PATTERN - 2 - 31
    return (bytes([17 + PATTERN]) + patterns(page)[0] + b"\x20" + bytes((n - 1) // 255) + bytes([n - (n - 1) // 255 * 255]) +
            struct.pack("<H", (PATTERN - 1) << 2) + b"\x11\0\0")


def snappy_page(page):
    """The length, 64 literals, 63 copies of 64 bytes."""
    return b"\x80\x20" + b"\xf0\x3f" + patterns(page)[0] + b"\xfe\x40\x00" * (PAGE // PATTERN - 1)


def zlib_page(page):
    """One block of fixed Huffman codes: 64 literals, 15 matches of 258 and one of 162 bytes, all 64 back."""
    bits = [1, 1, 0]

    def code(value, width):     # Huffman codes begin with their highest bit
        bits.extend(value >> i & 1 for i in reversed(range(width)))

    def back(length_code, extra, width):
        code(0xC0 + length_code - 280, 8)
        bits.extend(extra >> i & 1 for i in range(width))
        code(11, 5)
        bits.extend([1] * 4)    # of the distances 49 to 64

    for byte in patterns(page)[0]:
        code(0x30 + byte, 8) if byte < 144 else code(0x190 + byte - 144, 9)
    for _ in range(15):
        back(285, 0, 0)
    back(281, 31, 5)
    code(0, 7)
    stream = sum(bit << i for i, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")
    return b"\x78\x01" + stream + struct.pack(">I", zlib.adler32(page))


# By the flag of a page descriptor.
PACK = {0: bytes, 1: zlib_page, 2: lzo_page, 4: snappy_page, 0x20: zstd_frame}


def pages(data, flags):
    """A batch of codec `pages`. FLAGS: one for each page, or one for all."""
    count = len(data) // PAGE
    flags = [flags] * count if isinstance(flags, int) else flags
    packed = [PACK[flag](data[i * PAGE:(i + 1) * PAGE]) for i, flag in enumerate(flags)]
    return entries(flags, [len(p) for p in packed]) + b"".join(packed)


def entries(flags, sizes):
    return b"".join(struct.pack("<I", size | flag << 24) for flag, size in zip(flags, sizes))
