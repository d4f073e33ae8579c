#!/bin/bash
# crash.sh [CASE...]: what crash and drgn say of kferry's dumps is what they say of makedumpfile's, of the same vmcores.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kferry's dumps come over TCP, in two codecs. The answers must be equal byte for byte, have the words that
# tests/crash/questions expects, and have no complaint in them. To trust that, a damaged dump must be found out.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib-cases.sh"
. tests/e2e/lib-receiver.sh
TOP=$PWD

carried() { # VMCORE OUT OPTION...
	mkdir dumps
	receiver_start dumps
	"$SEND" -d 31 --message-level 4 "${@:3}" --to "$URL" "$1"
	receiver_end 0
	mv "$(dump_in dumps)/vmcore" "$2"
}

make_dump() { # KERNEL WHOSE OUT
	local vmcore
	vmcore=$("$TOP/tests/vm/vmcore.sh" "$1")
	case $2 in
	makedumpfile) "$("$TOP/tests/judge/makedumpfile.sh" "$1")" --message-level 4 -l -d 31 "$vmcore" "$3" ;;
	zstd) carried "$vmcore" "$3" ;;
	zlib) carried "$vmcore" "$3" -c ;;
	damaged)
		carried "$vmcore" raw --raw
		"$here/damage.py" zero 'mess\0\0\0\0\0\0\0\0\0\0\0\0' raw no-task
		"$here/damage.py" drop 'Kernel panic - not syncing: sysrq' no-task "$3"
		;;
	esac
}

reader() { "$TOP/tests/vm/foreign.sh" "$(awk -v k="$1" '$1 == k { print $2 }' "$here/readers")" crash; }

# asked KERNEL WHOSE: $ANSWERS is the directory of what crash says of that dump, which lies in $DUMP. The first who asks
# waits for it.
asked() {
	DUMP=$TMP/$1-$2.dump ANSWERS=$TMP/$1-$2.answers VMLINUX=$("$here/vmlinux.sh" "$1")
	[ -e "$DUMP" ] || make_dump "$1" "$2" "$DUMP"
	if [ ! -e "$ANSWERS.whole" ]; then
		rm -rf "$ANSWERS"
		"$here/session.sh" "$(reader "$1")" "$VMLINUX" "$DUMP" "$ANSWERS"
		touch "$ANSWERS.whole"
	fi
}

# release_of KERNEL: from the name of its package.
release_of() { sed 's/^linux-image-//; s/ .*//' "$("$TOP/tests/vm/kernel.sh" "$1")/package"; }

same() { # KERNEL WHOSE ANSWER [WORDS...]
	local theirs ours word release
	release=$(release_of "$1")
	asked "$1" makedumpfile
	theirs=$ANSWERS/$3
	asked "$1" "$2"
	ours=$ANSWERS/$3
	diff -u "$theirs" "$ours" || fail "the answers differ"
	for word in "${@:4}"; do
		grep -qF -- "${word//@RELEASE@/$release}" "$ours" || { cat "$ours"; fail "no '$word' in it"; }
	done
	# Complaints begin with the name of the command, or of the program.
	if grep -E '^(WARNING|[a-z]+): ' "$ours"; then fail "a complaint"; fi
}

# drgn's list of tasks has no idle tasks, which are crash's pid 0.
tasks() { # KERNEL WHOSE
	asked "$1" makedumpfile
	/usr/bin/python3 "$here/tasks.py" "$VMLINUX" "$DUMP" >theirs
	asked "$1" "$2"
	/usr/bin/python3 "$here/tasks.py" "$VMLINUX" "$DUMP" >ours
	head -n 2 ours
	diff -u theirs ours || fail "the answers differ"
	grep -qxF "release $(release_of "$1")" ours || fail "another release"
	sed -n 's/^[> ] *\([1-9][0-9]*\)\( *[^ ]\+\)\{7\} \+\[\{0,1\}\([^]]*\).*/\1 \3/p' "$ANSWERS/ps" | sort -n >of-crash
	tail -n +3 ours | sort -n | diff -u of-crash - || fail "crash has other tasks"
}

# A damaged dump, of which crash must say something else.
found_out() { # KERNEL WHOSE ANSWER
	asked "$1" makedumpfile
	asked "$1" "$2"
	if (same "$@"); then fail "nobody saw it"; fi
}

questions() { # KERNEL WHOSE
	local command words
	while IFS=$'\t' read -r -a words; do
		command=${words[0]}
		begin "$1-$2-${command// /}" same "$1" "$2" "${command// /}" "${words[@]:1}"
	done < <(grep -v '^#' "$here/questions")
}

for kernel in $(awk '!/^#/ { print $1 }' "$here/readers"); do
	for codec in zstd zlib; do
		begin "$kernel-$codec-opening" same "$kernel" "$codec" opening
		questions "$kernel" "$codec"
		begin "$kernel-$codec-drgn" tasks "$kernel" "$codec"
	done
done
begin damaged-task-is-found-out found_out 6.1 damaged ps
begin missing-log-is-found-out found_out 6.1 damaged log
cases_end
