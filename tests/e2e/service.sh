#!/bin/bash
# service.sh: kferry-recv as a service, but for the service manager: its settings, sockets that were passed, what it tells, the units.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/vm/systemd.sh has the service manager.
# shellcheck disable=SC2317 # begin calls the cases
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib-cases.sh"
. "$here/lib-receiver.sh"
. "$here/lib-words.sh"
. tests/net/lib-certs.sh

TOP=$PWD
VMCORE=$(tests/vm/vmcore.sh 6.1 512)
EXPOSED_AT_MOST=15 # tenths; systemd's "OK" ends far above

# What is installed where, with the program's path in the unit; settings that are there stay.
installs() {
	make -s -C "$TOP" install DESTDIR="$CASE/root" PREFIX=/opt/kferry >made
	(cd root && find . -type f | sort) >there
	grep -vE 'kferry-send' there | diff - <(
		cat <<-END
			./etc/kferry/kferry-recv.conf
			./opt/kferry/lib/systemd/system/kferry-recv.service
			./opt/kferry/lib/systemd/system/kferry-recv.socket
			./opt/kferry/lib/systemd/system/kferry-tickets.socket
			./opt/kferry/lib/sysusers.d/kferry.conf
			./opt/kferry/lib/tmpfiles.d/kferry.conf
			./opt/kferry/sbin/kferry-recv
			./opt/kferry/share/man/man8/kferry-recv.8
		END
	)
	grep -x 'ExecStart=/opt/kferry/sbin/kferry-recv' root/opt/kferry/lib/systemd/system/kferry-recv.service
	! grep -r /usr/local root/opt/kferry/lib || fail "a path is not written into a unit"
	echo 'dir = /elsewhere' >root/etc/kferry/kferry-recv.conf
	make -s -C "$TOP" install DESTDIR="$CASE/root" PREFIX=/opt/kferry >>made
	grep -x 'dir = /elsewhere' root/etc/kferry/kferry-recv.conf
}

