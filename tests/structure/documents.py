#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents and comments: the paths, functions and constants that they name."""
import glob
import os
import re
import subprocess
import tempfile

from tree import done, files, read, report

TOP = ("common", "proto", "sender", "receiver", "tests", "docs")
PATH = re.compile(r"(?<![\w./$}])((?:%s)/[\w./*+-]*[\w*/])" % "|".join(TOP))
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# `file.c`, `function()`: the function must be in the file.
FUNCTION = re.compile(r"`([\w/.-]+\.[ch])`,\s+`(\w+)\(\)`")


def is_there(path):
    return bool(glob.glob(path.rstrip("/"))) or bool(glob.glob(path.rstrip("/") + ".*"))


def check_paths(documents):
    for doc in documents:
        text = read(doc)
        for path in PATH.findall(text):
            if not is_there(path.rstrip(".")):
                yield "%s names %s" % (doc, path)
        for link in LINK.findall(text) if doc.endswith(".md") else ():
            if not os.path.exists(os.path.join(os.path.dirname(doc), link)):
                yield "%s links to %s" % (doc, link)


def check_functions(documents):
    for doc in documents:
        for path, function in FUNCTION.findall(read(doc)):
            if os.path.exists(path) and not re.search(r"\b%s\(" % re.escape(function), read(path)):
                yield "%s looks for %s() in %s" % (doc, function, path)


def header_names():
    text = re.sub(r"/\*.*?\*/", "", read("proto/wire.h"), flags=re.S)
    names = re.findall(r"^#define (KF_\w+) +\S", text, re.M) + re.findall(r"^\t(KF_\w+)(?: = [^,]+)?,", text, re.M)
    return [n for n in names if n != "KF_MAGIC"]


def header_values(names):
    """The compiler's own answer."""
    lines = "".join('\tprintf("%s %%llu\\n", (unsigned long long)(%s));\n' % (n, n) for n in names)
    source = '#include <stdio.h>\n#include "proto/wire.h"\nint main(void)\n{\n%s\treturn 0;\n}\n' % lines
    with tempfile.TemporaryDirectory() as tmp:
        with open(os.path.join(tmp, "values.c"), "w") as f:
            f.write(source)
        subprocess.run([os.environ.get("CC", "cc"), "-I.", "-o", tmp + "/values", tmp + "/values.c"], check=True)
        out = subprocess.run([tmp + "/values"], check=True, capture_output=True, text=True).stdout
    return {k: int(v) for k, v in (line.split() for line in out.splitlines())}


def check_constants():
    text = read("docs/PROTOCOL.md")
    block = re.search(r"<!-- constants -->(.*)<!-- /constants -->", text, re.S)
    if not block:
        return ["docs/PROTOCOL.md has no <!-- constants --> ... <!-- /constants -->"]
    documented = {k: int(v, 0) for k, v in re.findall(r"^\| (KF_\w+) \| (\w+) \|", block[1], re.M)}
    real = header_values(header_names())
    return (["%s is not in docs/PROTOCOL.md" % n for n in real.keys() - documented.keys()] +
            ["%s is not in proto/wire.h" % n for n in documented.keys() - real.keys()] +
            ["%s is %d in docs/PROTOCOL.md and %d in proto/wire.h" % (n, documented[n], real[n])
             for n in real.keys() & documented.keys() if real[n] != documented[n]])


def check_keys():
    """Options of the programs and their manual pages."""
    for program, source in (("kferry-send", "sender/main.c"), ("kferry-recv", "receiver/cli/options.c")):
        page = read("docs/%s.8" % program)
        for option in re.findall(r'^\t\{ "([a-z-]+)", (?:\'.\'|0), ', read(source), re.M):
            if not re.search(r"(?:Fl|,) -%s\b" % option, page):  # mdoc writes a second dash
                yield "docs/%s.8 does not know --%s" % (program, option)


def main():
    documents = [p for p in files() if p.endswith((".md", ".8"))]
    sources = [p for p in files() if p.endswith((".c", ".h", ".sh", ".py")) and not p.startswith("tests/structure/")]
    report("documents name paths that exist", list(check_paths(documents)))
    report("comments name paths that exist", list(check_paths(sources)))
    report("documents name functions that exist", list(check_functions(documents)))
    report("docs/PROTOCOL.md has the constants of proto/wire.h", check_constants())
    report("manual pages know every option", list(check_keys()))


main()
done()
