#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file: its license and first sentence, its name, and words that do not belong into a tree."""
import os
import re
import statistics

from tree import done, files, read, report

# Files that are data, or whose format has no comments; manual pages have a sentence of their own kind.
BARE = re.compile(r"(^LICENSE$|\.gitignore$|\.md$|\.stream$|SHA256SUMS$|\.svg$)")
MANUAL = re.compile(r"\.[1-8]$")
UTILS = re.compile(r"^(utils?|misc|helpers?|tools?|stuff|functions|common)\.(c|h|py|sh)$")
# Machine paths, hosts that serve packages, and how the project came about.
HOSTS = (r"(?:deb|ftp|snapshot|security|httpredir)\.debian\.org|archive\.ubuntu\.com|pypi\.org|pythonhosted\.org|"
         r"registry\.npmjs\.org|crates\.io|proxy\.golang\.org|registry-1\.docker\.io|ghcr\.io")
WORDS = (
    (r"(?<![\w.}])(?<!\w\")/(?:work|root|home)/\w+", "a path of one machine"),
    (HOSTS, "a host that serves packages"),
    (r"\b(?:sub-?)?agents?\b(?!-)", "how the project was made"),
    (r"\b(?:LLM|ChatGPT|Claude|Copilot|Codex)\b", "how the project was made"),
    (r"\b(?:this|previous|earlier|working|work) session\b", "how the project was made"),
    (r"\bsession (?:notes|log|summary)\b", "how the project was made"),
)


def first_lines(path):
    lines = read(path).splitlines()
    return lines[1:] if lines and lines[0].startswith("#!") else lines


def has_license(path):
    return any("SPDX-License-Identifier: GPL-2.0-or-later" in line for line in first_lines(path)[:4])


def has_sentence(path):
    """A comment of a few words that ends as sentences do, near the top and not counting the license."""
    for line in first_lines(path)[:4]:
        text = re.sub(r'^\s*(?:/\*+|//+|\*|#+|"""|\.\\")\s*', "", line).strip()
        if len(text.split()) >= 2 and "SPDX" not in text and text != line.strip():
            return True
    return False


def check_words(paths):
    for path in paths:
        if path.startswith("tests/structure/") or path.endswith(".stream"):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            for pattern, what in WORDS:
                for m in re.finditer(pattern, line, re.I):
                    yield "%s:%d: '%s' is %s" % (path, number, m[0], what)


def print_sizes(paths):
    sizes = sorted((len(read(p).splitlines()), p) for p in paths)
    print("# %d source files, median %d lines, %d over 250; largest: %s" % (
        len(sizes), statistics.median(n for n, _ in sizes), sum(n > 250 for n, _ in sizes),
        ", ".join("%s %d" % (p, n) for n, p in sizes[:-4:-1])))


def main():
    paths = files()
    commented = [p for p in paths if not BARE.search(p) and os.path.getsize(p)]
    report("every file has its license", ["no SPDX line: " + p for p in commented if not has_license(p)])
    report("every file begins with what it is", ["no first sentence: " + p for p in commented
                                                     if not MANUAL.search(p) and not has_sentence(p)])
    report("no file of utilities", [p for p in paths if UTILS.match(os.path.basename(p))])
    report("no word that does not belong here", list(check_words(paths)))
    print_sizes([p for p in paths if p.endswith((".c", ".h"))])


main()
done()
