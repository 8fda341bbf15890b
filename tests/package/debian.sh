#!/usr/bin/env bash
# Prints where a Debian is as debootstrap leaves it, with ca-certificates, so that nothing has to be fetched
# when a package is installed in it. Made once (a minute or two) from the mirror of deb.debian.org, as root.
set -euo pipefail
suite=bookworm
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd
root=$cache/debian-$suite

[ -e "$root" ] || {
    mkdir -p "$cache/log"
    work=$(mktemp -d "$cache/debian.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    echo "debian.sh: making a Debian $suite" >&2
    debootstrap --include=ca-certificates $suite "$work/root" http://deb.debian.org/debian \
        >"$cache/log/debootstrap.log" 2>&1 || {
        echo "debian.sh: failed, see $cache/log/debootstrap.log" >&2
        exit 1
    }
    rm -f "$work"/root/var/cache/apt/archives/*.deb
    mv -T "$work/root" "$root"
}
echo "$root"
