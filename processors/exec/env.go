package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// env is what an expression sees: a record of a batch or, in an aggregation's
// output, a group and its window.
type env struct {
	batch  *row.Batch
	record *row.Record
	table  *row.Table
	row    int

	groups     []row.Value
	aggregates []row.Value
	// failures[i] is set where aggregate i has no value because of an error.
	failures   []error
	start, end int64

	exploded []row.Value // the elements of the row that is made

	locals []row.Value // of the Lets and lambdas around, by slot
	budget plan.Budget // of the root that is being evaluated

	// turn counts the records, from 1; kept are the shared expressions, by slot.
	turn uint64
	kept []kept
}

// at points the environment at record i of its batch.
func (e *env) at(i int) {
	e.turn++
	e.record = e.batch.Record(i)
	e.row = int(e.record.Row)
}

// eval computes an expression. It returns errors made once, never with
// particulars: they are counted for each record, not shown.
type eval func(*env) (row.Value, error)
