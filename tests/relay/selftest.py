#!/usr/bin/env python3
"""selftest.py RELAY: what kferry-relay does to real sockets, rule by rule; prints `ok NAME` or `not ok NAME`."""
# SPDX-License-Identifier: GPL-2.0-or-later
import atexit
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

RELAY = sys.argv[1]
DATA = random.Random(4).randbytes(3_000_000)
failed = False


class Target:
    """Takes connections; of each what came, how it ended, and when the first byte came. Answers with `answer` at once."""

    def __init__(self, answer=b""):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.answer, self.got = answer, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            taken = self.listener.accept()[0]
            entry = {"bytes": b"", "end": None, "socket": taken}
            self.got.append(entry)
            threading.Thread(target=self.serve, args=(entry,), daemon=True).start()

    def serve(self, entry):
        parts, end = [], "fin"
        try:
            if self.answer:
                entry["socket"].sendall(self.answer)
            while data := entry["socket"].recv(1 << 16):
                parts.append(data)
        except ConnectionError:
            end = "rst"
        entry["bytes"], entry["done"] = b"".join(parts), time.monotonic()
        entry["end"] = end  # last: who waits looks at it
        entry["socket"].close()

    def wait(self, n, seconds=10):
        until = time.monotonic() + seconds
        while len(self.got) < n or self.got[n - 1]["end"] is None:
            if time.monotonic() > until:
                raise AssertionError(f"connection {n} of the target did not end")
            time.sleep(0.01)
        return self.got[n - 1]


class Relay:
    def __init__(self, port, *rules, options=()):
        self.process = started = subprocess.Popen([RELAY, "--to", str(port), *options, *rules], stdout=subprocess.PIPE, text=True)
        atexit.register(started.kill)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def end(self):
        time.sleep(0.05)
        self.process.terminate()
        return self.process.communicate()[0].splitlines()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))


def send(relay, data=DATA):
    """Sends all, ends, and reads the answer: (answer, how it ended)."""
    s, answer = relay.connect(), b""
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        while part := s.recv(1 << 16):
            answer += part
        return answer, "fin"
    except (ConnectionError, OSError):
        return answer, "rst"
    finally:
        s.close()


def said(lines, pattern):
    assert any(re.fullmatch(pattern, line) for line in lines), (pattern, lines)


def passes():
    target = Target(b"answer" * 1000)
    with tempfile.TemporaryDirectory() as record:
        relay = Relay(target.port, options=("--record", record))
        assert send(relay) == (b"answer" * 1000, "fin")
        assert target.wait(1)["bytes"] == DATA
        said(relay.end(), f"end 1 up {len(DATA)} {len(DATA)} down 6000 6000 closed")
        assert open(record + "/1.up", "rb").read() == DATA
        assert open(record + "/1.down", "rb").read() == b"answer" * 1000


def cuts(how):
    target = Target()
    relay = Relay(target.port, f"1 up 1234567 {how}")
    send(relay)
    entry = target.wait(1)
    assert entry["bytes"] == DATA[:1234567] and entry["end"] == how, (len(entry["bytes"]), entry["end"])
    send(relay)
    assert target.wait(2)["bytes"] == DATA
    lines = relay.end()
    said(lines, f"did 1 up 1234567 {how}")
    said(lines, rf"end 1 up 1234567 1234567 down 0 0 {how}")


def cuts_answers():
    target = Target(DATA)
    relay = Relay(target.port, "1 down 70000 rst")
    s, got = relay.connect(), b""
    try:
        while data := s.recv(65536):
            got += data
        raise AssertionError("no reset")
    except ConnectionResetError:
        pass
    assert got == DATA[:70000]
    relay.end()


def random_places():
    target, places = Target(), []
    for seed in ("1", "1", "2"):
        relay = Relay(target.port, "* up 1000~2M fin", options=("--seed", seed))
        for _ in range(3):
            send(relay)
        places.append([line for line in relay.end() if line.startswith("did")])
    numbers = [int(line.split()[3]) for line in places[0] + places[2]]
    assert places[0] == places[1] != places[2] and len(set(numbers)) == 6, places
    assert all(1000 <= n <= 2 << 20 for n in numbers)


def flips():
    target = Target()
    relay = Relay(target.port, "1 up 70001 flip 3", "1 up 0 flip 0")
    send(relay)
    wanted = bytearray(DATA)
    wanted[70001] ^= 8
    wanted[0] ^= 1
    assert target.wait(1)["bytes"] == wanted
    relay.end()


def again():
    target = Target()
    send(Relay(target.port, "1 up 100000 again 65537"))
    assert target.wait(1)["bytes"] == DATA[:100000] + DATA[100000 - 65537:]


def drops():
    target = Target()
    send(Relay(target.port, "1 up 100000 drop 77777"))
    assert target.wait(1)["bytes"] == DATA[:100000] + DATA[177777:]


