#!/usr/bin/env bash
# Compiles src/ and daemon/ for macOS and the BSDs, as far as a compiler can tell: with zig's headers of those
# systems, and the libraries' from the static build (terraform/package/sysroot.sh). Nothing is linked or run.
# Usage: tests/lint/portable.sh SOURCE_ROOT BUILD_ROOT [TARGET]...
set -euo pipefail
root=$(realpath "$1") build=$(realpath "$2")
shift 2
[ $# -gt 0 ] || set -- aarch64-macos x86_64-freebsd x86_64-netbsd x86_64-openbsd

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd
zig=$(find "$cache"/zig-*/lib/python3*/site-packages/ziglang/zig 2>/dev/null | sort -V | tail -n 1)
headers=$(find "$cache"/sysroot-*/usr/include/microhttpd.h 2>/dev/null | head -n 1)
if [ -z "$zig" ] || [ -z "$headers" ]; then
    echo "run terraform/package/sysroot.sh x86_64 first: it fetches zig"
    exit 77
fi
export ZIG_GLOBAL_CACHE_DIR=${ZIG_GLOBAL_CACHE_DIR:-$cache/zig-cache}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
flags=(-std=gnu11 -D_GNU_SOURCE '-DECR_UPSERTD_VERSION="0"' -Wall -Wextra -Wno-unused-parameter -Werror
    -include "$root/include/elsewhere.h" -I "$root/include" -I "$build/src/page" -isystem "$(dirname "$headers")")
bad=0
for target; do
    mkdir "$out/$target"
    (cd "$out/$target" && "$zig" cc -target "$target" "${flags[@]}" -c "$root"/src/*.c "$root"/daemon/*.c) || {
        echo "does not compile for $target"
        bad=1
    }
done
exit $bad
