// Package kafka runs a job's task on Kafka: it reads the records of a plan's topics, and writes
// the job's rows and dead letters exactly once.
//
// A member is this instance in the consumer group: its client, the assignment, the group's
// offsets. A Task is what is processed: topic-partitions with their positions, the input
// order, and the output with its transactions. The brokers as both reach them are package
// cluster.
//
// Consuming and producing are two clients. The consumer is a group member that
// never commits by itself. The producer's transaction has the output, the dead letters and,
// through a TxnOffsetCommit of our own, the offsets of the records that were processed. Records
// that were polled and not processed are not committed: they may be held back or unfinished. A
// transaction that does not commit is produced again from the bytes that were kept; nothing is
// consumed twice, so no state has to be undone.
//
// Stability: ours.
package kafka
