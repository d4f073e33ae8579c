#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ticket.py COMMAND...: asks `kferry-recv --stdio` for a ticket, as a sender does; prints `PORT SECONDS ID KEY`, or `none WHY` with status 1.

Written from docs/PROTOCOL.md. What the command says besides stays on standard error.
"""
import struct
import subprocess
import sys

ASK = struct.pack("<8sH6x", b"KFTICKET", 1)
GRANTED = 1

peer = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
peer.stdin.write(ASK)
peer.stdin.flush()
head = peer.stdout.read(16)
if len(head) < 16:
    sys.exit(f"only {len(head)} bytes of an answer: {head!r}")
magic, version, status, zero, length, zeros = struct.unpack("<8sHBBHH", head)
if (magic, version, zero, zeros) != (b"KFTICKET", 1, 0, 0) or status not in (1, 2) or length > 256:
    sys.exit(f"this is no answer: {head!r}")
payload = peer.stdout.read(length)
peer.stdin.close()
rest = peer.stdout.read()
ended = peer.wait()
if ended or rest:
    sys.exit(f"it ends with {ended} and says {rest!r}")
if status != GRANTED:
    print("none", payload.decode())
    sys.exit(1)
port, seconds, number, key = struct.unpack("<HH16s32s", payload)
print(port, seconds, number.hex(), key.hex())
