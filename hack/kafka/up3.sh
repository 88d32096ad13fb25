#!/usr/bin/env bash
# Starts three Apache Kafka brokers (KRaft, each also a controller) on loopback, on ports that are
# free, and prints their addresses, with commas between them, as the last line of standard output.
# They are called NAME-1 to NAME-3: hack/kafka/restart.sh and down.sh take these names.
# Usage: hack/kafka/up3.sh NAME
set -euo pipefail
source "$(dirname "$0")/lib.sh"

ports=()
port=19392
while [ ${#ports[@]} -lt 6 ]; do
  listens "$port" || ports+=("$port")
  port=$((port + 1))
done

artifacts
id=$(new_id)
for n in 1 2 3; do
  home=$root/build/$1-$n
  prepare "$home" "$n" "${ports[$((n - 1))]}" "${ports[$((n + 2))]}" "-Xms128m -Xmx512m" <<PROPERTIES
controller.quorum.voters=1@127.0.0.1:${ports[3]},2@127.0.0.1:${ports[4]},3@127.0.0.1:${ports[5]}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
PROPERTIES
  format "$home" "$id"
  begin "$home"
done
for n in 1 2 3; do
  await "$root/build/$1-$n" 120
done
echo "127.0.0.1:${ports[0]},127.0.0.1:${ports[1]},127.0.0.1:${ports[2]}"
