# A throwaway certificate authority, certificates good and bad, and pre-shared keys; sourced by other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Whoever sources it has `fail TEXT`.
#   certs_make DIR      ca.pem; and NAME.pem with NAME.key (0600) for each of
#                         server           localhost, 127.0.0.1, ::1, and 10.0.2.2, as a guest sees this machine
#                         client           crashed1.example
#                         client2          crashed2.example, as good as client
#                         client-odd       ../../etc, a name that no directory may have
#                         client-nameless  no DNS name and no CN
#                         X-expired        X is server or client: ended yesterday
#                         X-early          begins tomorrow
#                         X-stranger       of stranger-ca.pem
#                         server-other     other.example only
#                         X-swapped        for the other purpose: a client's for the server and the other way
#   psk_make FILE       32 random bytes as kferry keeps them: 64 hex digits, mode 0600

# certs_sign DIR CA NAME SUBJECT ALTNAMES PURPOSE FROM TO: by `openssl ca`, the one command that sets both dates everywhere.
certs_sign() {
	local dir=$1 ca=$2 name=$3 subject=$4 names=$5 purpose=$6 from=$7 to=$8 work=$1/made
	{
		printf '[ca]\ndefault_ca = it\n[it]\ndatabase = %s/index\nserial = %s/serial\nnew_certs_dir = %s\n' "$work" "$work" "$work"
		printf 'default_md = sha256\npolicy = any\nunique_subject = no\nemail_in_dn = no\n[any]\ncommonName = optional\norganizationName = optional\n'
		printf '[leaf]\nbasicConstraints = CA:FALSE\nextendedKeyUsage = %s\n' "$purpose"
		[ -z "$names" ] || printf 'subjectAltName = %s\n' "$names"
	} >"$work/config"
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$subject" -keyout "$dir/$name.key" -out "$work/request" 2>>"$work/log" &&
		openssl ca -batch -notext -config "$work/config" -extensions leaf -cert "$dir/$ca.pem" -keyfile "$dir/$ca.key" \
			-startdate "$from" -enddate "$to" -in "$work/request" -out "$dir/$name.pem" 2>>"$work/log" ||
		{ cat "$work/log" >&2; fail "openssl makes no certificate $name"; }
	chmod 600 "$dir/$name.key"
}

certs_day() { # -1 is yesterday
	date -u -d "$1 days" +%Y%m%d%H%M%SZ
}

certs_authority() { # DIR NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/O=kferry test $2" -addext keyUsage=keyCertSign,cRLSign \
		-keyout "$1/$2.key" -out "$1/$2.pem" 2>>"$1/made/log" || { cat "$1/made/log" >&2; fail "openssl makes no $2"; }
}

certs_make() {
	local dir=$1 begun ended soon late
	local here='DNS:localhost,IP:127.0.0.1,IP:::1,IP:10.0.2.2' host='DNS:crashed1.example'
	mkdir -p "$dir/made"
	: >"$dir/made/index"
	echo 01 >"$dir/made/serial"
	certs_authority "$dir" ca
	certs_authority "$dir" stranger-ca
	begun=$(certs_day -3) ended=$(certs_day -1) soon=$(certs_day 1) late=$(certs_day 10)
	certs_sign "$dir" ca server /CN=localhost "$here" serverAuth "$begun" "$late"
	certs_sign "$dir" ca server-expired /CN=localhost "$here" serverAuth "$begun" "$ended"
	certs_sign "$dir" ca server-early /CN=localhost "$here" serverAuth "$soon" "$late"
	certs_sign "$dir" ca server-other /CN=other.example DNS:other.example serverAuth "$begun" "$late"
	certs_sign "$dir" ca server-swapped /CN=localhost "$here" clientAuth "$begun" "$late"
	certs_sign "$dir" stranger-ca server-stranger /CN=localhost "$here" serverAuth "$begun" "$late"
	certs_sign "$dir" ca client /CN=unused "$host" clientAuth "$begun" "$late"
	certs_sign "$dir" ca client2 /CN=unused DNS:crashed2.example clientAuth "$begun" "$late"
	certs_sign "$dir" ca client-odd /CN=..\\/..\\/etc '' clientAuth "$begun" "$late"
	certs_sign "$dir" ca client-nameless '/O=nobody' '' clientAuth "$begun" "$late"
	certs_sign "$dir" ca client-expired /CN=unused "$host" clientAuth "$begun" "$ended"
	certs_sign "$dir" ca client-early /CN=unused "$host" clientAuth "$soon" "$late"
	certs_sign "$dir" ca client-swapped /CN=unused "$host" serverAuth "$begun" "$late"
	certs_sign "$dir" stranger-ca client-stranger /CN=unused "$host" clientAuth "$begun" "$late"
}

psk_make() {
	(umask 077 && { od -An -v -N 32 -t x1 /dev/urandom | tr -d ' \n'; echo; } >"$1")
}
