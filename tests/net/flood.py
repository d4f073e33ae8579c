#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""flood.py: greets as an SSH server and then sends packets that nobody asked for, without end. Prints its port."""
import socket
import struct
import threading


def packet(payload):
    pad = 8 - (5 + len(payload)) % 8
    if pad < 4:
        pad += 8
    return struct.pack(">IB", 1 + len(payload) + pad, pad) + payload + bytes(pad)


FAILURE = packet(b"\x33" + b"x" * 30000)  # SSH_MSG_USERAUTH_FAILURE, long before its time: it would be kept for later


def serve(client):
    try:
        client.sendall(b"SSH-2.0-flood\r\n")
        while True:
            client.sendall(FAILURE * 16)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
