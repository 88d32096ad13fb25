// Package produce writes a scenario's stream of records to topics of Kafka or to a file. It
// chooses which of a stream's topics are written, and creates those that are missing.
//
// Stability: ours.
package produce
