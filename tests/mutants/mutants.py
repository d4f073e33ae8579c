# SPDX-License-Identifier: GPL-2.0-or-later
"""mutants.py DIRECTORY SOURCE...: makes every small mistake in SOURCE, one at a time, and runs the tests until one fails.

DIRECTORY is a copy of the tree, built, that may be spoilt. Each mutant is a line: `ok mutant SOURCE:LINE WHAT (killed by
TEST)`, or `not ok` if all tests passed. A mutant that changes nothing is listed in tests/mutants/equal with the reason; it must
survive, and what is listed must exist. Tests are tried in the order of tests/mutants/killers.
"""
import os
import signal
import subprocess
import sys
from pathlib import Path

import csource

HERE = Path(__file__).resolve().parent
BUILD_SECONDS = 120


def listed(name):
    lines = (HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def passes(directory, command, seconds):
    """Whether COMMAND ends with 0; one that hangs does not."""
    process = subprocess.Popen(command, shell=True, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the shell and what it started
        process.wait()
        return False


def killer_of(directory, killers):
    """The first test that fails; a mutant that the compiler refuses is killed by it."""
    for name, seconds, build, run in killers:
        if not passes(directory, build, BUILD_SECONDS):
            return "the compiler"
        if not passes(directory, run, int(seconds)):
            return name
    return None


def main():
    directory, sources = Path(sys.argv[1]), sys.argv[2:]
    killers, equal = listed("killers"), {(path, what): why for path, what, why in listed("equal")}
    failed = 0
    if killer_of(directory, killers):
        sys.exit("not ok mutants: a test fails without any mutant")
    for source in sources:
        path = directory / source
        original = path.read_text()
        for line, what, text in csource.mutants(original):
            path.write_text(text)
            killer = killer_of(directory, killers)
            why = equal.pop((source, what), None)
            if killer and not why:
                print(f"ok mutant {source}:{line} {what} (killed by {killer})")
            elif why and not killer:
                print(f"ok mutant {source}:{line} {what} (equal: {why})")
            else:
                failed = 1
                print(f"not ok mutant {source}:{line} {what}", "is listed as equal, but killed by " + killer if killer else "survived")
            sys.stdout.flush()
        path.write_text(original)
    for source, what in equal:
        if source in sources:
            failed = 1
            print(f"not ok mutant {source} {what}: listed as equal, but there is none")
    sys.exit(failed)


main()
