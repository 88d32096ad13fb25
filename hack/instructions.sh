#!/usr/bin/env bash
# How many instructions a record takes in V1 and in V2 with eight partitions on one
# core, which is repeatable where time is not. What a run does beside the rounds
# is the same for two rounds as for one, so the difference is one round.
# Usage: hack/instructions.sh [SCENARIO] [RECORDS]   (needs valgrind)
set -euo pipefail
cd "$(dirname "$0")/.."
scenario=${1:-3b}
records=${2:-100000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
go build -o "$folder/parallax" ./cmd/parallax

count() { # PATH ROUNDS
  GOGC=off GODEBUG=asyncpreemptoff=1 GOMAXPROCS=1 valgrind --tool=callgrind --callgrind-out-file="$folder/out" \
    "$folder/parallax" bench --scenario "$scenario" --path "$1@1" --batch 1000 --records "$records" --rounds "$2" >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; exit 1; }
  awk '/^(summary|totals):/ {print $2; exit}' "$folder/out"
}

declare -A each
for path in v1 v2:8; do
  one=$(count "$path" 1)
  two=$(count "$path" 2)
  each[$path]=$(((two - one) / records))
  echo "$path: ${each[$path]} instructions a record"
done
awk -v a="${each[v1]}" -v b="${each[v2:8]}" 'BEGIN {printf "v2:8 takes %.1f %% more\n", 100 * (b / a - 1)}'
