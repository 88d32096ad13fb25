#!/usr/bin/env bash
# Ends a broker that up.sh started, by its pid, and starts it again on its data.
# Usage: hack/kafka/restart.sh SIGNAL NAME   (SIGNAL is TERM or KILL)
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/build/$2
pid=$(cat "$home/pid")
# A pid alone may have gone to another process since.
ps -ww -o args= -p "$pid" | grep -qF "kafka.Kafka $home/server.properties" || { echo "pid $pid is not broker $2" >&2; exit 1; }
kill -s "$1" "$pid"
for _ in $(seq 1 120); do
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.5
done
kill -0 "$pid" 2>/dev/null && kill -9 "$pid"

nohup java -Xms256m -Xmx1g "-Dlog4j.configuration=file:$root/hack/kafka/log4j.properties" -cp "$root/build/kafka/libs/*" \
  kafka.Kafka "$home/server.properties" >>"$home/broker.log" 2>&1 </dev/null &
pid=$!
echo "$pid" >"$home/pid"
address=$(cat "$home/address")
for _ in $(seq 1 120); do
  kill -0 "$pid" 2>/dev/null || { tail -n 20 "$home/broker.log" >&2; exit 1; }
  if (exec 3<>"/dev/tcp/127.0.0.1/${address##*:}") 2>/dev/null; then
    exit 0
  fi
  sleep 0.5
done
echo "broker $2 did not listen again within a minute; see $home/broker.log" >&2
exit 1
