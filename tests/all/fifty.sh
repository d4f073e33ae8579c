#!/bin/bash
# fifty.sh: 50 senders at once, a slow disk: all dumps right, memory bounded, the slowest at most 3 times the median.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stream is that of a real crash of a small machine. tests/e2e/crowd.sh has a short version.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../e2e" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-crowd.sh"

VMCORE=$(MESS=16 CRASHKERNEL=160M tests/vm/vmcore.sh 6.1 512)
"$SEND" -d 31 --message-level 4 --wire pages --to "file:$TMP/stream" "$VMCORE"
echo "a stream of $(stat -c %s "$TMP/stream") bytes"

LOGS=1 begin fifty-senders crowd "$TMP/stream" 50 40000000 10
cases_end
