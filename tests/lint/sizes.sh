#!/usr/bin/env bash
# A file fits a sitting and a function fits a screen.
set -euo pipefail
cd "$1"

bad=0
for file in src/*.c daemon/*.c include/*.h; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 300 ]; then
        echo "$file has $lines lines, more than 300"
        bad=1
    fi
    awk -v file="$file" '
        /^\{/ { start = NR; next }
        /^\}/ && start {
            if (NR - start - 1 > 40) {
                printf "%s:%d: a function of %d lines, more than 40\n", file, start, NR - start - 1
                bad = 1
            }
            start = 0
        }
        END { exit bad }
    ' "$file" || bad=1
done
exit $bad
