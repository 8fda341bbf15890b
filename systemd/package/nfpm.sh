#!/usr/bin/env bash
# Prints where nfpm is: the one of PATH, else that of tests/clients/tools.txt, which go builds once.
set -euo pipefail
tools=$(cd "$(dirname "$0")/../../tests/clients" && pwd)

if command -v nfpm; then
    exit 0
fi
cache=${ECR_UPSERTD_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd/tools}
nfpm=$cache/$(awk '$1 == "nfpm" { print $1 "-" $2 }' "$tools/tools.txt")/nfpm
[ -x "$nfpm" ] || "$tools/tools.sh" nfpm
[ -x "$nfpm" ] || {
    echo "nfpm.sh: there is no nfpm, and it cannot be built here" >&2
    exit 1
}
echo "$nfpm"
