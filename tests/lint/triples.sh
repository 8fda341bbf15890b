#!/usr/bin/env bash
# Every module is a header, a source and a unit test.
set -euo pipefail
cd "$1"

bad=0
for file in src/*.c; do
    name=$(basename "$file" .c)
    for part in "include/$name.h" "tests/unit/test_$name.c"; do
        if [ ! -e "$part" ]; then
            echo "$file has no $part"
            bad=1
        fi
    done
done
exit $bad
