// Package processors is the contract between the runner and a processor, which runs a plan over
// batches: the interfaces, their options, the description of a processor, and the
// configuration strings. Package pipeline implements V1 and package partitions V2; package
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
// Process takes the batches of one task in order and returns the outcome of each: its
// changes in the total order and a disposition for every record. It must be
// deterministic: the same records give the same changes, however they are cut into
// batches and at any partition count. It only reads the batch. An error means that the
// processor's state no longer corresponds to its input: the caller discards the
// processor. A record that fails does not make an error but a disposition.
//
// Process is synchronous and is called by one goroutine at a time; ctx ends it
// early with ctx.Err(). Close ends the processor's goroutines and may be called
// at any time, also while Process hangs.
type Processor interface {
	Process(ctx context.Context, b *row.Batch) (*row.Outcome, error)
	Describe() Description
	Close() error
}

// Pipeliner is a Processor that works on several batches at once. Submit passes a batch
// to it and blocks while too many are in flight; Next returns their outcomes in the
// order of submission. Submit and Next may run on two goroutines; neither may be mixed
// with Process.
type Pipeliner interface {
	Processor
	Submit(ctx context.Context, b *row.Batch) error
	Next(ctx context.Context) (*row.Outcome, error)
}

// Snapshotter is a Processor whose state can be copied out, and restored, between two
// batches.
type Snapshotter interface {
	Snapshot() (*state.Snapshot, error)
	Restore(*state.Snapshot) error
}

// Meter is a Processor that counts the work of its partitions. Partitions may be called
// at any time from any goroutine.
type Meter interface {
	Partitions() []PartitionStats
}

// Description describes a processor.
type Description struct {
	Name     string // "v1", "v2:4", "v2:4:affinity", "oracle": a configuration string
	Version  string // "V1", "V2", "oracle"
	Strategy string // how V2 routes, "" in V1
	Routing  []Routing
}

// PartitionStats are counts since the start.
type PartitionStats struct {
	// Records are those that were routed to the partition and processed; Keys are the most
	// groups that it held after a batch.
	Records, Keys int64
	// BusyNanos is the time spent in the partition's engine.
	BusyNanos int64
	// Queue is the number of batches that wait for the partition now, QueuedRecords the
	// number of the partition's own records in them.
	Queue         int
	QueuedRecords int64
	// Pinned is the number of the CPU that the partition is pinned to, plus one; 0 is none.
	Pinned int32
}

// Options are the settings of a job that change what a path does with a record. The zero
// value drops no record for an error or for being late: both are counted only.
type Options struct {
	// ErrorsToDeadLetter is the setting on_error: dlq.
	ErrorsToDeadLetter bool
	// LateToDeadLetter is the setting late: dlq.
	LateToDeadLetter bool
	// Slice is the number of records of a batch that a path processes at a time; 0 stands
	// for SliceRecords. The outcome of a batch does not depend on it.
	Slice int
}

// SliceRecords is the default of Options.Slice: small enough that the records of a slice,
// and the rows made of them, stay in the cache of a core.
const SliceRecords = 1_000

// SliceSize returns Slice, or its default.
func (o Options) SliceSize() int {
	if o.Slice > 0 {
		return o.Slice
	}
	return SliceRecords
}
