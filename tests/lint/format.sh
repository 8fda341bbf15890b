#!/usr/bin/env bash
# Layout as in .clang-format.
set -euo pipefail
cd "$1"

command -v clang-format >/dev/null || {
    echo "clang-format is not installed"
    exit 77
}
find daemon src include tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
