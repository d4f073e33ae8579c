#!/usr/bin/python3
# power-proxy.py SERVER PORTFILE PID AT ACKS LOG: between a sender and a server that is killed; writes down what was acknowledged.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# PID is killed when AT bytes of the sender's stream went to the server, or, where AT is `+S`, S seconds behind END. ACKS
# gets a line for each DURABLE (`durable PFN FLAGS BYTES`) and STORED (`stored FLAGS BYTES`) that came out of the server before;
# BYTES is how long LOG, the record of its disk, was then.
import os, signal, socket, struct, sys, threading, time

MAGIC, HEADER, PREFACE = 0x464B, 24, 32
END, DURABLE, STORED = 10, 36, 37
server, portfile, pid, at = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
acks, log = open(sys.argv[5], "w"), sys.argv[6]
limit = None if at[0] == "+" else int(at)


class Frames:
    """Type and payload of each message of one direction; payloads of large ones are left out."""

    def __init__(self):
        self.data, self.skip = b"", PREFACE

    def take(self, data):
        self.data += data
        while True:
            n = min(self.skip, len(self.data))
            self.data, self.skip = self.data[n:], self.skip - n
            if self.skip or len(self.data) < HEADER:
                return
            magic, kind, length = struct.unpack_from("<HBxI", self.data)
            assert magic == MAGIC
            if length > 600:
                yield kind, b""
                self.data, self.skip = self.data[HEADER:], length
            elif len(self.data) < HEADER + length:
                return
            else:
                yield kind, self.data[HEADER : HEADER + length]
                self.data = self.data[HEADER + length :]


def answers():
    """The server's direction, until its end: also what lies in the socket when it is dead already."""
    said = Frames()
    try:
        while data := out.recv(65536):
            for kind, payload in said.take(data):
                if kind == DURABLE:
                    acks.write("durable %d %d %d\n" % (*struct.unpack_from("<Q16xI", payload), os.stat(log).st_size))
                elif kind == STORED:
                    acks.write("stored %d %d\n" % (*struct.unpack_from("<I", payload), os.stat(log).st_size))
            client.sendall(data)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
with open(portfile + ".new", "w") as f:
    f.write(str(listener.getsockname()[1]))
os.rename(portfile + ".new", portfile)
client, _ = listener.accept()
out = socket.create_connection(("127.0.0.1", server))
back = threading.Thread(target=answers, daemon=True)
back.start()
told, sent, ended = Frames(), 0, False
while not ended and sent != limit and (data := client.recv(262144)):
    part = data if limit is None else data[: limit - sent]
    ended = any(kind == END for kind, _ in told.take(part))
    out.sendall(part)
    sent += len(part)
if limit is None:
    time.sleep(float(at))
os.kill(pid, signal.SIGKILL)
back.join(5)
acks.write(f"killed {sent}\n")
acks.close()
os._exit(0)
