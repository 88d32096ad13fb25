#!/usr/bin/env bash
# Kills a job, and restarts the brokers of Apache Kafka under it, and compares what it wrote with
# what an unbroken run writes. It starts the brokers, and ends them.
# Usage: RECORDS=n KILLS=n RESTARTS=n BROKERS=1|3 SEED=n hack/chaos.sh
set -euo pipefail
cd "$(dirname "$0")/.."

name=kafka-chaos-$$
trap 'hack/kafka/down.sh "$name"' EXIT
seeds=$(hack/kafka/up.sh free "$name" | tail -n 1)
KAFKA_SEEDS=$seeds go test ./cmd/parallax -count=1 -timeout 0 -v -run '^TestAJobThatIsKilledWritesWhatAnUnbrokenOneWrites$/^apache$' \
  -chaos.records "${RECORDS:-5000000}" -chaos.kills "${KILLS:-50}" -chaos.restarts "${RESTARTS:-5}" -chaos.brokers "$name" -chaos.seed "${SEED:-1}"
