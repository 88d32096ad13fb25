package plan

import (
	"fmt"
	"strings"

	"parallax/processors/functions/aggregates"
	"parallax/processors/row"
)

// Over describes the earlier records that a query with OVER (...) reads: those of the same
// partition, in input order, which is the order of arrival and not of event time.
type Over struct {
	// PartitionBy reads the source's columns; empty is one partition for all records. All
	// OVER clauses of a query share it.
	PartitionBy []Expr
	// Calls are distinct: equal calls in the query's text share one.
	Calls []OverCall
	// After[i] says that item i of the query depends on calls; other items are computed
	// from the record alone.
	After []bool
}

// OverCall is a function with OVER.
type OverCall struct {
	Func OverFunc
	// Aggregate is the function of an OverAggregate.
	Aggregate aggregates.Name
	// Arg is nil for COUNT(*) and for functions without arguments. Arg, Others and Default
	// read the source's columns.
	Arg Expr
	// Others are further arguments of an aggregate, Constants the ones after those, as in
	// AggregateCall.
	Others    []Expr
	Constants []row.Value
	// Offset is how many rows Lag looks back. Default is its result if there is no such
	// row, nil for NULL. Arg and Default may have types other than the call's: the chosen
	// value is converted to it without rounding.
	Offset  int64
	Default Expr
	// Frame is used by OverAggregate, FirstValue and LastValue. The other functions read
	// the whole partition up to the record, as in standard SQL.
	Frame Frame
	Type  row.Type
	text  string
}

// Frame is the record itself and rows of its partition before it.
type Frame struct {
	// Preceding is how many rows before the record, at most.
	Preceding int64
	// Unbounded is UNBOUNDED PRECEDING: all earlier rows.
	Unbounded bool
}

// OverFunc names a function with OVER.
type OverFunc uint8

// The functions with OVER that can be run.
const (
	OverAggregate OverFunc = iota // an aggregate of the frame's rows, typed as in an Aggregation
	FirstValue                    // of the frame's first row, NULL or not
	LastValue                     // of the frame's last row, which is the record
	Lag                           // the value Offset rows before, independent of the frame
	RowNumber                     // BIGINT: 1, 2, 3 in input order
	// Rank and DenseRank are BIGINT. Consecutive rows with the same event time are peers:
	// Rank is the row number of the first of them, DenseRank the number of the group of
	// peers.
	Rank
	DenseRank
)

// OverValue is the value of Over.Calls[Index].
type OverValue struct {
	Index int
	Text  string // as SQL, for String
	T     row.Type
}

// Type is the call's.
func (e *OverValue) Type() row.Type { return e.T }

func (e *OverValue) String() string { return e.Text }

func (c OverCall) String() string { return c.text }

// AggregateCall returns the aggregate that an OverAggregate computes over the rows of the
// frame.
func (c OverCall) AggregateCall() *AggregateCall {
	a := &AggregateCall{Func: c.Aggregate, Constants: c.Constants, Type: c.Type}
	if c.Arg != nil {
		a.Args = append([]Expr{c.Arg}, c.Others...)
	}
	return a
}

func (f Frame) String() string {
	if f.Unbounded {
		return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
	}
	return fmt.Sprintf("ROWS BETWEEN %d PRECEDING AND CURRENT ROW", f.Preceding)
}

// splitOfOver returns how V2 may split a query with OVER.
func splitOfOver(o *Over, src *row.Source) Split {
	if len(o.PartitionBy) == 0 {
		return Split{Reason: "OVER without PARTITION BY: each record may look at any other, so one partition has to see them all"}
	}
	if s, ok := splitOfConstants(o.PartitionBy, "PARTITION BY of OVER"); ok {
		return s
	}
	return Split{
		By:          o.PartitionBy,
		SourceKeyed: keyedBy(o.PartitionBy, src),
		Reason:      "records of one PARTITION BY of OVER must be in one partition, and no two share a frame",
	}
}

// explainOver describes it for EXPLAIN.
func explainOver(line func(name, format string, args ...any), o *Over) {
	if len(o.PartitionBy) > 0 {
		line("partition", "by %s", list(o.PartitionBy))
	}
	for _, c := range o.Calls {
		call, _, _ := strings.Cut(c.text, " OVER ")
		switch c.Func {
		case OverAggregate, FirstValue, LastValue:
			line("over", "%s %s, %s", call, c.Type, strings.ToLower(c.Frame.String()))
		default:
			line("over", "%s %s", call, c.Type)
		}
	}
}
