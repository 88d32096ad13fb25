#!/usr/bin/env bash
# Starts one Apache Kafka broker (KRaft, no Docker) on loopback, with its data in
# a temporary folder, and prints its address as the last line of standard output.
# Started twice under one name it prints the address of the one that runs.
# Usage: hack/kafka/up.sh [PORT|free] [NAME]
#   PORT  19092 by default; the controller takes PORT+1; free chooses two that nothing listens on
#   NAME  of the broker, kafka by default; brokers of other names are left alone
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
name=${2:-kafka}
home=$root/build/$name
libs=$root/build/kafka/libs
port=${1:-19092}
pidfile=$home/pid
mkdir -p "$home"

# A pid alone may have gone to another process since.
ours() {
  [ -f "$pidfile" ] && ps -ww -o args= -p "$(cat "$pidfile")" | grep -qF "kafka.Kafka $home/server.properties"
}
listens() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

if ours; then
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

if [ ! -f "$libs/.complete" ]; then
  echo "fetching the broker's artifacts (54 MB, once)" >&2
  mvn -q -B -f "$root/hack/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" >&2
  touch "$libs/.complete"
fi

data=$(mktemp -d "${TMPDIR:-/tmp}/parallax-kafka.XXXXXX")
cat > "$home/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$data/logs
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
# Generated records have event times of years ago: by the default of seven days the
# broker would delete them whenever it looks.
log.retention.ms=-1
PROPERTIES

java=(java -Xms256m -Xmx1g "-Dlog4j.configuration=file:$root/hack/kafka/log4j.properties" -cp "$libs/*")
id=$("${java[@]}" kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1)
"${java[@]}" kafka.tools.StorageTool format -t "$id" -c "$home/server.properties" --standalone >"$home/format.log" 2>&1 ||
  { cat "$home/format.log" >&2; exit 1; }

nohup "${java[@]}" kafka.Kafka "$home/server.properties" >"$home/broker.log" 2>&1 </dev/null &
pid=$!
echo "$pid" > "$pidfile"
echo "$data" > "$home/data"
echo "127.0.0.1:$port" > "$home/address"

for _ in $(seq 1 120); do
  if ! kill -0 "$pid" 2>/dev/null; then
    echo "the broker ended; the end of $home/broker.log:" >&2
    tail -n 20 "$home/broker.log" >&2
    rm -f "$pidfile"
    exit 1
  fi
  if listens "$port"; then
    echo "Apache Kafka is up, pid $pid, data in $data" >&2
    cat "$home/address"
    exit 0
  fi
  sleep 0.5
done
echo "the broker did not listen on port $port within a minute; see $home/broker.log" >&2
exit 1
