#!/bin/bash
# selftest.sh: kferry-relay does to a connection what its rules say, to the byte.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/selftest.py" "$("$here/build.sh")"
