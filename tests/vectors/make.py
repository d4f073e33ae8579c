#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make.py [DIR]: writes the vectors and their STORIES into v1; with --check, says which files would be others.

A vector is the bytes of one direction as they are on the wire. Released vectors are never edited: a later version of the
protocol adds new ones. So what is written must be what is there, but for files that are new; SHA256SUMS has all of them. STORIES has a line for each, of six columns:

  file        ok-* is accepted, should-fail-* is not
  direction   sender or receiver: whose bytes they are
  status      exit statuses that `kferry-recv --replay` may have; - for a receiver's bytes
  by          who notices: `stream` (parser, messages and their order), `end` (only that END lacks), `dump` (only who puts
              the dump together; the stream by itself is right); - for ok-*
  said        what the refusal says, in part; - for nothing
  story
"""
import os
import sys

import broken
import good
import lying
from editing import vectors


def main():
    check = "--check" in sys.argv
    args = [a for a in sys.argv[1:] if a != "--check"]
    here = args[0] if args else os.path.join(os.path.dirname(os.path.abspath(__file__)), "v1")
    for make in (good.good_dumps, good.good_conversations, good.good_replies, broken.bad_prefaces, broken.bad_frames,
                 broken.bad_fields, broken.bad_orders, lying.bad_dumps):
        make()
    files = {name + ".stream": v[0] for name, v in vectors.items()}
    lines = ["# Stories of the vectors; made by make.py, which says what the columns are.",
             "# SPDX-License-Identifier: GPL-2.0-or-later"]
    lines += ["\t".join([name + ".stream"] + list(v[1:])) for name, v in sorted(vectors.items())]
    files["STORIES"] = ("\n".join(lines) + "\n").encode()
    there = {n for n in os.listdir(here) if n.endswith(".stream") or n == "STORIES"}
    wrong = sorted(there ^ set(files))
    for name, data in files.items():
        path = os.path.join(here, name)
        if check:
            if name in there and open(path, "rb").read() != data:
                wrong.append(name)
        else:
            with open(path, "wb") as f:
                f.write(data)
    if check:
        for name in wrong:
            print("not what make.py makes: " + name)
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
