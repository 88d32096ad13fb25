#!/usr/bin/env bash
# Builds the last commit and its release archives in two folders, and fails unless they are the same bytes. TARGETS are
# the targets of the archives, linux/amd64 by default.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for copy in one another; do
  git clone -q . "$work/$copy"
  make -s -C "$work/$copy" build
  make -s -C "$work/$copy" release TARGETS="${TARGETS:-linux/amd64}"
done
cmp "$work/one/bin/parallax" "$work/another/bin/parallax"
diff -r "$work/one/build/release" "$work/another/build/release"
sha256sum <"$work/one/bin/parallax"
cat "$work/one/build/release/SHA256SUMS"
