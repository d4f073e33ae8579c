# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the recipes: makes each vmcore, asks both judges at each level, compares them with what the recipe says."""
import glob
import os
import sys
import time

from judges import Failed, Kferry, Makedumpfile
from machine import Machine
from recipe import KEPT, Recipe, Wrong
import table

KFERRY_LOGS = ("prb",)  # what kferry does not read yet, it must say that it has not
COUNTED = ("cache", "cache-private", "user", "free", "hwpoison", "offline", "zero")
HERE = os.path.dirname(os.path.abspath(__file__))


def ranges(pfns):
    """Pfns as text, the first few ranges of them."""
    out, pfns = [], sorted(pfns)
    i = 0
    while i < len(pfns):
        k = i
        while k + 1 < len(pfns) and pfns[k + 1] == pfns[k] + 1:
            k += 1
        out.append("0x%x" % pfns[i] if i == k else "0x%x-0x%x" % (pfns[i], pfns[k]))
        i = k + 1
    return " ".join(out[:6]) + (" and %d other ranges" % (len(out) - 6) if len(out) > 6 else "")


class Case:
    """A recipe and the vmcore made of it."""

    def __init__(self, recipe, work):
        self.recipe, self.machine = recipe, Machine(recipe)
        self.vmcore = "%s/%s.vmcore" % (work, recipe.name)
        self.machine.write(self.vmcore)
        self.ram = recipe.ram_pfns()
        self.clip = int(self.machine.word("max-mapnr", str(self.machine.max_mapnr())), 0)
        self.ram = {p for p in self.ram if p < self.clip}
        self.more_counted = False

    def kept(self, level):
        return {p for p, c in self.recipe.classes(level).items() if c in KEPT and p in self.ram}

    def counts(self, level):
        """What the report must say, from the written classes."""
        out = {}
        for pfn, name in self.recipe.classes(level).items():
            if pfn in self.ram:
                out[name] = out.get(name, 0) + 1
        out["zero"] = 0
        kept = sum(out.get(k, 0) for k in KEPT)
        if level & 1:
            out["zero"] = sum(not any(self.machine.contents(p)) for p in self.kept(level))
        out["remaining"] = kept - out["zero"]
        out.pop("keep", None)
        return out

    def check_kferry(self, level, judge):
        dump, counts, log, said = judge.judge(self.vmcore, level)
        problems = self.bits("kferry", dump, self.ram, self.kept(level))
        wanted = self.counts(level)
        problems += ["the report says %d %s pages, not %d" % (counts[k], k, wanted.get(k, 0))
                     for k in counts if counts[k] != wanted.get(k, 0)]
        problems += self.pages(dump)
        problems += ["kferry-send does not say '%s'" % s for s in self.recipe.says if s not in said]
        if log != self.machine.log_text and (log is not None or self.machine.era.log in KFERRY_LOGS):
            problems.append("the kernel log is %r, not %r" % (log, self.machine.log_text))
        if dump.phys_base != self.machine.phys_base:
            problems.append("phys_base is %x, not %x" % (dump.phys_base, self.machine.phys_base))
        return problems

    def bits(self, who, dump, ram, kept):
        problems = []
        if dump.max_mapnr != self.clip:
            problems.append("%s's max_mapnr is 0x%x, not 0x%x" % (who, dump.max_mapnr, self.clip))
        if dump.ram != ram:
            problems.append("%s's first bitmap is another at %s" % (who, ranges(dump.ram ^ ram)))
        if dump.dumped - kept:
            problems.append("%s keeps %s" % (who, ranges(dump.dumped - kept)))
        if kept - dump.dumped:
            problems.append("%s drops %s" % (who, ranges(kept - dump.dumped)))
        return problems

    def pages(self, dump):
        wrong = [pfn for pfn, data in dump.pages() if data != self.machine.contents(pfn)]
        return ["kferry's dump has other contents of %s" % ranges(wrong)] if wrong else []

    def check_makedumpfile(self, level, judge):
        """Its problems, and the judge's name as it is to be printed."""
        fails = [(text, why) for levels, text, why in self.recipe.unsupported if level in levels]
        try:
            dump, counts = judge.judge(self.vmcore, level, self.machine.word("makedumpfile-options", "").split())
        except Failed as e:
            for text, _ in fails:
                if text in str(e):
                    return [], "makedumpfile fails as listed"
            return ["makedumpfile fails: %s" % str(e)[-300:]], "makedumpfile"
        if fails:
            return ["makedumpfile does not fail: %s" % fails[0][1]], "makedumpfile"
        kept, ram, listed = self.kept(level), set(self.ram), 0
        for what, (first, end), levels, _ in self.recipe.differs:
            if level in levels:
                pages = self.ram & set(range(first, end))
                listed += len(pages)
                kept = kept | pages if what == "keeps" else kept - pages
                ram -= pages if what == "lacks" else set()
        if listed and len(kept ^ self.kept(level)) != listed:
            return ["the listed difference is none"], "makedumpfile"
        problems = self.bits("makedumpfile", dump, ram, kept)
        if not listed:
            wanted = self.counts(level)
            wrong = [k for k in COUNTED if counts[k] != wanted.get(k, 0)]
            if self.recipe.counts_more:
                self.more_counted |= bool(wrong)
                wrong = [k for k in wrong if counts[k] < wanted.get(k, 0)]
            problems += ["makedumpfile counts %d %s pages, not %d" % (counts[k], k, wanted.get(k, 0)) for k in wrong]
        return problems, "makedumpfile" + (" differs as listed" if listed else "")

    def check_log(self, judge):
        """What makedumpfile reads as the kernel's log; where it fails at every level, it may fail here too."""
        try:
            log = judge.log(self.vmcore)
        except Failed as e:
            listed = any(text in str(e) for levels, text, _ in self.recipe.unsupported if len(levels) == 32)
            return [] if listed else ["makedumpfile --dump-dmesg fails: %s" % str(e)[-300:]]
        if self.recipe.log_differs:
            return [] if log != self.machine.log_text else ["makedumpfile's log does not differ"]
        return [] if log == self.machine.log_text else ["the kernel log is %r, not %r" % (log, self.machine.log_text)]


