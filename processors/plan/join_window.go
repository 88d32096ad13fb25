package plan

import (
	"parallax/processors/row"
	"parallax/processors/sql"
)

// joinWindows reports whether the join with a table, the last source so far, joins windowed
// rows, which match only if their windows are equal, too. It refuses joins that could match
// only by coincidence: rows with windows and rows without, and windows of different kinds
// or sizes.
func (b *builder) joinWindows(at sql.Pos, q *Query, sc *scope) (windowed bool, err error) {
	own := len(q.From) - 1
	left, right := b.joinedWindows(q), b.windowsOf(q.From[own])
	before, name := sc.from[0].name, sc.from[own].name
	if own > 1 {
		before = "the sources before " + name
	}
	switch {
	case left == nil && right == nil:
		return false, nil
	case right == nil:
		return false, b.errorf(at, "the rows of %s have windows, and those of %s have none: windowed rows join windowed rows", before, name)
	case left == nil:
		return false, b.errorf(at, "the rows of %s have windows, and those of %s have none: windowed rows join windowed rows", name, before).
			WithHint("GROUP BY over %s makes rows without windows", name)
	case left.Kind != right.Kind || left.Size != right.Size || left.Advance != right.Advance:
		return false, b.errorf(at, "the windows of %s (%s) are not those of %s (%s): rows match where key and window are equal", before, left.shape(), name, right.shape())
	}
	return true, nil
}

// joinedWindows returns the windows of the joined rows of all sources but the last one; nil
// if they have none.
func (b *builder) joinedWindows(q *Query) *Window {
	if n := len(q.Joins); n > 0 && !q.Joins[n-1].Windowed {
		return nil
	}
	return b.windowsOf(q.From[0])
}

// windowsOf returns the windows of a source's rows, which a projection or a join keeps; nil
// if they have none.
func (b *builder) windowsOf(in Input) *Window {
	if in.Stage < 0 || !in.Rows.Windowed {
		return nil
	}
	q := b.plan.Stages[in.Stage].Logical
	if q.Aggregation != nil {
		return q.Aggregation.Window
	}
	return b.windowsOf(q.From[0])
}

// joinedWindow sets the windows of a sink to the windows of the joined sources. They may
// change as long as one of the sources' windows may.
func joinedWindow(sink *row.Sink, from []Input) {
	for _, in := range from {
		sink.Windowed, sink.Session, sink.Grace = true, in.Rows.Session, max(sink.Grace, in.Rows.Grace)
	}
}

// needWindow marks the bounds of a source's windows, its last two columns, as needed.
func needWindow(src *row.Source) {
	if n := len(src.Columns); src.Windowed {
		src.Needed[n-2], src.Needed[n-1] = true, true
	}
}
