#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""objects.py BUILD: what was built: libraries of each program, variables that may change, what pure code calls, names."""
import functools
import os
import re
import subprocess
import sys

from tree import done, files, read, report

BUILD = sys.argv[1]
ROOMS = ("common", "proto", "pagecodec", "sender", "receiver")
# All that code without I/O may call besides its own: memory, text, and the wire codecs' libraries.
PURE = re.compile(r"(kf_\w+|mem(cpy|set|cmp|move|chr)|str(n?len|n?cmp|chr)|malloc|calloc|realloc|free|__stack_chk_fail|"
                  r"LZ4_\w+|ZSTD_\w+|XXH3_\w+|_GLOBAL_OFFSET_TABLE_|__memcpy_chk|__memset_chk)$")


def table(name):
    """Rows of a list beside this file."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    return [line.split("\t") for line in read(path).splitlines() if line and not line.startswith("#")]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_libraries():
    for program in ("kferry-send", "kferry-recv"):
        wanted = {row[1] for row in table("needed") if row[0] == program}
        dynamic = run("readelf", "-dW", os.path.join(BUILD, program))
        got = {re.sub(r"\.so\b.*", "", name) for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)}
        report(program + " links what tests/structure/needed lists",
               ["not listed: " + n for n in got - wanted] + ["listed but not linked: " + n for n in wanted - got])


@functools.lru_cache(None)
def symbols(path):
    """(name, class, section) of every symbol."""
    rows = ([c.strip() for c in line.split("|")] for line in run("nm", "-f", "sysv", path).splitlines())
    return [(row[0], row[2], row[6]) for row in rows if len(row) == 7]


def objects():
    sources = [f for f in files(*ROOMS) if f.endswith(".c")]
    for source in sources:
        path = os.path.join(BUILD, source[:-2] + ".o")
        if os.path.exists(path):
            yield source, path
        else:
            report("%s was built" % source, ["no " + path])


def check_mutable(source, path, allowed):
    for name, kind, section in symbols(path):
        changes = re.match(r"\.(data|bss|tdata|tbss)", section) and not section.startswith(".data.rel.ro")
        if (changes or kind == "C") and not name.startswith(".") and (source[:-2] + ".o", name) not in allowed:
            yield "%s: %s in %s" % (source, name, section or "common")


def check_pure(source, path):
    if source.startswith("proto/") or source == "sender/filter/classify.c":
        for name, kind, _ in symbols(path):
            if kind == "U" and not PURE.match(name):
                yield "%s calls %s" % (source, name)


def check_names(source, path):
    for name, kind, section in symbols(path):
        if kind in "TDBR" and section and not name.startswith("kf_") and name != "main":
            yield "%s: %s" % (source, name)


def main():
    allowed = {(row[0], row[1]) for row in table("mutable")}
    mutable, pure, names, seen = [], [], [], set()
    for source, path in objects():
        mutable += check_mutable(source, path, allowed)
        pure += check_pure(source, path)
        names += check_names(source, path)
        seen |= {(source[:-2] + ".o", name) for name, _, section in symbols(path) if section}
    check_libraries()
    report("no state in a file's scope", mutable)
    report("every exception of tests/structure/mutable is there", ["%s %s is gone" % e for e in allowed - seen])
    report("proto and the page decision call nothing that does I/O", pure)
    report("names seen outside their file begin with kf_", names)


main()
done()
