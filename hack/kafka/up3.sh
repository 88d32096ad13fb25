#!/usr/bin/env bash
# Starts three Apache Kafka brokers (KRaft, each also a controller) on loopback, on ports that are
# free, and prints their addresses, with commas between them, as the last line of standard output.
# They are called NAME-1 to NAME-3: hack/kafka/restart.sh and down.sh take these names.
# Usage: hack/kafka/up3.sh NAME
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
libs=$root/build/kafka/libs
[ -f "$libs/.complete" ] || { echo "the broker's artifacts are missing: run hack/kafka/up.sh once" >&2; exit 1; }
listens() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

ports=()
port=19392
while [ ${#ports[@]} -lt 6 ]; do
  listens "$port" || ports+=("$port")
  port=$((port + 1))
done
voters="1@127.0.0.1:${ports[3]},2@127.0.0.1:${ports[4]},3@127.0.0.1:${ports[5]}"
java=(java -Xms128m -Xmx512m "-Dlog4j.configuration=file:$root/hack/kafka/log4j.properties" -cp "$libs/*")
id=$("${java[@]}" kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1)

for n in 1 2 3; do
  home=$root/build/$1-$n
  mkdir -p "$home"
  data=$(mktemp -d "${TMPDIR:-/tmp}/parallax-kafka.XXXXXX")
  cat > "$home/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:${ports[$((n - 1))]},CONTROLLER://127.0.0.1:${ports[$((n + 2))]}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[$((n - 1))]}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$data/logs
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
log.retention.ms=-1
PROPERTIES
  "${java[@]}" kafka.tools.StorageTool format -t "$id" -c "$home/server.properties" >"$home/format.log" 2>&1 ||
    { cat "$home/format.log" >&2; exit 1; }
  nohup "${java[@]}" kafka.Kafka "$home/server.properties" >"$home/broker.log" 2>&1 </dev/null &
  echo $! > "$home/pid"
  echo "$data" > "$home/data"
  echo "127.0.0.1:${ports[$((n - 1))]}" > "$home/address"
done

for n in 0 1 2; do
  for _ in $(seq 1 240); do
    listens "${ports[$n]}" && continue 2
    sleep 0.5
  done
  echo "a broker did not listen on port ${ports[$n]} within two minutes; see $root/build/$1-$((n + 1))/broker.log" >&2
  exit 1
done
echo "127.0.0.1:${ports[0]},127.0.0.1:${ports[1]},127.0.0.1:${ports[2]}"
