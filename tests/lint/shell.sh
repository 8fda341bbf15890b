#!/usr/bin/env bash
# Shell scripts pass shellcheck.
set -euo pipefail
cd "$1"

command -v shellcheck >/dev/null || {
    echo "shellcheck is not installed"
    exit 77
}
{
    find tests terraform systemd -name '*.sh' -print0
    printf '%s\0' .ci/run daemon/completions/ecr-upsertd.bash
} | xargs -0 shellcheck -x -s bash -P SCRIPTDIR
# Maintainer scripts, of which rpm's have no first line.
shellcheck -s sh systemd/package/deb/p* systemd/package/rpm/p*
