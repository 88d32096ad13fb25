#!/usr/bin/env bash
# All tests: what needs no service, then the Kafka suite against a real Apache
# Kafka: the one that KAFKA_SEEDS names, or one that is started for the suite and
# ended after it. A broker of `make kafka-up` is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

go test -timeout 10m ./...

if [ -z "${KAFKA_SEEDS:-}" ]; then
  missing=
  command -v java >/dev/null || missing="java is not installed"
  command -v mvn >/dev/null || missing="${missing:+$missing, }mvn is not installed"
  if [ -n "$missing" ]; then
    echo "SKIPPED: the Kafka suite against Apache Kafka: $missing, and KAFKA_SEEDS is not set"
    if [ "${CI:-}" = true ]; then
      echo "in CI that is a failure"
      exit 1
    fi
    exit 0
  fi
  broker=kafka-test-$$
  trap 'hack/kafka/down.sh "$broker"; hack/kafka/down.sh "$broker-acl"' EXIT
  KAFKA_SEEDS=$(hack/kafka/up.sh free "$broker" | tail -n 1)
  # One more, with users and ACLs.
  KAFKA_ACL_SEEDS=$(hack/kafka/up_acl.sh "$broker-acl" | tail -n 1)
  export KAFKA_ACL_SEEDS
fi
export KAFKA_SEEDS
echo "the Kafka suite against Apache Kafka at $KAFKA_SEEDS:"
for package in shadow/kafka cmd/parallax; do
  # The tests of the package that call onBrokers, as A|B|C. Each has a subtest for each broker; the
  # others have run above and need no broker.
  tests=$(awk '/^func / { name = $2; sub(/\(.*/, "", name) }
    /onBrokers\(/ && !/^func / { print name }' "$package"/*_test.go | sort -u)
  if [ -z "$tests" ] || grep -qv ^Test <<<"$tests"; then
    echo "onBrokers must be called by tests themselves, so that they are found here; in $package it is called by: ${tests:-none}"
    exit 1
  fi
  go test -count=1 -timeout 10m "./$package" -run "^(${tests//$'\n'/|})\$/^apache\$"
done
if [ -n "${KAFKA_ACL_SEEDS:-}" ]; then
  go test -count=1 -timeout 10m ./cmd/parallax -run '^TestAJobRunsUnderExactlyTheACLsOfThePage$'
fi
