#!/usr/bin/env bash
# The packages from any build folder: a sysroot, a static build of its own in WORK, the packages into OUT.
#
#   packages.sh x86_64|arm64 WORK OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
arch=$1 work=$2 out=$3

cross=$("$root/terraform/package/sysroot.sh" "$arch")
[ -e "$work/build.ninja" ] ||
    meson setup --cross-file "$cross" --prefix /usr -Dman=enabled "$work" "$root"
meson compile -C "$work" packages
rm -f "$out"/*.deb "$out"/*.rpm "$out"/*.oci.tar
cp "$work"/systemd/package/ecr-upsertd[-_]* "$out"
