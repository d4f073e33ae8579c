# SPDX-License-Identifier: GPL-2.0-or-later
"""The two judges of a vmcore: kferry itself, sender and receiver, and makedumpfile. Each says what it made of which page."""
import glob
import os
import re
import shutil
import subprocess

import kdump

LINES = {"Non-private cache pages": "cache", "Private cache pages": "cache-private", "User process data pages": "user",
         "Free pages": "free", "Hwpoison pages": "hwpoison", "Offline pages": "offline", "Pages filled with zero": "zero",
         "Pages without data": "nodata", "Undecided pages   (kept)": "undecided", "Rescued pages     (kept)": "rescued",
         "Damaged blocks    (kept)": "damaged",
         "Unreadable pages  (lost)": "unreadable", "Remaining pages": "remaining"}


class Failed(Exception):
    """A judge that could not judge, or said what it must not."""


def run(command, work):
    env = dict(os.environ, TMPDIR=work)
    return subprocess.run(command, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=120, check=False)


def counts_of(report):
    """The report's lines, by class; what has no line is 0."""
    out = dict.fromkeys(LINES.values(), 0)
    for label, value in re.findall(r"^\s*(\S.*?)\s*: 0x([0-9a-f]{16})$", report, re.M):
        if label in LINES:
            out[LINES[label]] = int(value, 16)
    return out


class Kferry:
    def __init__(self, build, work):
        self.build, self.work = build, work

    def judge(self, vmcore, level):
        """The dump, the report's counts, the kernel log, all that was said."""
        stream, dumps = self.work + "/stream", self.work + "/dumps"
        if os.path.exists(stream):
            os.unlink(stream)
        rest = "-c" if level == 31 else "--raw"
        sent = run([self.build + "/kferry-send", "-d", str(level), rest, "--num-threads", "1", "--cyclic-buffer", "1",
                    "--message-level", "22", "--to", "file:" + stream, vmcore], self.work)
        if sent.returncode:
            raise Failed("kferry-send ended with %d: %s" % (sent.returncode, sent.stdout.strip()))
        shutil.rmtree(dumps, ignore_errors=True)
        os.mkdir(dumps)
        got = run([self.build + "/kferry-recv", "--dir", dumps, "--replay", stream], self.work)
        made = glob.glob(dumps + "/*/vmcore")
        if got.returncode or len(made) != 1:
            raise Failed("kferry-recv ended with %d: %s" % (got.returncode, got.stdout.strip()))
        log = made[0] + "-dmesg.txt"
        text = open(log, encoding="utf-8", errors="replace").read() if os.path.exists(log) else None
        return kdump.Dump(made[0]), counts_of(sent.stdout), text, sent.stdout


class Makedumpfile:
    def __init__(self, program, work):
        self.program, self.work = program, work

    def judge(self, vmcore, level, options):
        """The dump and the report's counts."""
        out = self.work + "/theirs"
        done = run([self.program, "-f", "-d", str(level), "--message-level", "22", *options, vmcore, out], self.work)
        if done.returncode:
            raise Failed(done.stdout.replace("\r", "\n").strip())
        return kdump.Dump(out), counts_of(done.stdout)

    def log(self, vmcore):
        out = self.work + "/log"
        done = run([self.program, "-f", "--dump-dmesg", vmcore, out], self.work)
        if done.returncode:
            raise Failed(done.stdout.strip())
        with open(out, encoding="utf-8", errors="replace") as f:
            return f.read()
