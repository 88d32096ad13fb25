// Package topics reads whole Kafka topics for a comparison: from their beginning to where
// they ended when the topic was opened. It reads committed records only. It joins no
// group, commits nothing and writes nothing.
//
// Stability: ours.
package topics
