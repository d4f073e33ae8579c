# SPDX-License-Identifier: GPL-2.0-or-later
"""The vmcore file: an ELF core with notes and segments, as a capture kernel shows it in /proc/vmcore."""
import struct

PAGE = 4096


class Segment:
    def __init__(self, vaddr, start, end, file_end):
        self.vaddr, self.start, self.end, self.file_end = vaddr, start, end, file_end


def note(name, kind, desc):
    name += b"\0"
    return (struct.pack("<III", len(name), len(desc), kind) + name + bytes(-len(name) % 4) +
            desc + bytes(-len(desc) % 4))


def up(n):
    return (n + PAGE - 1) // PAGE * PAGE


def prstatus(pid):
    desc = bytearray(336)
    struct.pack_into("<I", desc, 32, pid)
    return bytes(desc)


def write(path, memory, segments, note_groups, aligned=True):
    """NOTE_GROUPS: the bytes of each PT_NOTE. ALIGNED: chunks of whole pages; otherwise packed as by old kernels."""
    phnum = len(note_groups) + len(segments)
    at = up(64 + 56 * phnum)
    headers, pieces = [], []
    for group in note_groups:
        headers.append(struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(group), len(group), 0))
        pieces.append((at, group))
        at += up(len(group)) if aligned else len(group)
    for s in segments:
        filesz = s.file_end - s.start
        offset = at + s.start % PAGE if aligned else at
        headers.append(struct.pack("<IIQQQQQQ", 1, 7, offset, s.vaddr, s.start, filesz, s.end - s.start, 0))
        if aligned:     # the rest of the last page stands in the file, and is nobody's
            first, stop = s.start // PAGE * PAGE, up(s.file_end)
            at += stop - first
            pieces.extend((offset - s.start % PAGE + p - first, bytes(memory.page(p // PAGE)))
                          for p in range(first, stop, PAGE))
        else:
            pieces.append((at, memory.read(s.start, filesz)))
            at += filesz + 24   # whatever lies between them
    ehdr = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 4, 62, 1, 0, 64, 0, 0, 64, 56, phnum, 0, 0, 0)
    with open(path, "wb") as f:
        f.write(ehdr + b"".join(headers))
        for offset, data in pieces:
            f.seek(offset)
            f.write(data)
        f.truncate(max(at, f.tell()))
