# Packages of any Debian suite, downloaded beside the machine's own apt without being root; sourced by the other scripts.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Needs CACHE. SUITE_ARCH, if it is set, names another architecture than amd64. Gives:
#   suite_open SUITE          refresh this suite's package lists (kept in the cache; at most once an hour)
#   suite_depends PKG REGEX   first dependency of PKG whose name matches REGEX
#   suite_newest PATTERN      the package with the highest version in its name of those that a shell pattern names
#   suite_version PKG         candidate version
#   suite_libraries PKG       every library package that PKG needs
#   suite_unpack DIR PKG...   download the packages and unpack them into DIR

# The archive that this machine itself uses, so that mirrors and proxies are respected.
archive_uri() {
	local own
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk -v own="$own" '$1 == own && !uri { uri = $2 } END { if (!uri) exit 1; print uri }' ||
		{ echo "debian.sh: apt has no source for suite '$own' to take the archive's address from" >&2; return 1; }
}

suite_apt() {
	local tool=$1
	shift
	"$tool" -c "$SUITE_DIR/apt.conf" "$@"
}

suite_open() {
	local suite=$1 uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	SUITE_DIR=$CACHE/apt/$suite${SUITE_ARCH:+-$SUITE_ARCH}
	mkdir -p "$SUITE_DIR/lists/partial" "$SUITE_DIR/archives/partial"
	uri=$(archive_uri)
	if [ -r "$keyring" ]; then keyring="[signed-by=$keyring] "; else keyring=; fi
	echo "deb $keyring$uri $suite main" >"$SUITE_DIR/sources.list"
	cat >"$SUITE_DIR/apt.conf" <<-CONF
		Dir::Etc::SourceList "$SUITE_DIR/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State "$SUITE_DIR";
		Dir::State::Lists "$SUITE_DIR/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$SUITE_DIR";
		Dir::Cache::Archives "$SUITE_DIR/archives";
		Dir::Log "$SUITE_DIR";
		APT::Architecture "${SUITE_ARCH:-amd64}";
		#clear APT::Architectures;
		APT::Architectures:: "${SUITE_ARCH:-amd64}";
		APT::Sandbox::User "";
		Acquire::Languages "none";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	CONF
	if [ -z "$(find "$SUITE_DIR/fresh" -mmin -60 2>/dev/null)" ]; then
		suite_apt apt-get -qq update >"$SUITE_DIR/update.log" 2>&1 ||
			{ cat "$SUITE_DIR/update.log" >&2; return 1; }
		touch "$SUITE_DIR/fresh"
	fi
}

suite_depends() {
	suite_apt apt-cache depends --important "$1" | awk -v re="$2" '/Depends: / && $NF ~ re && !dep { dep = $NF } END { if (!dep) exit 1; print dep }'
}

suite_newest() {
	local name newest=
	while read -r name; do
		# shellcheck disable=SC2053 # a pattern
		if [[ $name == $1 ]]; then newest=$name; fi
	done < <(suite_apt apt-cache pkgnames | sort -V)
	[ -n "$newest" ] || { echo "debian.sh: this suite has no package $1" >&2; return 1; }
	echo "$newest"
}

suite_version() {
	suite_apt apt-cache policy "$1" | sed -n 's/^ *Candidate: //p'
}

suite_unpack() {
	local dir=$1 debs deb
	shift
	debs=$(mktemp -d "$dir.debs.XXXXXX")
	(cd "$debs" && suite_apt apt-get -qq download "$@" >download.log 2>&1) ||
		{ cat "$debs/download.log" >&2; rm -rf "$debs"; return 1; }
	for deb in "$debs"/*.deb; do dpkg -x "$deb" "$dir" || { rm -rf "$debs"; return 1; }; done
	rm -rf "$debs"
}

# Every library package that PKG needs, directly or through other libraries.
suite_libraries() {
	local todo=$1 seen=" " pkg dep
	while [ -n "$todo" ]; do
		read -r pkg todo <<<"$todo"
		for dep in $(suite_apt apt-cache depends --important "$pkg" | sed -n 's/^ *Depends: //p' | grep -E '^z?lib'); do
			case $seen in *" $dep "*) continue ;; esac
			seen="$seen$dep "
			todo="$todo $dep"
			echo "$dep"
		done
	done
}
