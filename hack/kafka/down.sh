#!/usr/bin/env bash
# Ends the broker that up.sh or up3.sh started, by its pid, and deletes its data.
# Usage: hack/kafka/down.sh [NAME]   (default kafka)
set -euo pipefail
source "$(dirname "$0")/lib.sh"

home=$root/build/${1:-kafka}
if [ ! -f "$home/pid" ]; then
  echo "no broker of ours runs" >&2
  exit 0
fi
if runs "$home"; then
  end "$home" TERM 30
fi
data=$(cat "$home/data" 2>/dev/null || true)
case $data in
  */parallax-kafka.*) rm -rf "$data" ;;
esac
rm -f "$home/pid" "$home/data" "$home/address" "$home/heap"
# What a broker of another name left beside it is of no use without its data.
[ "${1:-kafka}" = kafka ] || rm -rf "$home"
echo "Apache Kafka is down" >&2
