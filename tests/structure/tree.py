# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree as git sees it, and how a check reports."""
import re
import subprocess
import sys

CODE = re.compile(r"\.[ch]$")
failures = 0


def files(*patterns):
    """Files in the index and new ones that are not ignored, but for those that were deleted."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"] + list(patterns),
                         check=True, capture_output=True).stdout
    gone = subprocess.run(["git", "ls-files", "-z", "--deleted"], check=True, capture_output=True).stdout
    return sorted(set(out.decode().split("\0")) - set(gone.decode().split("\0")) - {""})


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def without_comments(text):
    """C without comments and string contents; lines stay where they are."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m[0]) if m[0].startswith("/") else '""'
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def report(name, problems):
    """One line for a check that found nothing, else one for it and one for each problem."""
    global failures
    problems = sorted(set(problems))
    print(("not ok " if problems else "ok ") + name)
    for p in problems:
        print("    " + p)
    failures += bool(problems)


def done():
    sys.exit(1 if failures else 0)
