# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of cases and judges in README.md. Called with --write it puts the recipes' table there."""
import glob
import os
import sys

from recipe import Recipe

HERE = os.path.dirname(os.path.abspath(__file__))
README = HERE + "/README.md"
START, END = "<!-- cases -->\n", "<!-- /cases -->\n"


def levels_text(levels, of):
    return "all levels" if set(of) <= levels else "levels " + ", ".join(str(n) for n in sorted(levels & set(of)))


def verdict_of_makedumpfile(recipe):
    """In words: what it does otherwise than is written, and why."""
    said = ["fails at %s: %s" % (levels_text(levels, recipe.levels), why) for levels, _, why in recipe.unsupported]
    reasons = {}
    for what, (first, end), levels, why in recipe.differs:
        pages, at = reasons.setdefault((what, why), ([], set()))
        pages.append("0x%x-0x%x" % (first, end - 1) if end > first + 1 else "0x%x" % first)
        at |= levels
    for (what, why), (pages, levels) in reasons.items():
        said.append("%s %s at %s: %s" % (what, " ".join(dict.fromkeys(pages)), levels_text(levels, recipe.levels), why))
    if recipe.counts_more:
        said.append("agrees, but counts more: " + recipe.counts_more)
    if recipe.log_differs:
        said.append("its log differs: " + recipe.log_differs)
    return "; ".join(said) or "agrees"


def table(recipes):
    out = ["| case | what it holds | era, memory model | levels | makedumpfile |", "|---|---|---|---|---|"]
    for r in recipes:
        levels = "all 32" if len(r.levels) == 32 else " ".join(map(str, r.levels))
        out.append("| %s | %s | %s, %s | %s | %s |" % (r.name, r.title.rstrip("."), r.words["era"],
                                                       r.words["model"], levels, verdict_of_makedumpfile(r)))
    return "\n".join(out) + "\n"


def all_recipes():
    return [Recipe(p) for p in sorted(glob.glob(HERE + "/cases/*.recipe"))]


def readme_is_right():
    with open(README, encoding="ascii") as f:
        return START + table(all_recipes()) + END in f.read()


def write():
    with open(README, encoding="ascii") as f:
        text = f.read()
    before, after = text.partition(START)[0], text.partition(END)[2]
    with open(README, "w", encoding="ascii") as f:
        f.write(before + START + table(all_recipes()) + END + after)


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    write()
