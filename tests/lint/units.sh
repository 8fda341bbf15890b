#!/usr/bin/env bash
# systemd has nothing to say of the units, and finds the system's one as hardened as it should be.
set -euo pipefail
cd "$1"
built=$2

command -v systemd-analyze >/dev/null || {
    echo "systemd-analyze is not installed"
    exit 77
}
most=11 # in tenths
scratch=$(mktemp -d)
export XDG_RUNTIME_DIR=$scratch
trap 'rm -rf "$scratch"' EXIT

bad=0
for folder in system user; do
    from=systemd
    [ $folder = system ] || from=systemd/user
    mkdir "$scratch/$folder"
    for unit in "$from"/ecr-upsertd.*; do
        # The program does not have to be installed.
        sed "s,/usr/bin/ecr-upsertd,$built/daemon/ecr-upsertd," "$unit" >"$scratch/$folder/${unit##*/}"
    done
    said=$(systemd-analyze verify --"$folder" --man=no "$scratch/$folder"/ecr-upsertd.* 2>&1) || bad=1
    [ -z "$said" ] || {
        printf '%s\n' "$said"
        bad=1
    }
done
systemd-analyze security --offline=true --threshold=$most --no-pager systemd/ecr-upsertd.service \
    >"$scratch/security" || {
    grep -v '✓' "$scratch/security"
    bad=1
}
exit $bad
