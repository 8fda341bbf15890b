#!/usr/bin/env bash
# The .deb, the .rpm and the OCI image of BUILD, a static build with the prefix /usr, into OUT.
#
#   pack.sh BUILD OUT x86_64|arm64 VERSION EPOCH
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1 out=$2 VERSION=$4
# What every file in them is dated with.
export SOURCE_DATE_EPOCH=$5
ARCH=${3/x86_64/amd64}

nfpm=$("$here/nfpm.sh")
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT
umask 022
meson install -C "$build" --no-rebuild --destdir "$STAGE" >/dev/null
find "$STAGE/usr/share/man" -type f -exec gzip -9n {} +

export STAGE ARCH VERSION
rm -f "$out"/*.deb "$out"/*.rpm "$out"/*.oci.tar
(cd "$here" && "$nfpm" package --packager deb --target "$out/" && "$nfpm" package --packager rpm --target "$out/")
"$here/image.py" "$out/ecr-upsertd-$VERSION-$ARCH.oci.tar" "$STAGE/usr/bin/ecr-upsertd" "$ARCH" "$VERSION"
