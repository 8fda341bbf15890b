#!/usr/bin/env bash
# A file includes only its own layer and those below: the lists of src/meson.build, lowest first.
set -euo pipefail
cd "$1"

awk '
/^[a-z]+_sources = files\(/ { layer++; next }
/^\)/ { next }
/^ *'"'"'[a-z0-9_]+\.c'"'"',/ && layer { gsub(/[ '"'"',]|\.c/, ""); print layer, $0 }
' src/meson.build >"${TMPDIR:-/tmp}/layers.$$"
trap 'rm -f "${TMPDIR:-/tmp}/layers.$$"' EXIT

declare -A layer_of
while read -r layer name; do
    layer_of[$name]=$layer
done <"${TMPDIR:-/tmp}/layers.$$"

bad=0
for file in src/*.c include/*.h; do
    name=$(basename "$file")
    own=${layer_of[${name%.*}]:-}
    [ -n "$own" ] || continue
    while read -r included; do
        theirs=${layer_of[$included]:-0}
        if [ "$theirs" -gt "$own" ]; then
            echo "$file includes $included.h, which is a layer above it"
            bad=1
        fi
    done < <(sed -n 's/^#include "\([a-z0-9_]*\)\.h"/\1/p' "$file")
done
for file in src/*.c; do
    name=$(basename "$file" .c)
    if [ -z "${layer_of[$name]:-}" ]; then
        echo "$file is in no layer of src/meson.build"
        bad=1
    fi
done
exit $bad
