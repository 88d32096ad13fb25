#!/usr/bin/env bash
# Ends the broker that up.sh started, by its pid, and deletes its data.
# Usage: hack/kafka/down.sh [NAME]   (default kafka)
set -euo pipefail

home=$(cd "$(dirname "$0")/../.." && pwd)/build/${1:-kafka}
if [ ! -f "$home/pid" ]; then
  echo "no broker of ours runs" >&2
  exit 0
fi
pid=$(cat "$home/pid")
# A pid alone may have gone to another process since.
if ps -ww -o args= -p "$pid" | grep -qF "kafka.Kafka $home/server.properties"; then
  kill "$pid"
  for _ in $(seq 1 60); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  kill -0 "$pid" 2>/dev/null && kill -9 "$pid"
fi
data=$(cat "$home/data" 2>/dev/null || true)
case $data in
  */parallax-kafka.*) rm -rf "$data" ;;
esac
rm -f "$home/pid" "$home/data" "$home/address"
# What a broker of another name left beside it is of no use without its data.
[ "${1:-kafka}" = kafka ] || rm -rf "$home"
echo "Apache Kafka is down" >&2