class Outcome:
    """What came of a recipe, for the last lines."""

    def __init__(self, name):
        self.name, self.good, self.bad, self.judges = name, 0, 0, set()

    def line(self, what, judges, problems):
        print("%s %s %s [%s]" % ("not ok" if problems else "ok", self.name, what, ", ".join(judges)))
        for p in problems:
            print("    " + p)
        sys.stdout.flush()
        self.judges.add(judges[-1])
        if problems:
            self.bad += 1
        else:
            self.good += 1


def check(path, kferry, makedumpfile, work):
    out = Outcome(os.path.basename(path)[:-7])
    try:
        case = Case(Recipe(path), work)
    except (Wrong, ValueError, MemoryError, KeyError) as e:
        out.line("cannot be made", ["written"], ["%s %s" % (type(e).__name__, e)])
        return out
    for level in case.recipe.levels:
        try:
            problems = case.check_kferry(level, kferry)
        except Failed as e:
            problems = [str(e)]
        more, judge = case.check_makedumpfile(level, makedumpfile)
        out.line("level %d" % level, ["written", "kferry", judge], problems + more)
    judge = "makedumpfile" + (" differs as listed" if case.recipe.log_differs else "")
    out.line("log", ["written", "kferry", judge], case.check_log(makedumpfile))
    if case.recipe.counts_more:
        out.line("counters", ["written", "makedumpfile"], [] if case.more_counted else ["makedumpfile counts no page twice"])
    os.unlink(case.vmcore)
    return out


def main():
    build, program, work = sys.argv[1:4]
    names = sys.argv[4:]
    paths = [p for p in sorted(glob.glob(HERE + "/cases/*.recipe")) if not names or os.path.basename(p)[:-7] in names]
    start = time.monotonic()
    outcomes = [check(path, Kferry(build, work), Makedumpfile(program, work), work) for path in paths]
    if not names:
        readme = Outcome("README.md")
        readme.line("table", ["written"], [] if table.readme_is_right() else
                    ["its table of cases is not that of the recipes: table.py --write makes it so"])
        outcomes.append(readme)
    print("# %-32s %5s %5s  judges" % ("case", "right", "wrong"))
    for o in outcomes:
        print("# %-32s %5d %5d  %s" % (o.name, o.good, o.bad, ", ".join(sorted(o.judges))))
    print("# %d recipes, %d wrong lines, %.0f s" % (len(paths), sum(o.bad for o in outcomes), time.monotonic() - start))
    return any(o.bad for o in outcomes) or not paths


sys.exit(main())
