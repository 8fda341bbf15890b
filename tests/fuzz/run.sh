#!/usr/bin/env bash
# One target on its seeds for FUZZ_SECONDS (2): run.sh local|libfuzzer PROGRAM SEEDS
set -euo pipefail

kind=$1 program=$2 seeds=$3
if [ "$kind" = local ]; then
    exec "$program" "$seeds"
fi
# libFuzzer writes what it finds into its first folder.
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
"$program" -max_total_time="${FUZZ_SECONDS:-2}" -max_len=8192 -print_final_stats=1 "$found" "$seeds"
