#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""strangers.py RECEIVER-PID COUNT AGAIN PORT...: COUNT silent and COUNT babbling connections to each port, and what they cost the receiver.

All are opened at once, and then `ready` is printed. Those that the receiver turns away come again after AGAIN seconds, until SIGUSR1; the
others stay. Meanwhile the receiver's descriptors and resident memory are looked at. SIGTERM prints one line and ends:

    opened N turned away N descriptors at most N resident at most N KiB
"""
import errno
import heapq
import itertools
import os
import resource
import select
import signal
import socket
import sys
import time

LOOK = 0.02  # s
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")   # one alone has half of the places at most
# Handshakes of TLS that begin and never go on, one with all that is listened to; plain talk, the start of a preface, sheer noise.
BABBLE = (
    bytes.fromhex("160301020001000100") + b"\0" * 200,
    bytes.fromhex("1603013e80010050000303") + b"\0" * 15993,
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2p1\r\n",
    b"\x93KFERRY\n\1\0",
    b"\x16\x03\x01\xff\xff" + b"\xff" * 70000,
    os.urandom(4096),
)


class Crowd:
    def __init__(self, pid, count, again, ports):
        self.again = again  # s
        self.pid = pid
        self.poll = select.epoll()
        self.sockets = {}   # descriptor: (socket, who it is)
        self.waiting = []   # (when, who) of those that come again
        self.opened = self.away = self.fds = self.rss = 0
        self.stays_away = self.over = False
        babble = itertools.cycle(BABBLE)
        addresses = itertools.cycle(ADDRESSES)
        self.who = [(next(addresses), port, next(babble) if talks else b"") for _ in range(count) for port in ports for talks in (False, True)]

    def open(self, who):
        address, port, say = self.who[who]
        s = socket.socket()
        s.setblocking(False)
        s.bind((address, 0))
        if s.connect_ex(("127.0.0.1", port)) not in (0, errno.EINPROGRESS):
            s.close()
            heapq.heappush(self.waiting, (time.monotonic() + self.again, who))
            return
        self.opened += 1
        self.sockets[s.fileno()] = (s, who)
        self.poll.register(s.fileno(), select.EPOLLIN | select.EPOLLRDHUP | (select.EPOLLOUT if say else 0))

    def close(self, fd):
        s, who = self.sockets.pop(fd)
        self.poll.unregister(fd)
        s.close()
        self.away += 1
        heapq.heappush(self.waiting, (time.monotonic() + self.again, who))

    def on(self, fd, what):
        s, who = self.sockets[fd]
        try:
            if what & select.EPOLLOUT:
                s.send(self.who[who][2])
                self.poll.modify(fd, select.EPOLLIN | select.EPOLLRDHUP)
            elif not s.recv(65536):
                self.close(fd)
        except BlockingIOError:
            pass
        except OSError:
            self.close(fd)

    def look(self):
        try:
            self.fds = max(self.fds, len(os.listdir("/proc/%d/fd" % self.pid)))
            with open("/proc/%d/statm" % self.pid) as f:
                self.rss = max(self.rss, int(f.read().split()[1]) * 4)
        except OSError:
            self.over = True

    def come_again(self):
        now = time.monotonic()
        while not self.stays_away and self.waiting and self.waiting[0][0] <= now:
            self.open(heapq.heappop(self.waiting)[1])

    def turn(self):
        for fd, what in self.poll.poll(LOOK):
            if fd in self.sockets:
                self.on(fd, what)
        self.come_again()

    def run(self):
        looked = 0.0
        for n in range(len(self.who)):
            self.open(n)
            if n % 50 == 0:
                self.turn()
        print("ready", flush=True)
        while not self.over:
            self.turn()
            if time.monotonic() - looked >= LOOK:
                self.look()
                looked = time.monotonic()
        print("opened %d turned away %d descriptors at most %d resident at most %d KiB" % (self.opened, self.away, self.fds, self.rss))


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), [int(p) for p in sys.argv[4:]])
    signal.signal(signal.SIGUSR1, lambda *_: setattr(crowd, "stays_away", True))
    signal.signal(signal.SIGTERM, lambda *_: setattr(crowd, "over", True))
    crowd.run()


main()
