#!/usr/bin/env bash
# Kills a job whose V2s fail at random, and restarts the brokers of Apache Kafka under it, and
# compares what it wrote with what an unbroken run writes. It starts the brokers, and ends them.
# Then it kills a job that changes its stage, whose V2s fail where they are compared.
# Usage: WHAT=all|kills|stages STAGE_KILLS=n STAGE_RATE=n RECORDS=n KILLS=n RESTARTS=n BROKERS=1|3 FAILING_V2=1|0 SEED=n hack/chaos.sh
set -euo pipefail
cd "$(dirname "$0")/.."

name=kafka-chaos-$$
names=$name
[ "${BROKERS:-1}" = 1 ] || names=$name-1,$name-2,$name-3
down() {
  for one in ${names//,/ }; do
    hack/kafka/down.sh "$one"
  done
}
trap down EXIT
if [ "${BROKERS:-1}" = 1 ]; then
  seeds=$(hack/kafka/up.sh free "$name" | tail -n 1)
else
  seeds=$(hack/kafka/up3.sh "$name" | tail -n 1)
fi
v2="V2 fails at random"
[ "${FAILING_V2:-1}" = 1 ] || v2="V2 is right"
what=${WHAT:-all}
if [ "$what" != stages ]; then
  KAFKA_SEEDS=$seeds go test ./cmd/parallax -count=1 -timeout 0 -v -run "^TestAJobThatIsKilledWritesWhatAnUnbrokenOneWrites\$/^apache\$/^${v2// /_}\$" \
    -chaos.records "${RECORDS:-5000000}" -chaos.kills "${KILLS:-50}" -chaos.restarts "${RESTARTS:-5}" -chaos.brokers "$names" -chaos.seed "${SEED:-1}"
fi
if [ "$what" != kills ]; then
  KAFKA_SEEDS=$seeds go test ./cmd/parallax -count=1 -timeout 0 -v -run '^TestAJobThatIsKilledWhileItMigratesWritesWhatAnUnbrokenOneWrites$/^apache$' \
    -chaos.stage-kills "${STAGE_KILLS:-50}" -chaos.stage-rate "${STAGE_RATE:-4000}" -chaos.seed "${SEED:-1}"
fi
