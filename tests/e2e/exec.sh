#!/bin/bash
# exec.sh: exec:COMMAND carries a whole dump to `kferry-recv --stdio`; a command that fails is told of by how it ended.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"

VMCORE=$(tests/vm/vmcore.sh 6.1 1024)
JUDGED_BY=$PWD/tests/judge/judge.sh
tests/judge/build.sh >/dev/null

whole() {
	mkdir dumps
	say 0 "$SEND" -c --to "exec:$RECV --stdio --dir dumps" "$VMCORE"
	"$JUDGED_BY" "$VMCORE" 6.1 31 "$(dump_in dumps)/vmcore"
}

# sshd gives a command one socket for both directions, and so does exec:. Whoever reads it beside the receiver must not find that reads
# fail because the receiver wants them so.
shared_socket() {
	mkdir dumps
	say 0 "$SEND" --to "exec:tee copy | $RECV --stdio --dir dumps" "$VMCORE"
	[ -e "$(dump_in dumps)/vmcore" ] || fail "no vmcore"
	say 0 "$RECV" --verify copy
}

commands_that_fail() {
	says 1 '^kferry-send: exec:exit 3: the command ended with status 3$' "$SEND" --give-up 0 --to 'exec:exit 3' "$VMCORE"
	ends 1 '^kferry-send: exec:/no/such: the command ended with status 127$' "$SEND" --give-up 0 --to 'exec:/no/such' "$VMCORE"
	# shellcheck disable=SC2016 # for the command's shell
	says 1 ': the command was ended by SIGKILL$' "$SEND" --give-up 0 --to 'exec:head -c 100 >/dev/null; kill -9 $$' "$VMCORE"
}

# A command that neither reads nor goes is ended, with what it started.
no_child_is_left() {
	timeout 60 "$SEND" --give-up 0 --to 'exec:sleep 986 >/dev/null </dev/null & head -c 100 >/dev/null; exec >&- <&-; sleep 986' "$VMCORE" && fail "it stored"
	! pgrep -f '^sleep 986$' || fail "a child is left"
}

begin exec-whole whole
begin exec-shared-socket shared_socket
begin exec-fails commands_that_fail
begin exec-no-child no_child_is_left
cases_end
