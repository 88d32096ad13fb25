#!/usr/bin/env bash
# Starts one Apache Kafka broker on loopback that wants SASL/PLAIN and allows nothing without an ACL (StandardAuthorizer),
# and prints its address as the last line of standard output. The user admin, password admin-secret, may do everything;
# the user job, password job-secret, what ACLs allow. hack/kafka/down.sh NAME ends it.
# Usage: hack/kafka/up_acl.sh NAME
set -euo pipefail
source "$(dirname "$0")/lib.sh"

home=$root/build/$1
port=19492
while listens "$port" || listens $((port + 1)); do
  port=$((port + 2))
done
controller=$((port + 1))

artifacts
# A setting that is given twice has its last value. The controller's listener has no users, so it is the super user
# ANONYMOUS that speaks there, on loopback only.
prepare "$home" 1 "$port" "$controller" "-Xms128m -Xmx512m" <<PROPERTIES
controller.quorum.bootstrap.servers=127.0.0.1:$controller
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
listeners=SASL_PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=SASL_PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="admin-secret" user_admin="admin-secret" user_job="job-secret";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
allow.everyone.if.no.acl.found=false
PROPERTIES
format "$home" "$(new_id)" --standalone
begin "$home"
await "$home" 120
cat "$home/address"
