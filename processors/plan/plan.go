package plan

import (
	"slices"

	"parallax/processors/row"
)

// Plan is a whole script. Query i's rows go to Queries[i].Sink.
type Plan struct {
	Sources []*row.Source
	Queries []*Query
	// Stages are the units that engines run, each after the stages that it reads from. The
	// last stage of a query is the Query itself; earlier stages are hidden.
	Stages []*Query
	// Warnings are texts for the user, for example about EMIT FINAL without a window over
	// an unbounded input.
	Warnings []string
	// ExplainOnly: a statement asks to be explained, not run.
	ExplainOnly bool
}

// Emit says when a query emits rows.
type Emit uint8

// EmitChanges emits each change at once, EmitFinal emits a row once, when it can no longer
// change.
const (
	EmitChanges Emit = iota
	EmitFinal
)

// Query is one statement that produces rows: a projection, with or without OVER, or an
// aggregation. It can also be one stage of such a statement.
type Query struct {
	// Index is the index in Plan.Queries, Stage that in Plan.Stages.
	Index, Stage int
	// Hidden: the query is a stage before the last one of its statement. Other stages read
	// its rows; its Sink has no topic and describes the rows.
	Hidden bool
	// Ordered: a hidden stage emits its rows in the total order of outputs, not in the
	// order in which it made them.
	Ordered bool
	// Inputs are the inputs of a stage that reads other stages. Its batches are built from
	// their rows, and Source counts Inputs. If Inputs is nil, the stage reads the topics'
	// batches, and Source counts Plan.Sources.
	Inputs []Input
	// Follows are the stages whose rows hold the query's time back: the stages of other
	// queries' streams that it reads. All stages of a query have the same Follows.
	Follows []int
	// Explain: this query's statement asks to be explained, not run.
	Explain bool
	// Logical is the query as written, before it was cut into stages; it is the query
	// itself if there is one stage. From are its sources, which Column.Side and System.Side
	// count: FROM, then Joins in the order of the script. Only a Logical query has From.
	Logical *Query
	From    []Input
	// Source is the number of the source, or input.
	Source int
	// Joins are the sources after Source, in the order of the script.
	Joins []Join
	// Where is nil if the query has no WHERE. It reads the source's columns.
	Where Expr
	// Aggregation is nil for a projection.
	Aggregation *Aggregation
	// Distinct is SELECT DISTINCT: a projection whose key is all of its columns emits each
	// row once.
	Distinct bool
	// Over is nil where no item has OVER. Without an Aggregation only.
	Over *Over
	// Explode are the ARRAYs of a projection that makes one row for each element. Without
	// any, it makes one row for each record. They read the source's columns.
	Explode []Expr
	// Retain is set if the source is a table whose rows must be kept.
	Retain *Retain
	// Items are the selected columns, one for each of Sink.Values. In a projection they
	// read the source's columns, with Over also its values, with Explode also the elements.
	// In an aggregation they read groups, aggregates and window bounds only.
	Items []Expr
	// Key has one expression for each of Sink.Key, in the scope of Items; with Explode they
	// read the source's columns only.
	Key   []Expr
	names []naming // of columns of Key that another column than theirs names
	// Rekeyed is PARTITION BY: the key of a projection is not its source's key.
	Rekeyed bool
	// Limit is how many rows the query emits, nil for all. The last stage of a query with a
	// Limit only counts and passes on rows.
	Limit *int64
	Sink  *row.Sink
	// Split says how V2 may route this query's records.
	Split Split
}

// Input is one input of a stage: a topic, or another stage.
type Input struct {
	// Source is an index in Plan.Sources, Stage an index in Plan.Stages; the other one is
	// -1.
	Source, Stage int
	// Rows describes the rows. Those of a topic are Plan.Sources[Source]. Those of a stage
	// have the columns of its sink, then the columns of its key that are not among them,
	// and WINDOWSTART and WINDOWEND if it is windowed.
	Rows *row.Source
	// Columns are the places of a stage's columns in its rows.
	Columns []RowColumn
}

// RowColumn is the place of a column in a stage's rows: among the values, the key, or
// both, or in the window. A deletion has no values.
type RowColumn struct {
	Value, Key int // -1: not there
	Bound      Bound
	// Step: the column is the row's step in the total order.
	Step bool
}

// Bound is one of the two bounds of a window.
type Bound uint8

// The bounds.
const (
	NoBound Bound = iota
	StartBound
	EndBound
)

// Sides are the numbers of the sources, or inputs, whose rows the stage reads: Source and,
// in a join, the other side.
func (q *Query) Sides() []int {
	sides := []int{q.Source}
	for _, j := range q.Joins {
		sides = append(sides, j.Source)
	}
	return sides
}

// Sinks returns the sink of each query, by the query's index.
func (p *Plan) Sinks() []*row.Sink {
	sinks := make([]*row.Sink, len(p.Queries))
	for i, q := range p.Queries {
		sinks[i] = q.Sink
	}
	return sinks
}

// Chained reports whether some stage follows another.
func (p *Plan) Chained() bool {
	return slices.ContainsFunc(p.Stages, func(q *Query) bool { return q.Inputs != nil })
}

// Retain is the state of a query over a table: the table's rows, by primary key.
type Retain struct {
	// Key is the primary key: the source's KEY columns, and after them the bounds of
	// its rows where it is windowed. All are Columns.
	Key []Expr
	// Changes: the stage precedes an aggregation over a table and emits the table's
	// changes. The first Groups of Items are the group of a row, the others are arguments.
	// See Undo.
	Changes bool
	Groups  int
}

// Split describes the keys of a query's state.
type Split struct {
	// By are the expressions over the source's columns that form the split key: records
	// with equal values share state and must go to the same partition. If By is empty and
	// Stateless is false, the query runs on one partition.
	By []Expr
	// Right are the matching expressions over the columns of a join's other side.
	Right []Expr
	// Stateless: any routing will do.
	Stateless bool
	// SourceKeyed: the source's KEY columns are among By, so that records with equal By
	// come from one topic-partition, if the source's producers partition by key.
	SourceKeyed bool
	// Reason is one sentence for EXPLAIN and the log.
	Reason string
}

// Aggregation groups rows and keeps an accumulator for each group and window.
type Aggregation struct {
	// GroupBy reads the source's columns; empty is one group for all rows.
	GroupBy    []Expr
	Aggregates []AggregateCall
	// Window is nil where groups live forever.
	Window *Window
	// Having is nil if the query has no HAVING. It has the scope of Query.Items.
	Having Expr
	Emit   Emit
	// WindowScope is emit_scope='window': each record emits all groups of its window.
	WindowScope bool
	// Undo is set over a table, where rows can also be removed from groups.
	Undo *Undo

	byText map[string][]int // indexes of Aggregates by their text
}

// Window defines the windows of a record. All lengths are in ms.
type Window struct {
	Kind WindowKind
	// Size is the length of a TUMBLING or HOPPING window: [start, start+Size), aligned to
	// the epoch. For a SESSION it is the gap: the session is [first, last+Size), and
	// includes each record at most Size away from one of its records.
	Size int64
	// Advance is the distance between the starts of HOPPING windows; it is Size for
	// TUMBLING.
	Advance int64
	// Grace: a window accepts a record while end + Grace > watermark; a SESSION while end +
	// Grace >= watermark.
	Grace int64
}

// WindowKind names the window function.
type WindowKind uint8

// The window functions.
const (
	Tumbling WindowKind = iota
	Hopping
	Session
)

func (k WindowKind) String() string {
	return [...]string{"TUMBLING", "HOPPING", "SESSION"}[k]
}
