#!/usr/bin/env bash
# What one static file needs: OpenSSL, libcurl, libmicrohttpd, yajl (and Check for the tests) against musl.
#
#   terraform/package/sysroot.sh x86_64|arm64      prints the cross file for meson
#   meson setup --cross-file "$(terraform/package/sysroot.sh arm64)" build-arm64
#
# The compiler is zig, from PyPI: one for both architectures, with musl in it.  The sources are those of
# Debian 12, with Debian's patches, through apt with lists of its own: the system's settings stay as they are.
# About three minutes on two cores; kept in ~/.cache/ecr-upsertd until this script changes.
set -euo pipefail

# Fixed, so that the same sources give the same bytes.
zig_version=0.17.1
# OpenSSL writes a date into the library, unless it is told one.
export SOURCE_DATE_EPOCH=1

case "${1:-}" in
x86_64) arch=x86_64 ;;
arm64 | aarch64) arch=aarch64 ;;
*)
    echo "usage: $0 x86_64|arm64" >&2
    exit 2
    ;;
esac

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd
version=$(sha256sum "$0" | cut -c 1-12)
sysroot=$cache/sysroot-$arch-$version
sources=$cache/sources-$version
zig=$cache/zig-$zig_version
jobs=${JOBS:-$(nproc)}

if [ -e "$sysroot/meson.cross" ]; then
    echo "$sysroot/meson.cross"
    exit 0
fi

mkdir -p "$cache/log"
log=$cache/log/sysroot-$arch.log
work=$(mktemp -d "$cache/sysroot-$arch.XXXXXX")
exec 3>&1 4>&2 >"$log" 2>&1
finish() {
    local status=$?
    rm -rf "$work"
    [ $status = 0 ] || printf 'sysroot.sh: failed, see %s:\n%s\n' "$log" "$(tail -n 5 "$log")" >&4
}
trap finish EXIT

say() {
    echo "== $*"
    echo "sysroot.sh: $arch: $*" >&4
}

install_zig() {
    [ ! -e "$zig/complete" ] || return 0
    say "installing zig $zig_version"
    rm -rf "$zig"
    python3 -m venv "$zig"
    "$zig/bin/python" -m pip install -q --disable-pip-version-check "ziglang==$zig_version"
    touch "$zig/complete"
}

