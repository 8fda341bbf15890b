#!/usr/bin/env bash
# Builds and runs the unit tests as others would. Usage: tests/portability.sh
#   clang|oldest|newest [ARGUMENT_OF_MESON_TEST]...
#
#   clang    in build-clang
#   oldest   in build-oldest, with the oldest versions that the meson.build files declare: Debian 11 with its
#            gcc 10 and glibc 2.31, and what it has not
#   newest   in build-newest, with what Debian 13 has: libmicrohttpd 1.0, curl 8.14, OpenSSL 3.5, gcc 14
#
# The roots of both are kept in ~/.cache/ecr-upsertd.
#
# musl is terraform/package/sysroot.sh's part; macOS and the BSDs are tests/lint/portable.sh's.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Debian 11 has 0.56 and 0.9.72.
meson_version=0.61.0
microhttpd_version=0.9.75
packages=(gcc libc6-dev pkg-config ca-certificates libcurl4-openssl-dev libssl-dev libyajl-dev check)
oldest_packages=("${packages[@]}" make ninja-build python3-minimal python3-distutils xz-utils)
newest_packages=("${packages[@]}" libmicrohttpd-dev meson)
mirror=http://deb.debian.org/debian

# make_root SUITE PACKAGE...: as $made.new.
make_root() {
    local suite=$1
    shift
    as_root rm -rf "$made.new"
    as_root debootstrap --variant=minbase --include="$(printf '%s,' "$@" | sed 's/,$//')" \
        "$suite" "$made.new" $mirror
    as_root tee "$made.new/etc/hosts" <<<"127.0.0.1 localhost" >/dev/null
    as_root mkdir -p "$made.new/source" "$made.new/build"
}

make_newest() {
    make_root trixie "${newest_packages[@]}"
    as_root mv -T "$made.new" "$made"
}

make_oldest() {
    local new=$made.new
    make_root bullseye "${oldest_packages[@]}"
    as_root tee "$new/etc/apt/sources.list.d/bookworm.list" <<<"deb-src $mirror bookworm main" >/dev/null
    as_root "$python" -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps \
        --target "$new/opt/meson" "meson==$meson_version"
    as_root sed -i '1s|.*|#!/usr/bin/python3|' "$new/opt/meson/bin/meson"
    as_root unshare --mount chroot "$new" bash -e <<MICROHTTPD
mkdir /opt/microhttpd && cd /opt/microhttpd
apt-get update -q && apt-get source -q --download-only libmicrohttpd
tar xf libmicrohttpd_$microhttpd_version.orig.tar.xz --strip-components=1
./configure -q --prefix=/usr --libdir=/usr/lib/x86_64-linux-gnu --disable-https --disable-curl --disable-doc --disable-examples --disable-tools
make -s -j$(nproc) -C src && make -s -C src install && make -s install-pkgconfigDATA
apt-get clean
MICROHTTPD
    as_root mv -T "$new" "$made"
}

# In a mount namespace of its own, which takes its mounts along.
in_root() {
    # shellcheck disable=SC2016
    as_root unshare --mount --propagation private bash -euc '
        root=$1 source=$2 build=$3
        shift 3
        mount --bind "$source" "$root/source"
        mount -o remount,bind,ro "$root/source"
        mount --bind "$build" "$root/build"
        mount -t proc proc "$root/proc"
        exec chroot "$root" env -i PATH=/opt/meson/bin:/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=/opt/meson "$@"
        ' - "$made" "$root" "$build" "$@"
}

# in_debian oldest|newest WHAT_ITS_ROOT_IS_MADE_OF [ARGUMENT_OF_MESON_TEST]...
in_debian() {
    local which=$1 made build=$root/build-$1
    made=$cache/$1-$(sha256sum <<<"$2" | cut -c 1-12)
    shift 2
    if [ ! -e "$made" ]; then
        install_packages debootstrap debian-archive-keyring
        say "Making a root of Debian: $(log_file "$which") tells more"
        "make_$which" >"$(log_file "$which")" 2>&1 # not in a condition: there it would go on after a failure
    fi
    mkdir -p "$build"
    [ -e "$build/build.ninja" ] || in_root meson setup /build /source
    in_root ninja -C /build >"$(log_file "ninja-$which")" 2>&1 ||
        die "the build failed, see $(log_file "ninja-$which")"
    in_root meson test -C /build --no-rebuild --print-errorlogs --suite unit "$@"
}

run_oldest() {
    make_venv
    in_debian oldest "$(printf '%s\n' "$meson_version" "$microhttpd_version" "${oldest_packages[@]}")" "$@"
}

run_newest() {
    in_debian newest "$(printf '%s\n' "${newest_packages[@]}")" "$@"
}

run_clang() {
    install_packages "${build_packages[@]}" clang
    CC=clang configure build-clang
    compile build-clang
    meson test -C "$root/build-clang" --no-rebuild --print-errorlogs --suite unit "$@"
}

case "${1:-}" in
clang | oldest | newest) "run_$1" "${@:2}" ;;
*) die "usage: tests/portability.sh clang|oldest|newest [ARGUMENT_OF_MESON_TEST]..." ;;
esac
