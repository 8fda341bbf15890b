#!/usr/bin/env bash
# Static analysis of the daemon's own code.
set -euo pipefail
cd "$1"

command -v cppcheck >/dev/null || {
    echo "cppcheck is not installed"
    exit 77
}
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem -D_GNU_SOURCE -DECR_UPSERTD_VERSION='""' \
    -Iinclude src daemon
