// Package processors is the contract between the runner and a processor, which runs a plan over
// batches: the interfaces, their options, what a processor says of itself, and the
// configuration strings. Package pipeline is V1 and package partitions is V2; package
// factory makes either.
//
// Stability: stable.
package processors

import (
	"context"

	"parallax/processors/row"
	"parallax/processors/state"
)

// Processor runs a plan over batches.
//
// Process takes the batches of one task in order and returns what the path did
// with each: its changes in the total order and a disposition for every record.
// It must be deterministic: the same batches, in whatever cuts, give the same
// changes at any partition count. It only reads the batch. An error means that
// the processor's state no longer corresponds to its input: the caller discards
// the processor. A record that fails is no error but a disposition.
//
// Process is synchronous and is called by one goroutine at a time; ctx ends it
// early with ctx.Err(). Close ends the processor's goroutines and may be called
// at any time, also while Process hangs.
type Processor interface {
	Process(ctx context.Context, b *row.Batch) (*row.Outcome, error)
	Describe() Description
	Close() error
}

// Pipeliner is a Processor that works on several batches at once. Submit hands
// over a batch and blocks while too many are in flight; Next returns their
// outcomes in order of submission. Submit and Next may run on two goroutines;
// neither mixes with Process.
type Pipeliner interface {
	Processor
	Submit(ctx context.Context, b *row.Batch) error
	Next(ctx context.Context) (*row.Outcome, error)
}

// Snapshotter is a Processor whose state can be copied out and in between two
// batches.
type Snapshotter interface {
	Snapshot() (*state.Snapshot, error)
	Restore(*state.Snapshot) error
}

// Meter is a Processor that counts its partitions' work. Partitions may be
// called at any time from any goroutine.
type Meter interface {
	Partitions() []PartitionStats
}

// Description says what a processor is.
type Description struct {
	Name     string // "v1", "v2:4", "v2:4:affinity", "oracle": a configuration string
	Version  string // "V1", "V2", "oracle"
	Strategy string // how V2 routes, "" in V1
	Routing  []Routing
}

// PartitionStats are counts since the start.
type PartitionStats struct {
	// Records were handed to the partition and processed; Keys are the most
	// groups that it held after a batch.
	Records, Keys int64
	// BusyNanos is time spent in the partition's engine.
	BusyNanos int64
	// Queue is how many batches wait for it now, QueuedRecords how many of their
	// records are its own.
	Queue         int
	QueuedRecords int64
	// Pinned is the CPU that it is tied to and one, so that 0 is none.
	Pinned int32
}

// Options are the job's wishes that change what a path does with a record.
// The zero value drops nothing but counts everything.
type Options struct {
	// ErrorsToDeadLetter is on_error: dlq.
	ErrorsToDeadLetter bool
	// LateToDeadLetter is late: dlq.
	LateToDeadLetter bool
	// Slice is how many records of a batch a path takes through its engines at a time;
	// 0 is SliceRecords. What comes out of a batch does not depend on it.
	Slice int
}

// SliceRecords is how many records a path takes at a time unless Options say otherwise:
// what is known of them, and what is made of them, stays in the cache of a core.
const SliceRecords = 1_000

// SliceSize is Slice, or what it is by default.
func (o Options) SliceSize() int {
	if o.Slice > 0 {
		return o.Slice
	}
	return SliceRecords
}
