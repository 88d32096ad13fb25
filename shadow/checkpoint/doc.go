// Package checkpoint stores the state of a job between two batches, so that the job can go
// on after it was stopped or killed. A checkpoint is a manifest and one file for each stage
// of the plan. The package writes checkpoints, checks them, chooses the one that a restart
// goes on from, and reads it.
//
// It does not know Kafka, and it does not know what the state of a stage looks like: a
// state.Codec writes and reads the entries.
//
// A checkpoint exists from the moment its manifest does. The stage files are written and
// synced before, and deleted after the manifest, so that a process that is killed at any
// moment leaves whole checkpoints and files that no manifest names; the latter are deleted
// when the next process starts.
//
// Stability: ours.
package checkpoint
