#!/bin/bash
# check.sh [all]: the whole test suite. The last line is `N passed, N failed, N skipped`.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two lanes run beside each other, one for each CPU. A part is a command; it may print lines `ok NAME`, `not ok NAME` and
# `skip NAME REASON`, which are then counted one by one, else it counts as one. Exit status 77 is a skip. A part that
# fails shows all it printed. With `all` what takes long is run too: tests/all, longer fuzzing.
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1
all=${1:-}
work=$(mktemp -d)
# Unit tests write vmcores and streams; on a tmpfs, if there is one with room, that costs no disk.
memory=$work
free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
if [ "${free:-0}" -ge 2097152 ]; then memory=$(mktemp -d -p /dev/shm) || memory=$work; fi
trap 'jobs -p | xargs -r kill 2>/dev/null; rm -rf "$work" "$memory"' EXIT
trap 'exit 130' INT TERM
: >"$work/results"

count() { grep -cE "$1" "$2" || true; }

# part NAME COMMAND...
part() {
	local name=$1 log start status=0 good bad skipped
	shift
	log=$work/${name//\//-}.log
	start=$SECONDS
	"$@" >"$log" 2>&1 </dev/null || status=$?
	good=$(count '^ok ' "$log")
	bad=$(count '^not ok ' "$log")
	skipped=$(count '^skip ' "$log")
	if [ "$status" = 77 ] && [ "$skipped" = 0 ]; then skipped=1; fi
	if [ "$status" != 0 ] && [ "$status" != 77 ] && [ "$bad" = 0 ]; then bad=1; fi
	if [ "$((good + bad + skipped))" = 0 ]; then good=1; fi
	{
		flock 9
		echo "$good $bad $skipped" >>"$work/results"
		printf '%-34s %4d ok %3d failed %3d skipped %5d s\n' "$name" "$good" "$bad" "$skipped" $((SECONDS - start))
		[ "$skipped" = 0 ] || grep -E '^skip ' "$log" | sed 's/^/    /'
		[ "$bad" = 0 ] || sed 's/^/    /' "$log"
	} 9>"$work/lock"
	[ "$bad" = 0 ]
}

# units BUILD: every unit test that was built there, one after the other; cmocka's lines become ours.
units() {
	local status=0 rc t name said=$work/unit-${1//\//-}
	for t in tests/unit/*.c; do
		name=$(basename "$t" .c) rc=0
		TMPDIR=$memory "$1/tests/$name" >"$said" 2>&1 || rc=$?
		sed -n "s/^\[       OK \] /ok $name: /p; s/^\[  SKIPPED \] \([A-Za-z_0-9]*\)$/skip $name: \1/p" "$said" | sort -u
		[ "$rc" = 0 ] && continue
		status=1
		sed -n "s/^\[  FAILED  \] \([A-Za-z_0-9]*\)$/not ok $name: \1/p" "$said" | sort -u | grep . || echo "not ok $name: ended with $rc"
		sed 's/^/    /' "$said"
	done
	return "$status"
}

plain_make() { make -s -j2 WERROR=1 all unit; }
san_make() { make -s -j2 WERROR=1 SAN=address,undefined all unit; }
# Sourced files have no shebang, and names that cross files look unused or unset in each of them.
shell_lint() { git ls-files -- '*.sh' | xargs shellcheck -x -S warning -e SC2148,SC2154,SC2034,SC2046; }
# ctuuninitvar takes the caller's struct kf_error, which is only written, for one that is read.
c_lint() {
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --suppress=ctuuninitvar --inline-suppr -I. \
		common proto pagecodec sender receiver tests/judge
}
tidy() {
	git ls-files -- 'common/*.c' 'proto/*.c' 'pagecodec/*.c' 'sender/*.c' 'receiver/*.c' | xargs -n 16 clang-tidy --quiet --extra-arg=-std=gnu17 \
		--extra-arg=-D_GNU_SOURCE --extra-arg=-I. --extra-arg='-DKF_PROGRAM_VERSION="0"'
}

lane_one() { # what needs the plain build
	part build plain_make || return
	part structure tests/structure/structure.sh
	part unit units build
	part vectors tests/vectors/run.sh build
	part judge-selftest tests/judge/selftest.sh
	part recipes tests/recipes/run.sh build
	part e2e/levels tests/e2e/levels.sh
	part e2e/windows tests/e2e/windows.sh
	part e2e/size tests/e2e/size.sh
	part e2e/exec tests/e2e/exec.sh
	part relay tests/relay/selftest.sh
	part fuzz-replay tests/fuzz/replay.sh
	part e2e/power tests/vm/power.sh 2
	part e2e/resume tests/e2e/resume.sh
	part e2e/vital tests/e2e/vital.sh
	part e2e/memory tests/e2e/memory.sh
	part net-selftest tests/net/selftest.sh
	part e2e/recompress tests/e2e/recompress.sh recompress-zstd recompress-lags recompress-keeps-up recompress-killed recompress-stdio
	part e2e/tickets tests/e2e/tickets.sh
	part e2e/tls tests/e2e/tls.sh
	part e2e/account tests/e2e/account.sh
	part e2e/refused tests/e2e/refused.sh
	part e2e/strangers tests/e2e/strangers.sh
}

lane_two() { # what needs the sanitized build, and what needs none
	part build-sanitized san_make || return
	part unit-sanitized units build/san
	part vectors-sanitized tests/vectors/run.sh build/san
	part cppcheck c_lint
	part shellcheck shell_lint
	part clang-tidy tidy
	part e2e/kernels tests/e2e/kernels.sh
	part e2e/refusals tests/e2e/refusals.sh
	part e2e/cuts tests/e2e/cuts.sh
	part e2e/crash tests/e2e/crash.sh
	part e2e/verify tests/e2e/verify.sh
	part e2e/crowd tests/e2e/crowd.sh
	part tsan tests/all/tsan.sh short
	part e2e/ssh tests/e2e/ssh.sh
	part e2e/addresses tests/e2e/addresses.sh
	part e2e/service tests/e2e/service.sh
}

lane_all() {
	local t
	part e2e/synthetic tests/e2e/synthetic.sh
	part e2e/recompress-all tests/e2e/recompress.sh
	for t in tests/all/*.sh; do part "all/$(basename "$t" .sh)" "$t"; done
	FUZZ_SECONDS=${FUZZ_SECONDS:-300} part fuzz tests/fuzz/fuzz.sh
}

part dependencies tests/deps.sh check || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
part demo-dependencies tests/vm/vmcore.sh 6.1 1024 # both lanes want it: made once, before them
lane_one &
lane_two &
wait
[ "$all" != all ] || lane_all
awk '{ g += $1; b += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", g, b, s; exit b != 0 }' "$work/results"
