package expression

import (
	"parallax/processors/functions"
	"parallax/processors/row"
)

// Env holds what an expression can read: a record of a batch or, in an aggregation's output,
// a group and its window.
type Env struct {
	Batch  *row.Batch
	Record *row.Record
	Table  *row.Table
	Row    int

	Groups     []row.Value
	Aggregates []row.Value
	// Failures[i] is set if aggregate i has no value because of an error.
	Failures   []error
	Start, End int64

	Exploded []row.Value // the elements of the current row

	locals []row.Value      // of the Lets and lambdas around, by slot
	budget functions.Budget // of the root that is being evaluated

	// turn counts the records, from 1; kept are the shared expressions, by slot.
	turn uint64
	kept []kept
}

// At points the environment at record i of its batch.
func (e *Env) At(i int) {
	e.turn++
	e.Record = e.Batch.Record(i)
	e.Row = int(e.Record.Row)
}

// Eval computes an expression. The errors that it returns are fixed values without
// details: they are counted for each record, not shown.
type Eval func(*Env) (row.Value, error)
