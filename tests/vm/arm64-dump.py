#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64-dump.py SOCKET FILE: lets QEMU write the guest's memory into FILE as an ELF core, and end."""
import json
import os
import socket
import sys


def main():
    with socket.socket(socket.AF_UNIX) as qmp:
        qmp.connect(sys.argv[1])
        answers = qmp.makefile("r", encoding="utf-8")
        answers.readline()

        def ask(command, **arguments):
            qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
            for line in answers:
                answer = json.loads(line)
                if "error" in answer:
                    sys.exit("arm64-dump.py: %s: %s" % (command, answer["error"]["desc"]))
                if "return" in answer:
                    return

        ask("qmp_capabilities")
        ask("stop")
        ask("dump-guest-memory", paging=False, protocol="file:" + os.path.abspath(sys.argv[2]))
        ask("quit")


main()
