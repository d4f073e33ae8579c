#!/bin/bash
# crowd.sh: ten senders at once, a slow disk. tests/all/fifty.sh has fifty.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-dumps.sh"
. "$here/lib-crowd.sh"

VMCORE=$(MESS=16 CRASHKERNEL=160M tests/vm/vmcore.sh 6.1 512)
"$SEND" -d 31 --message-level 4 --wire pages --to "file:$TMP/stream" "$VMCORE"
begin crowd crowd "$TMP/stream" 10 60000000 5
cases_end
