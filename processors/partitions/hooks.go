package partitions

import "parallax/processors/row"

// Hooks are the places inside V2's coordinator where tests and faults can change its
// behaviour: inject a fault, fix the assignment of keys, or add work to a partition. The
// zero value, used in production, has none. They are called for stages that read the
// topics' batches, where query is the index in Plan.Stages; the rows that later stages read
// have no offsets. They must be deterministic, unless the injected fault is that V2 is not.
type Hooks struct {
	// Assign routes the queries that have a split key by an explicit table from encoded
	// keys (row.AppendKey) to partitions. Such a V2 cannot restore state.
	Assign map[string]int
	// Route decides where record i of the batch goes for a query: its argument is the
	// partition that the strategy chose, its result the partition to use. If that does not
	// exist, the record is lost. It runs on the router's goroutine, in input order.
	Route func(query int, b *row.Batch, i, partition int) int
	// Before runs on a partition's goroutine before its engine takes the batch. If it
	// returns false, the engine does not see the batch, nor its watermarks.
	Before func(partition, query int, b *row.Batch, mine []int32) bool
	// View runs after Before and may return another batch for the engine to process, with
	// the records mine at the same indexes. The rows still belong to the original batch.
	View func(partition, query int, b *row.Batch, mine []int32) *row.Batch
	// After runs on a partition's goroutine with the changes that its engine made of a
	// batch, in order, which it only reads: work on rows that need not wait for merge is
	// done here by all partitions in parallel.
	After func(partition, query int, b *row.Batch, changes []row.Change)
}
