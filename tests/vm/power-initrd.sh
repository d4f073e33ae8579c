#!/bin/bash
# power-initrd.sh KERNELDIR OUT RECEIVER [OPTION...]: the initramfs of a dump server: power-init and kferry-recv.
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$2 tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$here/initrd.sh" "$1" "$tmp/initrd" "$3" kferry-recv --dir /mnt --listen tcp://0.0.0.0:7612 --allow-plaintext "${@:4}"
mkdir "$tmp/more"
cp "$here/power-init" "$tmp/more/init"
chmod +x "$tmp/more/init"
# The kernel unpacks one archive behind the other: the later init is the one that runs.
(cd "$tmp/more" && echo init | cpio --quiet -o -H newc -R 0:0 | gzip -1) | cat "$tmp/initrd" - >"$out"
