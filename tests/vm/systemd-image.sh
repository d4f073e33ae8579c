#!/bin/bash
# systemd-image.sh SUITE: makes a small Debian of this suite with systemd, sshd and kferry-recv's libraries, and prints its disk's path.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The disk is ext4 without a partition table, kept in the cache; nothing of kferry is on it.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/cache.sh"
. "$here/debian.sh"
export PATH=$PATH:/sbin:/usr/sbin

suite=${1:?usage: systemd-image.sh SUITE}
case $suite in
bookworm) new= ;;
*) new=t64 ;; # the same libraries, named anew for a 64-bit time_t
esac
packages=systemd,systemd-sysv,dbus,openssh-server,liblz4-1,libzstd1,liblzo2-2,libsnappy1v5,libdeflate0,libxxhash0,libjansson4
packages+=,libevent-2.1-7$new,libevent-pthreads-2.1-7$new,libevent-openssl-2.1-7$new,libssl3$new
image=$CACHE/systemd/$suite-$(sha256sum "$0" | cut -c 1-8)
if [ -e "$image" ]; then echo "$image"; exit; fi

locked "systemd-$suite"
if [ -e "$image" ]; then echo "$image"; exit; fi
mkdir -p "$CACHE/systemd"
tmp=$(mktemp -d "$CACHE/systemd/.$suite.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
uri=$(archive_uri)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -r "$keyring" ]; then signed="[signed-by=$keyring] "; else signed=; fi
mmdebstrap --quiet --variant=minbase --include="$packages" --dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	"$suite" "$tmp/root.tar" "deb $signed$uri $suite main" >"$tmp/log" 2>&1 </dev/null || { cat "$tmp/log" >&2; exit 1; }
as_root=()
[ "$(id -u)" = 0 ] || as_root=(fakeroot --)
# shellcheck disable=SC2016 # for the inner shell
"${as_root[@]}" sh -eu -c '
	mkdir "$1/root"
	tar -x -C "$1/root" -f "$1/root.tar" --exclude="./dev/*"
	echo kferry >"$1/root/etc/hostname"
	: >"$1/root/etc/machine-id"
	mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -d "$1/root" "$1/disk" 1536M
' sh "$tmp"
rm -f "$CACHE/systemd/$suite"-*
mv "$tmp/disk" "$image"
echo "$image"
