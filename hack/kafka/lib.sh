# What the scripts in this folder share; they source it. HOME of a broker is build/NAME: the folder
# with its pid, address, settings and log, the options of java (heap), and the name of the folder
# with its data.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
libs=$root/build/kafka/libs
java=(java "-Dlog4j.configuration=file:$root/hack/kafka/log4j.properties" -cp "$libs/*")

# listens PORT: something does, on loopback.
listens() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# runs HOME: the broker does. A pid alone may have gone to another process since.
runs() {
  [ -f "$1/pid" ] && ps -ww -o args= -p "$(cat "$1/pid")" | grep -qF "kafka.Kafka $1/server.properties"
}

# artifacts: fetches what a broker consists of, unless it is there.
artifacts() {
  [ ! -f "$libs/.complete" ] || return 0
  echo "fetching the broker's artifacts (54 MB, once)" >&2
  mvn -q -B -f "$root/hack/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" >&2
  touch "$libs/.complete"
}

# prepare HOME NODE PORT CONTROLLER HEAP: makes the folder of a broker and that of its data.
# Standard input is what its settings have beside those of every broker.
prepare() {
  local data
  mkdir -p "$1"
  data=$(mktemp -d "${TMPDIR:-/tmp}/parallax-kafka.XXXXXX")
  {
    cat <<PROPERTIES
process.roles=broker,controller
node.id=$2
listeners=PLAINTEXT://127.0.0.1:$3,CONTROLLER://127.0.0.1:$4
advertised.listeners=PLAINTEXT://127.0.0.1:$3
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$data/logs
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
# Generated records have event times of years ago: by the default of seven days the
# broker would delete them whenever it looks.
log.retention.ms=-1
# Tests count the rows of output topics: compaction would delete older rows of a key while they read.
log.cleaner.enable=false
PROPERTIES
    cat
  } > "$1/server.properties"
  echo "$data" > "$1/data"
  echo "127.0.0.1:$3" > "$1/address"
  echo "$5" > "$1/heap"
  rm -f "$1/broker.log"
}

# new_id: prints the id of a new cluster.
new_id() {
  "${java[@]}" kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1
}

# format HOME ID OPTIONS: makes the folder of the data a cluster's.
format() {
  "${java[@]}" kafka.tools.StorageTool format -t "$2" -c "$1/server.properties" "${@:3}" >"$1/format.log" 2>&1 ||
    { cat "$1/format.log" >&2; return 1; }
}

# begin HOME: starts the broker.
begin() {
  local heap
  read -ra heap < "$1/heap"
  nohup "${java[0]}" "${heap[@]}" "${java[@]:1}" kafka.Kafka "$1/server.properties" >>"$1/broker.log" 2>&1 </dev/null &
  echo $! > "$1/pid"
}

# await HOME SECONDS: waits until the broker listens.
await() {
  local address
  address=$(cat "$1/address")
  for _ in $(seq 1 $((2 * $2))); do
    if ! kill -0 "$(cat "$1/pid")" 2>/dev/null; then
      echo "the broker ended; the end of $1/broker.log:" >&2
      tail -n 20 "$1/broker.log" >&2
      rm -f "$1/pid"
      return 1
    fi
    listens "${address##*:}" && return 0
    sleep 0.5
  done
  echo "the broker did not listen on $address within $2 s; see $1/broker.log" >&2
  return 1
}

# end HOME SIGNAL SECONDS: ends the broker with a signal, and kills it if it still runs after a time.
end() {
  local pid
  pid=$(cat "$1/pid")
  kill -s "$2" "$pid"
  for _ in $(seq 1 $((2 * $3))); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.5
  done
  kill -9 "$pid" 2>/dev/null || true
}
