#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tasks.py VMLINUX DUMP: what drgn finds in DUMP: the kernel's release, the number of tasks, and each task's pid and name."""
import sys

import drgn
from drgn.helpers.linux.pid import for_each_task


def main():
    program = drgn.Program()
    program.set_core_dump(sys.argv[2])
    program.load_debug_info([sys.argv[1]])
    tasks = sorted((t.pid.value_(), t.comm.string_().decode()) for t in for_each_task(program))
    print("release", program["init_uts_ns"].name.release.string_().decode())
    print("tasks", len(tasks))
    for task in tasks:
        print(*task)


main()
