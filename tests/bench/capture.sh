#!/bin/bash
# capture.sh: the whole way where it counts: from a capture kernel in QEMU to this machine, kferry beside makedumpfile and ssh.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian kernel crashes, and its capture kernel, with one emulated CPU and no KVM, sends /proc/vmcore over ssh+tls:// to a real sshd and
# service here; then makedumpfile -F -l pipes it into OpenSSH's client, there too; and so on in turn, RUNS=5 times, in one
# crash for each level. LEVELS="31 1", MEM=1024 MiB of guest, WIRE. The time is the guest's, from the start of the program until all is stored here.
# The peer's cipher is the fastest of those that CIPHERS names under emulation, which is asked first.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib-ends.sh"
mem=${MEM:-1024} runs=${RUNS:-5} ciphers=${CIPHERS:-aes128-gcm@openssh.com aes128-ctr chacha20-poly1305@openssh.com}
wires=${WIRE:-auto}
command -v qemu-system-x86_64 >/dev/null || { echo "capture.sh: skipped, no qemu-system-x86_64" >&2; exit 77; }
tmp=$(mktemp -d -p "${BENCH_DIR:-/dev/shm}")
guest=

fail() {
	echo "capture.sh: $*" >&2
	exit 1
}
leave() {
	[ -z "$guest" ] || { kill "$guest" 2>/dev/null && wait "$guest" || true; }
	ends_stop
	rm -rf "$tmp"
}
trap leave EXIT

put() { # a program with its libraries, into what the guest finds at /
	local lib
	mkdir -p "$tmp/root/bin"
	cp -L "$1" "$tmp/root/bin/"
	for lib in $(ldd "$1" | grep -o '/[^ ]*'); do
		mkdir -p "$tmp/root${lib%/*}"
		cp -Ln "$lib" "$tmp/root$lib"
	done
}

# Keys, the peer's programs, and the script that the capture kernel runs.
pack_guest() { # LEVEL
	local at=$tmp/root/etc/kferry
	rm -rf "$tmp/root"
	mkdir -p "$at"
	chmod 700 "$at"
	cp "$tmp/ssh/id_ed25519" "$at/key"
	ssh_known "$at/known_hosts" "$tmp/ssh" "10.0.2.2:$SSH_PORT"
	sed -e 's/^HostName .*/HostName 10.0.2.2/' -e 's|^IdentityFile .*|IdentityFile /etc/kferry/key|' \
		-e 's|^UserKnownHostsFile .*|UserKnownHostsFile /etc/kferry/known_hosts|' "$tmp/ssh/config" >"$at/config"
	put "$(command -v ssh)"
	# One from another suite has its libraries beside it.
	if [ -d "${peer%/*}/root" ]; then cp -r "${peer%/*}" "$tmp/root/peer"; else put "$peer" && mkdir "$tmp/root/peer" && ln -s /bin/makedumpfile "$tmp/root/peer/"; fi
	cat >"$tmp/root/both" <<-END
		now() { cut -d' ' -f1 /proc/uptime; }
		timed() { # NAME COMMAND...
			name=\$1 start=\$(now)
			shift
			if "\$@" >/said 2>&1; then echo "BENCH \$name \$start \$(now)" | tee -a /results; else cat /said; echo "BENCH-FAILED \$name"; fi
		}
		kferry() {
			kferry-send -l -d $1 --wire "\$1" --message-level 4 --to ssh+tls://$SSH_USER@10.0.2.2:$SSH_PORT --ssh-key /etc/kferry/key \\
				--known-hosts /etc/kferry/known_hosts --remote-command '$recv --stdio --dir $store/dumps --identity bench --ticket-socket $tmp/tickets' /proc/vmcore
		}
		there() { ssh -F /etc/kferry/config -c "\$cipher" there "\$@"; }
		peer() { set -o pipefail; /peer/makedumpfile -F -l -d $1 --message-level 4 /proc/vmcore | there '$peer --message-level 4 -R $store/peer && rm $store/peer'; }
		bytes() { dd if=/proc/vmcore bs=1M count=16 2>/dev/null | there 'cat >/dev/null'; }
		for cipher in $ciphers; do timed "cipher \$cipher" bytes; done
		cipher=\$(awk '\$2 == "cipher" { print \$5 - \$4, \$3 }' /results | sort -n | sed -n '1s/.* //p')
		echo "BENCH best \$cipher"
		for run in \$(seq $runs); do
			timed peer peer
			for wire in $wires; do timed "kferry-\$wire" kferry "\$wire"; done
		done
	END
}

crash() { # LEVEL
	local status=0
	pack_guest "$1"
	MORE=$tmp/root TIMEOUT=${TIMEOUT:-1500} "$root/tests/vm/crash.sh" 6.1 "$mem" "$tmp/serial" "$send" -- sh /both >"$tmp/said" 2>&1 &
	guest=$!
	wait "$guest" || status=$?
	guest=
	tr -d '\r' <"$tmp/serial" | grep '^BENCH' >"$tmp/level$1" || true
	[ "$status" = 0 ] && ! grep FAILED "$tmp/level$1" || { cat "$tmp/said"; tail -n 30 "$tmp/serial"; fail "the capture kernel did not send all at level $1"; } >&2
}

seconds() { awk -v n="$2" '$2 == n { print $4 - $3 }' "$tmp/level$1" | median; }

ends_start
ends_keep "$tmp/store"
echo "From a capture kernel in QEMU ($mem MiB of guest, one CPU, emulated) to this machine; seconds there, medians of $runs runs"
printf '%-24s %8s %8s  %s\n' 'level, way, wire' kferry peer ratio
for level in ${LEVELS:-31 1}; do
	crash "$level"
	for wire in $wires; do
		us=$(seconds "$level" "kferry-$wire") them=$(seconds "$level" peer)
		printf '%-24s %8.2f %8.2f  %s\n' "$level ssh+tls, $wire" "$us" "$them" "$(judged "$us" "$them" 0.60)"
	done
done
echo "the peer's cipher, the fastest there: $(sed -n 's/^BENCH best //p' "$tmp/level$level")"
