# Where everything that tests fetch or make is kept between runs; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Gives: CACHE (the directory) and locked NAME (waits until nobody else makes NAME; held until the script ends).

CACHE=${KFERRY_CACHE:-${HOME:?}/.cache/kferry}
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd -P)

locked() {
	mkdir -p "$CACHE/locks"
	local fd
	exec {fd}>"$CACHE/locks/$1"
	flock "$fd"
}
