package partitions

import "parallax/processors/row"

// Hooks are the places inside V2's coordinator where a fault can be injected,
// an assignment be made by hand, and work be added to a partition's. The zero value is none: the V2 that runs.
// They are asked for stages that take the topics' batches, query being the index in
// Plan.Stages: stages that follow others see rows, which have no offsets.
// What they do must be deterministic, or the point of it is that V2 is not.
type Hooks struct {
	// Assign routes the queries that have a split key by an explicit table from
	// encoded keys (row.AppendKey) to partitions. State cannot be restored then.
	Assign map[string]int
	// Route has the last word on where record i of the batch goes for a query:
	// it gets the partition that was chosen. One that does not exist loses the
	// record. It runs on the router's goroutine, in input order.
	Route func(query int, b *row.Batch, i, partition int) int
	// Before runs on a partition's goroutine before its engine takes the batch.
	// Where it returns false, the engine does not see the batch at all, its
	// watermarks included.
	Before func(partition, query int, b *row.Batch, mine []int32) bool
	// View runs after Before and may show the engine another batch than the one that
	// came, with the records mine at the same places. Its rows still belong to the one
	// that came.
	View func(partition, query int, b *row.Batch, mine []int32) *row.Batch
	// After runs on a partition's goroutine with what its engine made of a batch,
	// in order, which is to be read only: work on rows that need not wait for merge
	// is done here by all partitions at once.
	After func(partition, query int, b *row.Batch, changes []row.Change)
}
