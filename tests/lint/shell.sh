#!/usr/bin/env bash
# Shell scripts pass shellcheck.
set -euo pipefail
cd "$1"

command -v shellcheck >/dev/null || {
    echo "shellcheck is not installed"
    exit 77
}
{
    find tests terraform -name '*.sh' -print0
    printf '%s\0' .ci/run
} | xargs -0 shellcheck -x -P SCRIPTDIR
