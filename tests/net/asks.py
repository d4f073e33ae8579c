#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""asks.py SOCKET KIND [N]: speaks to the local socket for tickets as no honest program would; what it got is counted and printed.

KIND: many      N requests of one identity, one connection each
      hosts     N requests, each of another identity
      silent    N connections that say nothing, at the same time; waits until all are closed, prints the seconds it took
      garbage   N packets of random bytes and of damaged requests, one connection each
      hostile   identities with newlines, slashes, escapes and so on
Written from docs/PROTOCOL.md.
"""
import collections
import os
import random
import socket
import struct
import sys
import time

HEAD = struct.Struct("<8sHBBHH")


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(path)  # with a time limit it would not wait for a place in the queue
    s.settimeout(20)
    return s


def exchange(path, packet):
    with connect(path) as s:
        try:
            s.send(packet)
            answer = s.recv(4096)
        except (BrokenPipeError, ConnectionResetError):
            return "closed"
    if not answer:
        return "closed"
    magic, version, status, zero, length, zeros = HEAD.unpack(answer[:16])
    assert (magic, version, zero, zeros, length) == (b"KFTICKET", 1, 0, 0, len(answer) - 16), answer
    if status == 1:
        assert length == 52, answer
        return "granted"
    assert status == 2 and 0 < length <= 256, answer
    why = answer[16:].decode("ascii")
    assert why.isprintable(), why
    return "none: " + why.split(" of ")[0].split(":")[0]


def request(identity):
    return HEAD.pack(b"KFTICKET", 1, 0, 0, len(identity), 0) + identity


def garbage(n):
    dice = random.Random(n)
    if dice.random() < 0.5:
        return dice.randbytes(dice.randrange(1, 3000))
    packet = bytearray(request(b"web7"))
    packet[dice.randrange(16)] ^= 1 << dice.randrange(8)
    return bytes(packet)


HOSTILE = (b"a\nb", b"../../etc/passwd", b"..", b".", b"\x1b[2Jx", b"a b", b"a/b", b"ticket:00", b"x" * 65, b"", b"\0", b"a\0", b"-x", "ä".encode(),
           b"%s%n", b"\xff" * 64)


def silent(path, n):
    begun = time.monotonic()
    all_of_them = [connect(path) for _ in range(n)]
    for s in all_of_them:
        assert s.recv(1) == b""
    print(f"closed after {time.monotonic() - begun:.1f}")


def main():
    path, kind = sys.argv[1:3]
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    if kind == "silent":
        silent(path, n)
        return
    packets = {"many": lambda: (request(b"crashed1") for _ in range(n)), "hosts": lambda: (request(b"host%d" % i) for i in range(n)),
               "garbage": lambda: (garbage(i) for i in range(n)), "hostile": lambda: map(request, HOSTILE)}[kind]()
    for what, count in sorted(collections.Counter(exchange(path, p) for p in packets).items()):
        print(count, what)


os.environ.clear()
main()
