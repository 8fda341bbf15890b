#!/usr/bin/env bash
# The Lambda package from any build folder: a sysroot, a cross build of its own in WORK, the zip at OUT.
#
#   lambda-zip.sh x86_64|arm64 WORK OUT [CONFIG]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
arch=$1 work=$2 out=$3 config=${4:-}

cross=$("$here/sysroot.sh" "$arch")
[ -e "$work/build.ninja" ] || meson setup --cross-file "$cross" "$work" "$here/../.."
meson configure "$work" "-Dlambda_config=$config"
meson compile -C "$work" lambda-zip
cp "$work/terraform/package/ecr-upsertd-lambda-$arch.zip" "$out"
