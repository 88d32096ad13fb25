// Package kafka is a task on Kafka: records of a plan's topics in, V1's rows and
// dead letters out, exactly once.
//
// A member is this instance in the consumer group: its client, the assignment, the group's
// offsets. A Task is what is processed: topic-partitions with their positions, the input
// order, and the output with its transactions. A cluster is the brokers' topics.
//
// Consuming and producing are two clients. The consumer is a group member that
// never commits by itself. The producer's transaction carries outputs, dead
// letters and, by a TxnOffsetCommit of our own, the offsets of the records that
// were processed: not of those that were polled, of which some may be held back
// or unfinished. A transaction that does not commit is produced again from the
// bytes that were kept; nothing is consumed twice, so no state has to be undone.
//
// Stability: ours.
package kafka
