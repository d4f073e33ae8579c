# What the demo's user is told of the guest's console, of kferry-send and of kferry-recv; sourced by demo.sh.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck shell=bash disable=SC2034,SC2154

kernels_seen=0
declare -A kib=()
sender_speaks=

mib() { echo "$((${1:-0} / 1024)) MiB"; }

# A line of the serial console, on which two kernels, their /init and kferry-send speak.
narrate_serial() {
	case $1 in
	*'] Linux version '*)
		kernels_seen=$((kernels_seen + 1))
		set -- "${1#*Linux version }"
		if [ "$kernels_seen" = 1 ]; then
			say "guest: kernel ${1%% *} boots, with $GUEST_MB MiB of memory"
			waiting_for="the kernel boots"
		else
			say "guest: the capture kernel boots in the memory that was set aside for it"
			waiting_for="the capture kernel boots"
		fi
		;;
	'BOOTED '*)
		say "guest: it is up and fills its memory: files, processes, huge pages, shared pages"
		waiting_for="the guest fills its memory"
		;;
	'NO CAPTURE KERNEL'*) fail "the guest could not load its capture kernel" ;;
	MemFree:* | Cached:* | AnonPages:* | Slab:* | HugePages_Total:*)
		read -r -a words <<<"$1"
		kib[${words[0]%:}]=${words[1]}
		;;
	'CRASHING '*)
		say "guest: in memory now: $(mib "${kib[AnonPages]:-}") of processes, $(mib "${kib[Cached]:-}") of files," \
			"${kib[HugePages_Total]:-0} huge pages, $(mib "${kib[Slab]:-}") of the kernel's own, $(mib "${kib[MemFree]:-}") free"
		say "guest: its capture kernel is loaded; now it is told to crash"
		;;
	*'Kernel panic'*)
		[ "$kernels_seen" != 1 ] || say "guest: ${1#*] }"
		[ "$kernels_seen" = 1 ] || fail "the capture kernel panicked: ${1#*] }"
		waiting_for="the dead kernel jumps into the capture kernel"
		;;
	'CAPTURE '*)
		set -- "${1##* }"
		say "guest: the capture kernel is up; the dead one's memory is /proc/vmcore there ($(($1 >> 20)) MiB); kferry-send starts"
		waiting_for="kferry-send is at work in the capture kernel"
		sender_speaks=1
		;;
	'CAPTURED '*)
		sender_speaks=
		waiting_for="the guest powers off"
		;;
	*) [ -z "$sender_speaks" ] || narrate_sender "$1" ;;
	esac
}

# The report itself is shown at the end.
narrate_sender() {
	case $1 in
	'Copying data'* | 'STEP '* | 'Stored as '*) say "kferry-send: $1" ;;
	'kferry-send: '*) say "$1" ;;
	esac
}

narrate_receiver() {
	case $1 in
	'listening on '*) ;;
	*) say "kferry-recv: $1" ;;
	esac
}

last_words_of_sender() {
	sed -n 's/^kferry-send: //p' "$logs/sender.log" | tail -n 1 | grep . || echo "it said nothing"
}
