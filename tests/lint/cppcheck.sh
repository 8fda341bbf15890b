#!/usr/bin/env bash
# Static analysis of the daemon's own code. Leaks are left to the sanitizers: cppcheck 2.10 does not know the
# cleanup attribute.
set -euo pipefail
cd "$1"

command -v cppcheck >/dev/null || {
    echo "cppcheck is not installed"
    exit 77
}
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem --suppress=memleak -D_GNU_SOURCE -DECR_UPSERTD_VERSION='""' \
    -Iinclude src daemon
