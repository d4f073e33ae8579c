# A proxy that cuts a connection; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
#   proxy_start URL BYTES HOW   starts it before the receiver at URL; $PROXY_URL is its address. It passes BYTES from the
#                               sender on, then HOW: fin closes both connections, rst resets them; mute passes on all
#                               that the sender says, and nothing of what the receiver answers.

proxy_start() {
	local i
	: >proxy.port
	python3 - "${1##*:}" "$2" "$3" >proxy.port <<-'PYTHON' &
		import socket, struct, sys, threading
		port, left, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
		listener = socket.create_server(("127.0.0.1", 0))
		print(listener.getsockname()[1], flush=True)
		sender = listener.accept()[0]
		receiver = socket.create_connection(("127.0.0.1", port))
		def answers():
		    try:
		        while data := receiver.recv(65536):
		            if how != "mute":
		                sender.sendall(data)
		    except OSError:
		        pass
		    if how == "mute":
		        sender.shutdown(socket.SHUT_RDWR)
		thread = threading.Thread(target=answers, daemon=True)
		thread.start()
		try:
		    while (left or how == "mute") and (data := sender.recv(min(65536, left) if how != "mute" else 65536)):
		        receiver.sendall(data)
		        left -= len(data)
		except OSError:
		    pass
		if how == "mute":
		    thread.join()
		for s in sender, receiver:
		    if how == "rst":
		        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		    else:
		        try:
		            s.shutdown(socket.SHUT_RDWR)
		        except OSError:
		            pass
		    s.close()
	PYTHON
	for ((i = 0; i < 200; i++)); do
		PROXY_URL=tcp://127.0.0.1:$(cat proxy.port)
		[ "$PROXY_URL" = tcp://127.0.0.1: ] || return 0
		sleep 0.05
	done
	fail "the proxy does not listen"
}
