#!/usr/bin/env bash
# Starts one Apache Kafka broker (KRaft, no Docker) on loopback, with its data in
# a temporary folder, and prints its address as the last line of standard output.
# Started twice under one name it prints the address of the one that runs.
# Usage: hack/kafka/up.sh [PORT|free] [NAME]
#   PORT  19092 by default; the controller takes PORT+1; free chooses two that nothing listens on
#   NAME  of the broker, kafka by default; brokers of other names are left alone
set -euo pipefail
source "$(dirname "$0")/lib.sh"

home=$root/build/${2:-kafka}
port=${1:-19092}
if runs "$home"; then
  cat "$home/address"
  exit 0
fi
if [ "$port" = free ]; then
  port=19192
  while listens "$port" || listens $((port + 1)); do
    port=$((port + 2))
  done
fi
controller=$((port + 1))
for p in "$port" "$controller"; do
  if listens "$p"; then
    echo "port $p is taken by something else; name another: hack/kafka/up.sh PORT" >&2
    exit 1
  fi
done

artifacts
prepare "$home" 1 "$port" "$controller" "-Xms256m -Xmx1g" <<PROPERTIES
controller.quorum.bootstrap.servers=127.0.0.1:$controller
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
PROPERTIES
format "$home" "$(new_id)" --standalone
begin "$home"
await "$home" 60
echo "Apache Kafka is up, pid $(cat "$home/pid"), data in $(cat "$home/data")" >&2
cat "$home/address"