exposure() { # UNIT: in tenths
	systemd-analyze security --offline=yes --no-pager "$1" >analysed 2>&1 || true
	cat analysed
	tenths=$(sed -n 's/.*Overall exposure level for [^ ]*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p' analysed)
	tenths=$((10#${tenths:?it gives no number}))
}

# The installed unit is as it is meant to be, and systemd itself finds no fault in it; a unit that lost a line is found out.
hardened() {
	local unit=root/usr/lib/systemd/system
	make -s -C "$TOP" install DESTDIR="$CASE/root" PREFIX=/usr >made
	exposure "$unit/kferry-recv.service"
	[ "$tenths" -le "$EXPOSED_AT_MOST" ] || fail "exposed by $tenths tenths, more than $EXPOSED_AT_MOST"
	systemd-analyze security --offline=yes --threshold="$EXPOSED_AT_MOST" "$unit/kferry-recv.service" >/dev/null
	mkdir less
	grep -vE '^(SystemCallFilter|CapabilityBoundingSet|PrivateNetwork|RestrictAddressFamilies)=' "$unit/kferry-recv.service" >less/kferry-recv.service
	exposure less/kferry-recv.service
	[ "$tenths" -gt "$EXPOSED_AT_MOST" ] || fail "less is exposed by $tenths tenths only"
	if systemd-analyze security --offline=yes --threshold="$EXPOSED_AT_MOST" less/kferry-recv.service >/dev/null; then fail "less is enough"; fi
	systemd-analyze verify --root="$CASE/root" --man=no kferry-recv.service kferry-recv.socket kferry-tickets.socket >verified 2>&1 || true
	cat verified
	if grep -E 'kferry.*(Unknown|Invalid|Failed to parse|ignoring|not executable)' verified; then fail "systemd complains"; fi
}

# Every setting of the example exists and shows its default; the ones that are in force too.
example() {
	sed -n 's/^#\([a-z-]* = .*\)$/\1/p; s/^#\([a-z-]*\)$/\1/p; /^[a-z]/p' "$TOP/systemd/kferry-recv.conf" >names
	sed 's/ = .*//' names | sort -u >written
	"$RECV" --help | sed -n '/^Settings/,$s/^  *--\([a-z-]*\).*/\1/p' | sort >known
	diff written known
	mkdir -m 700 dumps keys
	sed -E "s,^#(allow-plaintext|[a-z-]+ = ),\1,; s,^dir = .*,dir = $CASE/dumps,; s,^psk-dir = .*,psk-dir = $CASE/keys,; /^tls-/d; /^ticket-/d" \
		"$TOP/systemd/kferry-recv.conf" >all.conf
	say 0 "$RECV" --config all.conf --check-config
}

right() {
	say 0 "$RECV" --config "$1" --check-config >out
	grep -qx 'configuration is right' out || fail "it does not say so"
}

# wrong PATTERN CONFIG-LINE...: all lines that --check-config says, as grep -Ex patterns joined by newlines
wrong() {
	local pattern=$1
	shift
	printf '%s\n' "dir = $CASE/dumps" "$@" >wrong.conf
	say 1 "$RECV" --config wrong.conf --check-config
	[ "$(wc -l <words)" = "$(wc -l <<<"$pattern")" ] || fail "it says $(wc -l <words) lines"
	while read -r line; do grep -Eqx -- "kferry-recv: $line" words || fail "it does not say '$line'"; done <<<"$pattern"
}

checks() {
	mkdir -m 700 dumps keys
	certs_make certs
	"$RECV" --psk-dir keys --new-key web1 >/dev/null
	printf '%s\n' "dir = $CASE/dumps" "psk-dir = $CASE/keys" 'listen = tls://0.0.0.0' "tls-ca = $CASE/certs/ca.pem" "tls-cert = $CASE/certs/server.pem" \
		"tls-key = $CASE/certs/server.key" >right.conf
	right right.conf
	wrong '--dir .*/none: No such file or directory' "dir = $CASE/none"
	wrong '--dir .*/wrong.conf: not a directory' "dir = $CASE/wrong.conf"
	wrong '--psk-dir .*/none: No such file or directory' "psk-dir = $CASE/none"
	wrong '.*/server-expired.pem: the certificate of .* expired on 2.*' "tls-ca = $CASE/certs/ca.pem" "tls-cert = $CASE/certs/server-expired.pem" \
		"tls-key = $CASE/certs/server-expired.key"
	wrong '.*/server-early.pem: the certificate of .* is not valid before 2.*' "tls-ca = $CASE/certs/ca.pem" "tls-cert = $CASE/certs/server-early.pem" \
		"tls-key = $CASE/certs/server-early.key"
	wrong '.*private key.*client.key: .*' "tls-ca = $CASE/certs/ca.pem" "tls-cert = $CASE/certs/server.pem" "tls-key = $CASE/certs/client.key"
	wrong '.*--tls-ca, --tls-cert and --tls-key go together' "tls-ca = $CASE/certs/ca.pem"
	wrong '--listen, host port 22: only tls:// and tcp:// can be listened on' 'listen = ssh://host'
	wrong '--ticket-group .nobody-of-this-name.: there is no such group' 'ticket-group = nobody-of-this-name'
	wrong '--ticket-socket .*/none: No such file or directory' "ticket-socket = $CASE/none/tickets"
	wrong '--listen tcp, 192.0.2.1 port 7612: memory images would travel unencrypted; .*' 'listen = tcp://192.0.2.1' 'listen = tcp://127.0.0.1'
	chmod 644 certs/server.key keys/web1
	cp keys/web1 keys/.web2 && chmod 600 keys/.web2
	printf 'not a key\n' >keys/web3 && chmod 600 keys/web3
	wrong '.*/server.key: others can read or change it \(mode 0644\).*
.*/keys/web1: others can read or change this key \(mode 0644\).*
.*/web3: not a key: .*
--psk-dir .*/keys: .\.web2. is no name of a host.*' "psk-dir = $CASE/keys" "tls-ca = $CASE/certs/ca.pem" "tls-cert = $CASE/certs/server.pem" "tls-key = $CASE/certs/server.key"
	umask 0
	wrong '.*wrong.conf:2: no option is called .bogus.' 'bogus = 1'
	rm wrong.conf
	wrong '.*wrong.conf: others can change it \(mode 0666\): chmod go-w'
}

# Root sees with the eyes of the account that the service has.
checks_as_owner() {
	[ "$(id -u)" = 0 ] || skip "not root"
	chmod 755 . && install -d -o nobody -m 700 dumps && install -d -m 711 keys
	(umask 077 && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >keys/web1)
	printf '%s\n' "dir = $CASE/dumps" "psk-dir = $CASE/keys" >c.conf
	chmod 755 keys
	wrong '.*/keys/web1: Permission denied' "psk-dir = $CASE/keys"
	rm keys/web1
	chown nobody keys
	"$RECV" --psk-dir keys --new-key web1 >/dev/null
	[ "$(stat -c %U keys/web1)" = nobody ] || fail "the key is not the service's"
	right c.conf
}

# The file's settings hold, and what is typed wins.
settings() {
	mkdir typed filed
	printf '# here\ndir = filed\n listen=tcp://127.0.0.1:0 # any\nonce\n' >c.conf
	says 1 '^kferry-recv: --config: c.conf:4: no option is called .once.$' "$RECV" --config c.conf --once
	sed -i /once/d c.conf
	"$RECV" --config c.conf --dir typed --once >listening 2>"$RECEIVER_LOG" &
	RECEIVER=$!
	until grep -q '^listening on' listening; do sleep 0.05; done
	"$SEND" --message-level 4 --to "$(sed -n 's/^listening on //p' listening)" "$VMCORE"
	receiver_end 0 'whole: typed/'
	says 1 '^kferry-recv: --config: none.conf: No such file or directory$' "$RECV" --config none.conf --dir typed --once
}

# Waits for what is told by NOTIFY_SOCKET, up to STOPPING.
told() { # SOCKET
	python3 - "$1" >told <<-'PYTHON' &
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("\0" + sys.argv[1][1:] if sys.argv[1][0] == "@" else sys.argv[1])
		s.settimeout(60)
		open("bound", "w").close()
		while True:
		    text = s.recv(4096).decode()
		    print(text.replace("\n", " "), flush=True)
		    if "STOPPING" in text:
		        break
	PYTHON
	TOLD=$!
	until [ -e bound ] || ! kill -0 "$TOLD"; do sleep 0.05; done
}

# A socket that was passed is the only one that is listened on; how it goes is told, and nothing of it is left in the environment.
passed() { # NOTIFY_SOCKET
	local port
	port=$(free_port)
	mkdir dumps
	told "$1"
	systemd-socket-activate -l "127.0.0.1:$port" --fdname=tcp -E NOTIFY_SOCKET="$1" "$RECV" --dir dumps >listening 2>"$RECEIVER_LOG" &
	RECEIVER=$!
	say 0 "$SEND" --message-level 4 --to "tcp://127.0.0.1:$port" "$VMCORE"
	[ "$(cat listening)" = "listening on tcp://127.0.0.1:$port" ] || fail "it listens on $(cat listening)"
	kill "$RECEIVER"
	wait "$RECEIVER" || fail "it exits $?"
	wait "$TOLD"
	diff told - <<-END
		READY=1 STATUS=0 dumps
		STATUS=1 dump
		STATUS=0 dumps
		STOPPING=1
	END
}

free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# refused PATTERN OPTION...: a start with such a socket, options of systemd-socket-activate
refused() {
	local port
	port=$(free_port)
	timeout 30 systemd-socket-activate -l "${AT:-127.0.0.1:$port}" "${@:2}" "$RECV" --dir dumps 2>said &
	RECEIVER=$!
	python3 -c 'import socket, sys, time
unix = sys.argv[1][0] == "/"
for i in range(200):
    s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    try: s.connect(sys.argv[1] if unix else ("127.0.0.1", int(sys.argv[1].rsplit(":", 1)[1])))
    except OSError: time.sleep(0.1); continue
    break
s.settimeout(20)
try: s.recv(1)
except OSError: pass' "${AT:-127.0.0.1:$port}"
	wait "$RECEIVER" && fail "it starts"
	grep '^kferry-recv: ' said >complaint || { cat said; fail "it says nothing"; }
	cat complaint
	[ "$(wc -l <complaint)" = 1 ] && grep -Eq -- "$1" complaint || fail "it does not say '$1'"
}

wrong_sockets() {
	mkdir dumps
	refused "a socket called 'web' was passed; FileDescriptorName= must be tcp, tls or tickets" --fdname=web
	refused "a socket called 'tickets' was passed: it must come of ListenSequentialPacket= with a path" --fdname=tickets
	AT=0.0.0.0:$(free_port) refused 'the socket that was passed: not a loopback address, .* --allow-plaintext allows it' --fdname=tcp
	AT=$CASE/stream refused "a socket called 'tcp' was passed: it must come of ListenStream= with an internet address" --fdname=tcp
	says 1 'LISTEN_FDS: .x. is no number' bash -c "LISTEN_PID=\$\$ LISTEN_FDS=x exec $RECV --dir dumps"
	says 1 'sockets were passed without names' bash -c "LISTEN_PID=\$\$ LISTEN_FDS=1 exec $RECV --dir dumps 3</dev/null"
	says 1 'but not as many names' bash -c "LISTEN_PID=\$\$ LISTEN_FDS=1 LISTEN_FDNAMES=tcp:tcp exec python3 -c 'import os, socket
s = socket.create_server((\"127.0.0.1\", 0)); os.dup2(s.fileno(), 3); os.set_inheritable(3, True); os.execv(\"$RECV\", [\"kferry-recv\", \"--dir\", \"dumps\"])'"
	says 1 "it must come of ListenStream" bash -c "LISTEN_PID=\$\$ LISTEN_FDS=1 LISTEN_FDNAMES=tcp exec $RECV --dir dumps 3</dev/null"
	says 1 'NOTIFY_SOCKET must be a path or an abstract name' env NOTIFY_SOCKET=nowhere "$RECV" --dir dumps
}

# Another process's sockets are not ours.
of_another() {
	mkdir dumps
	LISTEN_PID=1 LISTEN_FDS=5 LISTEN_FDNAMES=x receiver_start dumps
	say 0 "$SEND" --message-level 4 --to "$URL" "$VMCORE"
	receiver_end 0
}

begin service-installs installs
begin service-hardened hardened
begin service-example example
begin service-settings settings
begin service-checks checks
begin service-checks-as-owner checks_as_owner
begin service-passed-socket passed "$TMP/notify"
begin service-passed-abstract passed "@kferry-test-$$"
begin service-wrong-sockets wrong_sockets
begin service-of-another of_another
cases_end
