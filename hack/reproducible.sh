#!/usr/bin/env bash
# Builds the last commit in two folders, and fails unless the programs are the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for copy in one another; do
  git clone -q . "$work/$copy"
  make -s -C "$work/$copy" build
done
cmp "$work/one/bin/parallax" "$work/another/bin/parallax"
sha256sum <"$work/one/bin/parallax"
