#!/bin/bash
# session.sh CRASH VMLINUX DUMP DIR: asks crash all of tests/crash/questions; the answers lie in the new directory DIR.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An answer has the name of its command without blanks (bt-a). `opening` is what crash says besides, as it opens the
# dump. The dump is called `dump` for crash, so that even the line of `sys` that names it is the same for every dump.
# Nothing of the user's reaches crash: no .crashrc, no pager, no environment.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# = 4 ] || { echo "usage: session.sh CRASH VMLINUX DUMP DIR" >&2; exit 2; }
crash=$1 dir=$4
mkdir "$dir" "$dir/home"
ln -s "$(readlink -f "$2")" "$dir/vmlinux"
ln -s "$(readlink -f "$3")" "$dir/dump"
cd "$dir"
{
	echo 'set scroll off > scroll'
	awk -F '\t' '!/^#/ { name = $1; gsub(" ", "", name); print $1 " > " name }' "$here/questions"
	echo quit
} >commands
status=0
env -i PATH="$PATH" HOME="$PWD/home" TERM=dumb LC_ALL=C TZ=UTC timeout 900 "$crash" -s -i commands vmlinux dump \
	</dev/null >opening 2>&1 || status=$?
[ "$status" = 0 ] || { tail -n 20 opening >&2; echo "session.sh: crash ends with $status" >&2; exit 1; }
