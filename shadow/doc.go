// Package shadow runs a job: it feeds every batch to V1 and V2, emits what V1
// made, and compares what V2 made of the same batch, in that order. It keeps V2
// away from V1 (own goroutines, a deadline, recovery, a queue with an end) and
// accounts for every input record in a ledger.
//
// It knows nothing of Kafka, SQL or verdicts: records come in and go out
// through Source and Output, and what the run showed is a Report that others
// judge and render.
//
// Stability: ours.
package shadow