def truncates():
    target = Target(b"yes")
    relay = Relay(target.port, "1 up 100000 truncate")
    assert send(relay) == (b"yes", "fin")
    entry = target.wait(1)
    assert entry["bytes"] == DATA[:100000] and entry["end"] == "fin"
    said(relay.end(), "end 1 up .* 100000 down 3 3 closed")


def swallows():
    target = Target(b"yes")
    relay = Relay(target.port, "1 up 100000 swallow")
    s = relay.connect()
    s.sendall(DATA)
    time.sleep(0.3)
    assert target.got[0]["end"] is None
    s.close()
    entry = target.wait(1)
    assert entry["bytes"] == DATA[:100000]
    relay.end()


def silent():
    target = Target()
    relay = Relay(target.port, "1 up 100000 silent")
    s = relay.connect()
    s.settimeout(0.5)
    try:
        s.sendall(DATA * 4)
        raise AssertionError("all was taken")
    except TimeoutError:
        pass
    s.close()
    time.sleep(0.3)
    assert target.got[0]["end"] is None, "the target hears of the end"
    said(relay.end(), "end 1 up 100000 100000 down 0 0 silent")
    assert target.wait(1)["bytes"] == DATA[:100000]


def slow(rule, least, most):
    target, begun = Target(), time.monotonic()
    send(Relay(target.port, *rule), DATA[:400000])
    entry = target.wait(1)
    took = entry["done"] - begun
    assert entry["bytes"] == DATA[:400000]
    assert least <= took <= most, took


def refuses():
    target = Target()
    relay = Relay(target.port, "2 refuse")
    ends = [send(relay, b"x")[1] for _ in range(3)]
    assert ends == ["fin", "rst", "fin"], ends
    said(relay.end(), "end 2 up 0 0 down 0 0 refuse")


def goes_away():
    target = Target()
    relay = Relay(target.port, "1 up 5 fin", "1 away 700")
    send(relay, b"0123456789")
    target.wait(1)
    time.sleep(0.2)
    try:
        relay.connect()
        raise AssertionError("it is still there")
    except ConnectionRefusedError:
        pass
    time.sleep(0.8)
    assert send(relay, b"x")[1] == "fin"
    assert target.wait(2)["bytes"] == b"x"


def no_target():
    dead = socket.create_server(("127.0.0.1", 0))
    port = dead.getsockname()[1]
    dead.close()
    relay = Relay(port)
    assert send(relay)[1] == "rst"
    relay.end()


def reset_passed_on():
    target = Target()
    relay = Relay(target.port)
    s = relay.connect()
    s.sendall(DATA[:1000])
    time.sleep(0.2)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    s.close()
    entry = target.wait(1)
    assert entry["end"] == "rst" and entry["bytes"] == DATA[:1000], entry
    said(relay.end(), "end 1 up 1000 1000 .* broken")


def bad_rules():
    for rule in ("1", "0 refuse", "1 up 5", "1 up 5 flip 8", "1 up 9~5 fin", "1 left 5 fin", "1 up 5 fin 3", "x up 5 fin", "1 up 0 rate 0"):
        made = subprocess.run([RELAY, "--to", "1", rule], capture_output=True, text=True, timeout=5)
        assert made.returncode == 2 and len(made.stderr.splitlines()) == 1, (rule, made)


def many():
    target = Target(b"yes")
    relay = Relay(target.port, "1-20 up 1M~2M fin")
    threads = [threading.Thread(target=send, args=(relay,)) for _ in range(30)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    sizes = sorted(len(target.wait(n)["bytes"]) for n in range(1, 31))
    assert sizes[20:] == [len(DATA)] * 10 and sizes[19] < len(DATA), sizes
    relay.end()


CASES = [
    ("passes", passes), ("cut-fin", lambda: cuts("fin")), ("cut-rst", lambda: cuts("rst")), ("cut-answers", cuts_answers),
    ("random-places", random_places), ("flip", flips), ("again", again), ("drop", drops), ("truncate", truncates),
    ("swallow", swallows), ("silent", silent), ("rate", lambda: slow(["1 up 0 rate 400K"], 0.8, 1.6)),
    ("delay", lambda: slow(["* up 0 delay 500"], 0.5, 0.9)), ("hold", lambda: slow(["1 up 200000 hold 600"], 0.6, 1.0)),
    ("refuse", refuses), ("away", goes_away), ("no-target", no_target), ("reset-passed-on", reset_passed_on),
    ("bad-rules", bad_rules), ("many", many),
]
for name, case in CASES:
    try:
        case()
        print("ok", name, flush=True)
    except Exception as why:  # a case that breaks is one that failed
        print("not ok", name, type(why).__name__, why, flush=True)
        failed = True
sys.exit(failed)
