package plan

import (
	"slices"

	"parallax/processors/row"
)

// Plan is a whole script. Query i's rows go to Queries[i].Sink.
type Plan struct {
	Sources []*row.Source
	Queries []*Query
	// Stages are what engines run, each after those that it takes rows from. The
	// last stage of a query is the Query itself; those before it are hidden.
	Stages []*Query
	// Warnings are for people: an EMIT FINAL without a window over an unbounded
	// input, say.
	Warnings []string
	// ExplainOnly says that a statement asked to be explained, not run.
	ExplainOnly bool
}

// Emit says when a query emits.
type Emit uint8

// EmitChanges emits each change at once, EmitFinal once when nothing can
// change the row any more.
const (
	EmitChanges Emit = iota
	EmitFinal
)

// Query is one statement that makes rows: a projection, perhaps with OVER, or an
// aggregation. Or it is a stage of one.
type Query struct {
	// Index is the index in Plan.Queries, Stage that in Plan.Stages.
	Index, Stage int
	// Hidden says that it is a stage before its query's last: its rows go on to
	// others, and Sink, which has no topic, says what they are like.
	Hidden bool
	// Ordered says that a hidden stage's rows go on in the total order of outputs,
	// not in the order in which they were made.
	Ordered bool
	// Inputs say where the rows come from of a stage that follows others: batches
	// are made of them for it, in which Source counts Inputs. nil: it takes the
	// topics' batches, in which Source counts Plan.Sources.
	Inputs []Input
	// Follows are the stages by whose rows the query's time is held back: those of
	// other queries' streams that it reads. The same for all stages of a query.
	Follows []int
	// Explain says that this query's statement asked to be explained, not run.
	Explain bool
	// Logical is the query as the statement has it, before it was cut into stages;
	// of a query that is one stage, itself. From are its sources, of which Column.Side
	// and System.Side count: FROM, and then those of Joins, in the order of the script.
	// Only a Logical query has them.
	Logical *Query
	From    []Input
	// Source is the number of the source, or input.
	Source int
	// Joins are the sources after Source, in the order of the script.
	Joins []Join
	// Where is nil where there is none. It sees the source's columns.
	Where Expr
	// Aggregation is nil for a projection.
	Aggregation *Aggregation
	// Distinct is SELECT DISTINCT: a projection lets each row through once, whose key
	// is all of its columns.
	Distinct bool
	// Over is nil where no item has OVER. Without an Aggregation only.
	Over *Over
	// Explode are the ARRAYs that a projection makes a row an element of; without
	// any it makes one row of each record. They see the source's columns.
	Explode []Expr
	// Retain is set where the source is a table whose rows have to be remembered.
	Retain *Retain
	// Items are the selected columns, one for each of Sink.Values. In a
	// projection they see the source's columns, and with Over its values, with
	// Explode the elements; in an aggregation only groups, aggregates and window
	// bounds.
	Items []Expr
	// Key has one expression for each of Sink.Key, in the scope of Items; with
	// Explode they see the source's columns alone.
	Key   []Expr
	names []naming // of columns of Key that another column than theirs names
	// Rekeyed is PARTITION BY: a projection's Key is not that of its source.
	Rekeyed bool
	// Limit is how many rows the query lets through, nil for all. The last stage of a
	// query that has one passes rows on and does nothing else.
	Limit *int64
	Sink  *row.Sink
	// Split says how V2 may route this query's records.
	Split Split
}

// Input is where a stage's rows come from: a topic, or another stage.
type Input struct {
	// Source is the index in Plan.Sources, Stage that in Plan.Stages; the other one
	// is -1.
	Source, Stage int
	// Rows are what the rows are like: a topic's are Plan.Sources[Source], a stage's
	// have its sink's columns, then the columns of its key that are not among them,
	// and WINDOWSTART and WINDOWEND where it is windowed.
	Rows *row.Source
	// Columns say where a stage's columns are in its rows.
	Columns []RowColumn
}

// RowColumn is where a column is in a stage's rows: among the values, the key, or
// both, or in the window. A deletion has no values.
type RowColumn struct {
	Value, Key int // -1: not there
	Bound      Bound
	// Step says that it is the row's step in the total order.
	Step bool
}

// Bound is one of a window's.
type Bound uint8

// The bounds.
const (
	NoBound Bound = iota
	StartBound
	EndBound
)

// Sides are the numbers of the sources, or inputs, whose rows the stage takes:
// Source, and of a join the other side's.
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

// Retain is what a query over a table remembers: the table's rows, by primary key.
type Retain struct {
	// Key is the primary key: the source's KEY columns, and after them the bounds of
	// its rows where it is windowed. All are Columns.
	Key []Expr
	// Changes says that it is a stage before an aggregation over a table, which hands on
	// what changes: of Items, from the first, so many Groups are the group of a row, and
	// the others arguments. See Undo.
	Changes bool
	Groups  int
}

// Split is what the planner derived about a query's state.
type Split struct {
	// By are the expressions over the source's columns that keep each piece of
	// state whole: records that agree on them must meet. Empty with Stateless
	// false means that the query runs on one partition.
	By []Expr
	// Right are as many over the columns of a join's other side.
	Right []Expr
	// Stateless: any routing will do.
	Stateless bool
	// SourceKeyed: the source's KEY columns are among By, so that records that
	// agree on By come from one topic-partition, if the source's producers
	// partition by key.
	SourceKeyed bool
	// Reason is one sentence for EXPLAIN and the log.
	Reason string
}

// Aggregation groups rows and keeps an accumulator for each group and window.
type Aggregation struct {
	// GroupBy sees the source's columns; empty is one group over everything.
	GroupBy    []Expr
	Aggregates []AggregateCall
	// Window is nil where groups live forever.
	Window *Window
	// Having is nil where there is none. It has the scope of Query.Items.
	Having Expr
	Emit   Emit
	// WindowScope is emit_scope='window': each record emits every group of its
	// window again.
	WindowScope bool
	// Undo is set over a table: rows are taken away again.
	Undo *Undo

	byText map[string][]int // indexes of Aggregates by their text
}

// Window says which windows a record is in. All are in ms.
type Window struct {
	Kind WindowKind
	// Size is how long a TUMBLING or HOPPING window is: [start, start+Size),
	// aligned to the epoch. Of a SESSION it is the gap: it is [first, last+Size),
	// and takes what is no further than Size from a record of its own.
	Size int64
	// Advance is how far HOPPING windows are apart; Size for TUMBLING.
	Advance int64
	// Grace: a window takes a record while end + Grace > watermark; a SESSION
	// while end + Grace >= watermark.
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
