#!/bin/sh
# deps.sh build|bench|check|codecs|crash|demo|demo-file|fuzz|arm64: installs the Debian packages that building and tests need.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo-file is `make demo` with a VMCORE, which needs no guest; arm64 is tests/all/arm64.sh. As root or with sudo that asks
# no password what lacks is installed; otherwise the one line to run is printed, status 1.
set -eu

build="gcc make libc6-dev pkg-config liblz4-dev libzstd-dev liblzo2-dev libsnappy-dev libelf-dev zlib1g-dev libevent-dev libdeflate-dev libxxhash-dev
	libjansson-dev libssl-dev libssh2-1-dev"
# A guest that crashes, and its kernels from the archive.
guest="qemu-system-x86 kexec-tools busybox-static musl-tools cpio gzip xz-utils zstd util-linux e2fsprogs python3"
# The foreign readers; makedumpfile reads lzo, zlib and, a newer one from the cache, zstd.
judge="libkdumpfile-dev makedumpfile"
# An arm64 guest, and arm64 programs run here.
arm64="qemu-system-arm qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross cpio gzip xz-utils zstd util-linux"
# A server to log in at; other ends of the encrypted transports, and how to give one of them another home directory.
ssh="openssh-server openssh-client python3"
net="$ssh dropbear-bin openssl libnss-wrapper"
# systemd's own tools, and the making of a guest with systemd.
service="systemd mmdebstrap fakeroot"
tools="libcmocka-dev cppcheck clang-tidy shellcheck python3 git"

case ${1:-} in
build) wanted=$build ;;
demo) wanted="$build $guest $judge $ssh" ;;
bench) wanted="$build $guest $judge $ssh iproute2" ;;
demo-file) wanted="$build $judge $ssh" ;;
check) wanted="$build $guest $judge $net $service $tools" ;;
crash) wanted="$build $guest $judge python3-drgn" ;;
codecs) wanted="$build $guest $judge python3-drgn crash" ;;
fuzz) wanted="$build clang libclang-rt-dev" ;;
arm64) wanted="$build $judge $arm64 libcmocka-dev python3" ;;
*)
	echo "usage: deps.sh build|bench|check|codecs|crash|demo|demo-file|fuzz|arm64" >&2
	exit 2
	;;
esac

lacking=
# shellcheck disable=SC2086 # a list of words
present=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^ii  *//p')
for package in $wanted; do
	case "
$present
" in
	*"
$package
"*) ;;
	*) lacking="$lacking $package" ;;
	esac
done
[ -n "$lacking" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root="env"
elif sudo -n true 2>/dev/null; then
	as_root="sudo -n env"
else
	echo "these packages lack; as root, run: apt-get update && apt-get install -y --no-install-recommends$lacking" >&2
	exit 1
fi
log=$(mktemp)
policy=
# The tests run servers of their own, as they need them: none that a package brings may begin to serve this machine.
clean() {
	rm -f "$log"
	[ -z "$policy" ] || $as_root rm -f "$policy"
}
trap clean EXIT
if [ ! -e /usr/sbin/policy-rc.d ]; then
	policy=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
	$as_root chmod 755 "$policy"
fi
echo "installing$lacking"
install="$as_root DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get install -y -q --no-install-recommends"
# The package lists may be absent or point to files that the archive no longer has: then fetch them and try again.
# shellcheck disable=SC2086
$install $lacking >"$log" 2>&1 </dev/null ||
	{ $as_root apt-get update -q >"$log" 2>&1 && $install $lacking >"$log" 2>&1 </dev/null; } ||
	{ cat "$log" >&2; exit 1; }
case $lacking in
*openssh-server*) $as_root systemctl -q disable ssh.service 2>/dev/null || true ;; # nor after the next start
esac
