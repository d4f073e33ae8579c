#!/usr/bin/env python3
# seeds.py DIR: inputs for the fuzz targets that the vectors are not: broken connections, damaged journals, texts.
# SPDX-License-Identifier: GPL-2.0-or-later
import os
import struct
import sys

V1 = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "v1")
PREFACE, HEADER = 32, 24
BREAK, TICK, RECOVER = 200, 201, 202  # as in session.c


def frames(name):
    """The frames of a saved stream, behind its preface."""
    with open(os.path.join(V1, name), "rb") as f:
        data = f.read()
    out, at = [], PREFACE
    while len(data) - at >= HEADER:
        end = at + HEADER + struct.unpack_from("<I", data, at + 4)[0]
        out.append(data[at:end])
        at = end
    return data[:PREFACE], out


def event(kind):
    return bytes([0, 0, kind]) + bytes(HEADER - 3)


def sessions():
    """A connection that breaks behind each of its frames, and the one that resumes it."""
    preface, first = frames("ok-every-message.stream")
    for resumed in "should-fail-resumed-behind-intro.stream", "should-fail-resumed-behind-vital.stream":
        second = frames(resumed)[1]
        for n in range(1, len(first)):
            kind = RECOVER if n % 2 else BREAK
            yield "session-%s-%d" % (resumed[27:32], n), preface + b"".join(first[:n] + [event(TICK), event(kind)] + second)
    yield "session-again", preface + b"".join(first + [event(BREAK)] + second)


def journals():
    """Cut everywhere, and a change of each kind."""
    for n in range(16):
        yield "journal-cut-%d" % n, struct.pack("<HB", n * 4096 + 4095, 1)
        yield "journal-changed-%d" % n, struct.pack("<HBBHB", 65535 - n, 1, n << 2 & 12 | n & 3, n * 4000, n)


def tickets():
    """What proto/ticket.h tells of, in its order."""
    head = b"KFTICKET" + struct.pack("<H", 1)
    yield "ticket-ask", head + bytes(6)
    yield "ticket-request", head + struct.pack("<HHH", 0, 4, 0) + b"web7"
    yield "ticket-granted", head + struct.pack("<BBHH", 1, 0, 52, 0) + struct.pack("<HH", 7612, 60) + bytes(range(48))
    yield "ticket-none", head + struct.pack("<BBHH", 2, 0, 3, 0) + b"why"
    yield "ticket-name", b"ticket:000102030405060708090a0b0c0d0e0f"


def texts():
    _, first = frames("ok-every-message.stream")
    for f in first:
        if f[2] == 3:
            yield "vmcoreinfo", f[HEADER:]
    yield "vmcoreinfo-layout", "".join(
        line + "\n"
        for line in """OSRELEASE=6.1.0-test
PAGESIZE=4096
SYMBOL(init_uts_ns)=ffffffff83000000
SYMBOL(mem_section)=ffff88803fffb000
LENGTH(mem_section)=2048
SIZE(mem_section)=16
OFFSET(mem_section.section_mem_map)=0
SIZE(page)=64
OFFSET(page.flags)=0
OFFSET(page._refcount)=52
OFFSET(page.mapping)=24
OFFSET(page.lru)=8
OFFSET(page._mapcount)=48
OFFSET(page.private)=40
OFFSET(page.compound_head)=8
OFFSET(page.compound_dtor)=80
OFFSET(page.compound_order)=81
OFFSET(folio._folio_dtor)=80
LENGTH(free_area)=11
NUMBER(PG_lru)=5
NUMBER(PG_private)=13
NUMBER(PG_swapcache)=10
NUMBER(PG_swapbacked)=19
NUMBER(PG_slab)=9
NUMBER(PG_hwpoison)=23
NUMBER(PG_head_mask)=65536
NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129
NUMBER(HUGETLB_PAGE_DTOR)=2
NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257""".split("\n")
    ).encode()


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for maker in sessions, journals, tickets, texts:
        for name, data in maker():
            with open(os.path.join(sys.argv[1], name), "wb") as f:
                f.write(data)


main()