# apt_source LIST_OF_SUITES...: the packages' sources into the current directory.
apt_source() {
    local apt=$PWD/apt options
    mkdir -p "$apt/lists/partial" "$apt/parts"
    printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$@" >"$apt/parts/src.sources"
    options=(-q -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/parts"
        -o "Dir::State::lists=$apt/lists" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update &&
        apt-get "${options[@]}" source --download-only openssl curl libmicrohttpd yajl check
}

# With the security archive's where it has them: mirrors are known to list there what they do not hold.
fetch_sources() {
    local key=/usr/share/keyrings/debian-archive-keyring.gpg debian
    [ ! -e "$sources" ] || return 0
    say "fetching Debian's sources"
    debian=(http://deb.debian.org/debian "bookworm bookworm-updates" "$key")
    mkdir "$work/with" "$work/without"
    if (cd "$work/with" && apt_source "${debian[@]}" http://deb.debian.org/debian-security bookworm-security "$key"); then
        mv -T "$work/with" "$sources" || [ -e "$sources" ]
    else
        say "not all are in the security archive: taking the last point release's"
        (cd "$work/without" && apt_source "${debian[@]}")
        mv -T "$work/without" "$sources" || [ -e "$sources" ]
    fi
}

# Found through PATH: the names, not the folder, go into OpenSSL's description of itself.
write_tools() {
    local tool options said
    mkdir -p "$1/bin"
    for tool in cc ar ranlib; do
        options='' said=''
        if [ $tool = cc ]; then
            options="-target $arch-linux-musl"
            # meson knows this linker only under its family's name.
            said='case " $* " in *" -Wl,--version "*) echo "LLD 18.0.0 (compatible with GNU linkers)"; exit 0 ;; esac'
        fi
        cat >"$1/bin/$arch-$tool" <<TOOL
#!/bin/sh
$said
export ZIG_GLOBAL_CACHE_DIR="\${ZIG_GLOBAL_CACHE_DIR:-$cache/zig-cache}"
exec "$2" $tool $options "\$@"
TOOL
        chmod +x "$1/bin/$arch-$tool"
    done
}

# unpack NAME: its source with Debian's patches becomes the current directory.
unpack() {
    local patch file
    mkdir "$work/$1"
    cd "$work/$1"
    tar xf "$(ls "$sources/$1"_*.orig.tar.[gx]z)" --strip-components=1
    tar xf "$(ls "$sources/$1"_*.debian.tar.xz)"
    if [ -e debian/patches/series ]; then
        while read -r patch _; do
            # Those for the packages' other flavours change the same lines.
            case $patch in '' | '#'* | *gnutls* | *nss*) continue ;; esac
            patch -s -p1 -f --no-backup-if-mismatch <"debian/patches/$patch"
        done <debian/patches/series
    fi
    # Generated files stay newer than what the patches touched: no autoconf is needed.
    for file in aclocal.m4 configure config.h.in Makefile.in; do
        find . -name "$file" -exec touch {} +
        sleep 0.02
    done
}

# A .pc file with paths relative to itself: the sysroot is put together elsewhere and moved.
relocate() {
    # shellcheck disable=SC2016
    sed -i 's|^prefix=.*|prefix=${pcfiledir}/../..|; s|^libdir=.*|libdir=${prefix}/lib|' "$usr/lib/pkgconfig/"*.pc
}

# configured NAME FLAG...: as each of them that has a configure script wants it.
configured() {
    unpack "$1"
    shift
    ./configure -q --host="$arch-linux-musl" --disable-shared --enable-static --prefix=/usr "$@"
}

build_openssl() {
    local target=linux-$arch
    unpack openssl
    # What TLS 1.2 and 1.3 with AWS and the credentials' signatures do not use.
    ./Configure "$target" --prefix=/usr --libdir=lib --openssldir=/etc/pki/tls "${flags[@]}" \
        no-shared no-tests no-dso no-engine no-legacy no-comp no-async no-ssl3 no-dtls no-srp no-psk no-gost \
        no-idea no-rc2 no-rc4 no-md4 no-mdc2 no-camellia no-seed no-aria no-sm2 no-sm3 no-sm4 no-cms no-ts no-ct \
        no-bf no-cast no-rmd160 no-whirlpool no-ocb no-siphash no-scrypt no-cmp no-rfc3779 no-sctp no-srtp
    make -s -j"$jobs" build_libs
    make -s install_dev DESTDIR="$work/sysroot"
    relocate
}

build_libcurl() {
    # Its own probe for IPv6 is no C that clang takes.
    configured curl --with-openssl --enable-ipv6 --enable-threaded-resolver --with-ca-bundle=/etc/pki/tls/certs/ca-bundle.crt \
        --without-zlib --without-brotli --without-zstd --without-libpsl --without-libidn2 --without-nghttp2 \
        --without-librtmp --disable-ldap --disable-ftp --disable-file --disable-dict --disable-gopher \
        --disable-imap --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp --disable-telnet \
        --disable-tftp --disable-manual --disable-ntlm --disable-alt-svc --disable-hsts --disable-doh
    make -s -j"$jobs" -C lib
    make -s -C lib install DESTDIR="$work/sysroot"
    make -s -C include install DESTDIR="$work/sysroot"
    install -m 644 libcurl.pc "$usr/lib/pkgconfig/"
    relocate
}

build_libmicrohttpd() {
    configured libmicrohttpd --disable-https --disable-curl --disable-doc --disable-examples --disable-tools
    make -s -j"$jobs" -C src/microhttpd libmicrohttpd.la
    make -s -C src/microhttpd install-libLTLIBRARIES DESTDIR="$work/sysroot"
    make -s -C src/include install DESTDIR="$work/sysroot"
    install -m 644 libmicrohttpd.pc "$usr/lib/pkgconfig/"
}

build_check() {
    configured check --disable-subunit --disable-build-docs
    make -s -C lib
    make -s -j"$jobs" -C src libcheck.la
    make -s -C src install-libLTLIBRARIES DESTDIR="$work/sysroot"
    install -m 644 -t "$usr/include" src/check.h check_stdint.h
    # Debian's is named after a second library of theirs.
    sed 's/-lcheck_pic/-lcheck/' check.pc >"$usr/lib/pkgconfig/check.pc"
}

# Its own build is cmake's, for eight files.
build_yajl() {
    local file
    unpack yajl
    # shellcheck disable=SC2016
    sed -e 's/${YAJL_MAJOR}/2/; s/${YAJL_MINOR}/1/; s/${YAJL_MICRO}/0/' src/api/yajl_version.h.cmake >src/api/yajl_version.h
    install -D -m 644 -t "$usr/include/yajl" src/api/*.h
    for file in src/*.c; do
        "$CC" "${flags[@]}" -I "$usr/include" -c "$file" -o "$(basename "$file" .c).o"
    done
    "$AR" rcs "$usr/lib/libyajl.a" ./*.o
    # shellcheck disable=SC2016
    printf 'prefix=/usr\nName: yajl\nDescription: JSON\nVersion: 2.1.0\nLibs: -L${prefix}/lib -lyajl\nCflags: -I${prefix}/include\n' \
        >"$usr/lib/pkgconfig/yajl.pc"
}

write_cross_file() {
    local runs="exe_wrapper = 'qemu-$arch-static'" # Debian's qemu-user-static
    [ "$arch" != "$(uname -m)" ] || runs=''
    cat <<CROSS
[binaries]
c = '$sysroot/bin/$arch-cc'
ar = '$sysroot/bin/$arch-ar'
ranlib = '$sysroot/bin/$arch-ranlib'
pkgconfig = 'pkg-config'
$runs
[built-in options]
prefer_static = true
optimization = 's'
debug = false
c_args = ['-ffunction-sections', '-fdata-sections']
c_link_args = ['-static', '-s', '-Wl,--gc-sections']
[properties]
pkg_config_libdir = '$sysroot/usr/lib/pkgconfig'
needs_exe_wrapper = $([ -z "$runs" ] && echo false || echo true)
[host_machine]
system = 'linux'
cpu_family = '$arch'
cpu = '$arch'
endian = 'little'
CROSS
}

install_zig
fetch_sources
usr=$work/sysroot/usr
mkdir -p "$usr/lib/pkgconfig" "$usr/include"
write_tools "$work/sysroot" "$(echo "$zig"/lib/python3*/site-packages/ziglang/zig)"
export PATH=$work/sysroot/bin:$PATH CC=$arch-cc AR=$arch-ar RANLIB=$arch-ranlib
export PKG_CONFIG=pkg-config PKG_CONFIG_LIBDIR=$usr/lib/pkgconfig
flags=(-Os -fPIC -ffunction-sections -fdata-sections)
export CFLAGS="${flags[*]}"
for library in openssl libcurl libmicrohttpd yajl check; do
    say "building $library"
    build_$library
done
relocate
rm -f "$usr/lib/"*.la
write_cross_file >"$work/sysroot/meson.cross"
rm -rf "$sysroot"
mv -T "$work/sysroot" "$sysroot"
echo "$sysroot/meson.cross" >&3
