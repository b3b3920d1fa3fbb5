#!/bin/sh
# Installs the libraries that are missing, and those alone: `make deps`.
#
# What is there is found out by asking pkg-config and the linker, so nothing is
# needed (no root, no package manager) where nothing is missing.
set -u
CC=${CC:-cc}
PKG_CONFIG=${PKG_CONFIG:-pkg-config}

# kind name: Debian, Fedora, Alpine, FreeBSD (a dash: it is part of the system).
# The static libraries are for rmail and rsmtp, which may miss none when a job runs.
table() {
	cat <<'T'
tool cc           gcc             gcc              gcc                -
head stdio.h      libc6-dev       glibc-devel      musl-dev           -
tool pkg-config   pkgconf         pkgconf          pkgconf            pkgconf
pc   lmdb         liblmdb-dev     lmdb-devel       lmdb-dev           lmdb
pc   uuid         uuid-dev        libuuid-devel    util-linux-dev     libuuid
pc   libxxhash    libxxhash-dev   xxhash-devel     xxhash-dev         xxhash
pc   libsodium    libsodium-dev   libsodium-devel  libsodium-dev      libsodium
pc   libconfig    libconfig-dev   libconfig-devel  libconfig-dev      libconfig
pc   libuv        libuv1-dev      libuv-devel      libuv-dev          libuv
pc   openssl      libssl-dev      openssl-devel    openssl-dev        -
pc   libunbound   libunbound-dev  unbound-devel    unbound-dev        unbound
pc   libgsasl     libgsasl-dev    libgsasl-devel   gsasl-dev          gsasl
pc   jansson      libjansson-dev  jansson-devel    jansson-dev        jansson
pc   libarchive   libarchive-dev  libarchive-devel libarchive-dev     -
head lzma.h       liblzma-dev     xz-devel         xz-dev             -
head zstd.h       libzstd-dev     libzstd-devel    zstd-dev           zstd
head bzlib.h      libbz2-dev      bzip2-devel      bzip2-dev          -
head zlib.h       zlib1g-dev      zlib-devel       zlib-dev           -
T
}

there() {
	case $1 in
	tool) command -v "$2" >/dev/null 2>&1 ;;
	# not --exists, which asks for what a static link of a library would need too
	pc) "$PKG_CONFIG" --libs "$2" >/dev/null 2>&1 ;;
	head) echo "#include <$2>" | $CC -E -x c - >/dev/null 2>&1 ;;
	esac
}

# The package manager's column in the table, and its words.
if command -v apt-get >/dev/null; then
	column=3 update="apt-get update -qq" install="apt-get install -y -qq --no-install-recommends"
elif command -v dnf >/dev/null; then
	column=4 update=true install="dnf install -y -q"
elif command -v apk >/dev/null; then
	column=5 update=true install="apk add -q"
elif command -v pkg >/dev/null; then
	column=6 update=true install="pkg install -y"
else
	column=0 update=true install=
fi

missing=
wanted=
while read -r kind name packages; do
	there "$kind" "$name" && continue
	missing="$missing $name"
	package=$(echo "$kind $name $packages" | awk -v c=$column 'c > 0 && $c != "-" { print $c }')
	wanted="$wanted $package"
done <<T
$(table)
T

[ -n "$missing" ] || exit 0
echo "missing:$missing"
if [ $column = 0 ]; then
	echo "no apt-get, dnf, apk or pkg here: install these by your own means" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "to install that, run \`sudo make deps\`; or as root:" >&2
	echo "    $update; $install$wanted" >&2
	exit 1
fi
echo "$install$wanted"
$update
export DEBIAN_FRONTEND=noninteractive
$install $wanted || exit 1
hash -r 2>/dev/null

still=
while read -r kind name packages; do
	there "$kind" "$name" || still="$still $name"
done <<T
$(table)
T
[ -z "$still" ] || { echo "still missing:$still" >&2; exit 1; }
