# SPDX-License-Identifier: GPL-2.0-or-later
"""A recipe: the text of a small machine and of what must become of each of its pages. README.md describes the format."""
import os
import re

CLASSES = {"free": 16, "cache": 2 | 4, "cache-private": 4, "user": 8, "hwpoison": None, "offline": None}
KEPT = ("keep", "undecided", "rescued", "damaged")
USUAL_LEVELS = (0, 1, 2, 4, 8, 16, 31)


class Wrong(Exception):
    """A recipe that cannot be meant so."""


def number(text):
    return int(text, 0)


def pfns(text):
    """`0x10` or `0x10-0x1f`, end inclusive in the text and exclusive here."""
    first, _, last = text.partition("-")
    return number(first), number(last or first) + 1


def address(text, fraction):
    """`0x9f.c00`: a pfn and a byte in it; FRACTION stands for a missing byte."""
    pfn, _, byte = text.partition(".")
    return number(pfn) * 4096 + (int(byte, 16) if byte else fraction)


def level_set(words):
    out = set()
    for word in words:
        out |= set(range(32)) if word == "any" else {number(word)}
    return out


class Load:
    """A range of RAM, in bytes: one PT_LOAD. FILE_END is where its data ends."""

    def __init__(self, words):
        first, _, last = words[0].partition("-")
        self.start, self.end = address(first, 0), address(last or first, 4096)
        self.file_end = self.end
        self.listed = True
        for word in words[1:]:
            if word.startswith("data-to="):
                self.file_end = address(word[8:], 4096)
            else:
                raise Wrong("ram: what is %s" % word)


class Verdict:
    """`cache else hwpoison`, `offline@2,4,8,16,31`: the first class that the level leaves out, otherwise kept."""

    def __init__(self, text):
        self.terms = []
        for term in text.split(" else "):
            name, _, levels = term.strip().partition("@")
            if name not in CLASSES and name not in KEPT + ("nodata",):
                raise Wrong("no class is called %s" % name)
            self.terms.append((name, level_set(levels.split(",")) if levels else None))

    def at(self, level):
        for name, levels in self.terms:
            if levels is not None:
                if level in levels:
                    return name
            elif CLASSES.get(name) is None or level & CLASSES[name]:
                return name
        return "keep"


class Recipe:
    def __init__(self, path):
        self.path, self.name = path, os.path.basename(path).rsplit(".", 1)[0]
        self.title = None
        self.words = {"paging": "4", "direct": "2M", "phdrs": "aligned", "notes": "1"}
        self.loads, self.nodes, self.offline_nodes, self.keys, self.appended, self.phdrs = [], [], set(), [], [], []
        self.marks, self.verdicts = [], []
        self.levels = USUAL_LEVELS
        self.differs, self.unsupported, self.says = [], [], []
        self.counts_more, self.log_differs, self.nostruct = None, None, []
        with open(path, encoding="ascii") as f:
            for n, line in enumerate(f, 1):
                try:
                    self.line(line.strip())
                except (Wrong, ValueError, IndexError) as e:
                    raise Wrong("%s:%d: %s" % (path, n, e)) from e
        self.ram = self.ram_pfns()
        self.check()
        self.by_level = {}
        self.of_ram = [([p for p in range(first, end) if p in self.ram] if end - first <= len(self.ram) else
                        [p for p in self.ram if first <= p < end], verdict) for first, end, verdict in self.verdicts]

    def line(self, line):
        if line.startswith("#"):
            if self.title is None:
                self.title = line.lstrip("# ")
            return
        line = re.sub(r"\s+#\s.*", "", line)
        if not line:
            return
        word, _, rest = line.partition(" ")
        if re.match(r"0x[0-9a-f]+(-0x[0-9a-f]+)?$", word):
            self.page_line(word, rest)
        elif word == "ram":
            self.loads.append(Load(rest.split()))
        elif word == "node":
            where, *state = rest.split()
            self.nodes.append(pfns(where))
            self.offline_nodes |= {len(self.nodes) - 1} if state == ["offline"] else set()
        elif word == "key":
            self.keys.append(rest.strip())
        elif word == "append":
            self.appended.append(rest.strip())
        elif word == "phdr":
            self.phdrs.append({k: number(v) for k, _, v in (w.partition("=") for w in rest.split())})
        elif word == "levels":
            self.levels = tuple(sorted(level_set(["any" if w == "all" else w for w in rest.split()])))
        elif word == "nostruct":
            where, how = rest.split()
            self.nostruct.append((pfns(where), how))
        elif word == "makedumpfile":
            self.makedumpfile_line(rest)
        elif word == "kferry-says":
            self.says.append(rest.strip())
        else:
            self.words[word] = rest.strip()

    def page_line(self, where, rest):
        first, end = pfns(where)
        if first >= end:
            raise Wrong("%s is empty" % where)
        marks, colon, verdict = rest.partition(":")
        if marks.split():
            self.marks.append((first, end, dict(m.partition("=")[::2] for m in marks.split())))
        if colon:
            self.verdicts.append((first, end, Verdict(verdict)))

    def makedumpfile_line(self, rest):
        """`makedumpfile drops|keeps|lacks PFNS at LEVELS: why` and `makedumpfile fails at LEVELS, saying TEXT: why`."""
        m = re.match(r"(drops|keeps|lacks) (\S+) at ([\w ]+): (.+)", rest)
        if m:
            self.differs.append((m[1], pfns(m[2]), level_set(m[3].split()), m[4]))
            return
        if rest.startswith("counts more: "):
            self.counts_more = rest[13:]
            return
        if rest.startswith("log differs: "):
            self.log_differs = rest[13:]
            return
        m = re.match(r"fails at ([\w ]+), saying \"(.+)\": (.+)", rest)
        if not m:
            raise Wrong("cannot be understood: makedumpfile %s" % rest)
        self.unsupported.append((level_set(m[1].split()), m[2], m[3]))

    def ram_pfns(self):
        out = set()
        for load in self.loads:
            out.update(range(load.start >> 12, (load.end + 4095) >> 12))
        return out

    def check(self):
        """Every page of RAM is described once, and has one verdict."""
        for what, lines in (("description", self.marks), ("verdict", self.verdicts)):
            end = -1
            covered = []
            for first, stop, _ in sorted(lines, key=lambda x: x[:2]):
                if first < end:
                    raise Wrong("%s: two lines have the %s of 0x%x" % (self.path, what, first))
                end = stop
                covered.append((first, stop))
            left = set(self.ram)
            for first, stop in covered:
                left.difference_update(range(first, stop)) if stop - first < 1 << 20 else None
            if left:
                raise Wrong("%s: no %s of page 0x%x and %d others" % (self.path, what, min(left), len(left) - 1))

    def classes(self, level):
        """The written class of every page of RAM."""
        if level not in self.by_level:
            self.by_level[level] = {pfn: name for pfns_of, verdict in self.of_ram for name in (verdict.at(level),) for pfn in pfns_of}
        return self.by_level[level]
