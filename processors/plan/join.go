package plan

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// Join adds one source to a query. Rows match where each expression of Left, over the
// sources before it, equals the expression of Right with the same index, over the joined
// source. The two have one type. There is at least one pair, in the order of ON. Each
// expression is evaluated once for each row and the value is kept; a failed evaluation is
// NULL.
type Join struct {
	Kind sql.JoinKind
	// Source is the number of the source, or input.
	Source      int
	Left, Right []Expr
	// Windowed: the rows of both sides have windows, which must be equal, too. The bounds
	// are the last two columns of each side's rows.
	Windowed bool
	// Within is set between streams only.
	Within *Within
	// Tables says which of the two sides are tables. It is set in stages only.
	Tables [2]bool
	// Row are the columns of the joined row, which all expressions of a stage that
	// joins see but Left and Right. Only a stage has it.
	Row []JoinedColumn

	at    []sql.Pos // of each equality
	taken int       // see takenKeyNames
}

// Outer reports, for each side, whether its rows are emitted without a match, too.
func (j Join) Outer() (left, right bool) {
	return j.Kind == sql.LeftJoin || j.Kind == sql.FullJoin, j.Kind == sql.RightJoin || j.Kind == sql.FullJoin
}

// Within limits how much earlier (Before) and how much later (After) than the left row the
// right row may be, in ms of event time, both inclusive. One of them may be negative. Grace
// is -1 if the query has none: then an outer row is emitted at once.
//
// A row is late, and is dropped, if its time + Size + Kept < watermark. A row's window is
// the range of times that it matches: for a left row up to its time + After, for a right
// row up to its time + Before. The window is open, so that rows of the other side still
// match, while its end + Kept >= watermark. A row of an outer side without a match is
// emitted alone when its window closes. Without a Grace it is emitted at once if it has no
// match when it arrives.
type Within struct{ Before, After, Grace int64 }

// Size is the largest distance in time of two rows that match one row.
func (w *Within) Size() int64 { return row.AddTime(w.Before, w.After) }

// Kept is the grace, or its default if the query has none.
func (w *Within) Kept() int64 {
	if w.Grace >= 0 {
		return w.Grace
	}
	return max(0, defaultRetention-w.Size())
}

// sourceNameIn is the name of a source in a query.
func sourceNameIn(f sql.From) string {
	if f.Alias.Text != "" {
		return f.Alias.Text
	}
	return f.Source.Text
}

// join adds a source to the scope and its condition to the query.
func (b *builder) join(q *Query, j sql.Join, sc *scope) error {
	in, err := b.source(j.From.Source)
	if err != nil {
		return err
	}
	q.From = append(q.From, in)
	src := in.Rows
	name := sourceNameIn(j.From)
	for _, f := range sc.from {
		if f.name == name {
			return b.errorf(j.From.Source.At, "two sources of the query are called %s: give one an alias", name)
		}
	}
	table := true // a join with a stream is a stream
	for _, f := range sc.from {
		table = table && f.src.Table
	}
	sc.from = append(sc.from, from{src: src, name: name})
	out := Join{Kind: j.Kind, Source: in.Source, taken: takenKeyNames(sc.from)}
	if w := j.Within; w != nil {
		out.Within = &Within{Before: w.Before, After: w.After, Grace: w.Grace}
	}
	for _, c := range conjuncts(j.On) {
		if err := b.joinCondition(&out, c, sc); err != nil {
			return err
		}
	}
	if len(out.Left) == 0 {
		return b.errorf(j.On.Pos(), "a join's condition is an equality of its two sides, such as %s.K = %s.K", sc.from[0].name, name)
	}
	var before Join
	if n := len(q.Joins); n > 0 {
		before = q.Joins[n-1]
	}
	if err := b.joinSides(j, out, sc, table, src); err != nil {
		return err
	}
	if err := b.joinTables(out, sc, table, before); err != nil {
		return err
	}
	if src.Table {
		if out.Windowed, err = b.joinWindows(j.At, q, sc); err != nil {
			return err
		}
	}
	q.Joins = append(q.Joins, out)
	sc.from[len(sc.from)-1].join = &out
	return nil
}

// conjuncts splits an expression at its ANDs.
func conjuncts(e sql.Expr) []sql.Expr {
	var all []sql.Expr
	for {
		and, ok := e.(*sql.Binary)
		if !ok || and.Op != "AND" {
			break
		}
		all = append(all, conjuncts(and.R)...)
		e = and.L
	}
	slices.Reverse(all)
	return append([]sql.Expr{e}, all...)
}

// joinCondition binds one conjunct of ON: an equality, or BETWEEN on times.
func (b *builder) joinCondition(out *Join, e sql.Expr, sc *scope) error {
	switch e := e.(type) {
	case *sql.Binary:
		if e.Op != "=" {
			break
		}
		return b.joinEquality(out, e, sc)
	case *sql.Between:
		if e.Negated {
			break
		}
		if out.Within != nil {
			return b.errorf(e.Pos(), "the join has two conditions on time: write one BETWEEN")
		}
		return b.joinBetween(out, e, sc)
	}
	return b.refuseCondition(out, e.Pos(), "a join's condition is equalities of its two sides, perhaps with BETWEEN on their times")
}

// refuseCondition refuses a condition that ON does not support. For an inner join the message suggests
// WHERE.
func (b *builder) refuseCondition(out *Join, at sql.Pos, why string) error {
	err := b.errorf(at, "%s", why)
	if out.Kind == sql.InnerJoin {
		return err.WithHint("put it into WHERE")
	}
	return err
}

func (b *builder) joinEquality(out *Join, e *sql.Binary, sc *scope) error {
	l, err := sc.bind(e.L)
	if err != nil {
		return err
	}
	r, err := sc.bind(e.R)
	if err != nil {
		return err
	}
	own := len(sc.from) - 1
	lo, lOther := sides(l, own)
	ro, rOther := sides(r, own)
	switch {
	case ro && !rOther && lOther && !lo:
	case lo && !lOther && rOther && !ro:
		l, r = r, l
	default:
		return b.errorf(e.At, "an equality of a join compares an expression over %s with one over the sources before it", sc.from[own].name)
	}
	if !l.Type().Equal(r.Type()) {
		return b.errorf(e.At, "%s is %s and %s is %s: keys of different types are partitioned differently", l, l.Type(), r, r.Type()).
			WithHint("CAST one of them, so that the join says so")
	}
	for i := range out.Left {
		if Same(out.Left[i], l) && Same(out.Right[i], r) {
			return nil // the same equality twice
		}
	}
	out.Left, out.Right, out.at = append(out.Left, l), append(out.Right, r), append(out.at, e.Pos())
	return nil
}

// sides reports whether an expression reads the side own, and whether it reads another one.
func sides(e Expr, own int) (sees, others bool) {
	note := func(side int) {
		sees = sees || side == own
		others = others || side != own
	}
	walk(e, func(e Expr) {
		switch e := e.(type) {
		case *Column:
			note(e.Side)
		case *System:
			if e.Which != RowNow { // the record's, whichever side it is of
				note(e.Side)
			}
		}
	})
	return sees, others
}

// joinBetween binds a.time BETWEEN b.time - INTERVAL ... AND b.time + INTERVAL ....
func (b *builder) joinBetween(out *Join, e *sql.Between, sc *scope) error {
	x, offset, err := b.shiftedTime(e.X, sc)
	if err != nil {
		return err
	}
	low, from, err := b.shiftedTime(e.Low, sc)
	if err != nil {
		return err
	}
	high, to, err := b.shiftedTime(e.High, sc)
	if err != nil {
		return err
	}
	own := len(sc.from) - 1
	from, to = from-offset, to-offset
	switch {
	case low != high || (x == own) == (low == own):
		return b.errorf(e.Pos(), "BETWEEN in a join compares the event time of %s with that of a source before it", sc.from[own].name)
	case from > to:
		return b.errorf(e.Low.Pos(), "no event time lies between these bounds")
	case x == own:
		out.Within = &Within{Before: -from, After: to, Grace: -1}
	default:
		out.Within = &Within{Before: to, After: -from, Grace: -1}
	}
	return nil
}

// shiftedTime reads a source's event time, perhaps plus or minus an INTERVAL.
func (b *builder) shiftedTime(e sql.Expr, sc *scope) (side int, offset int64, err error) {
	if sum, ok := e.(*sql.Binary); ok && (sum.Op == "+" || sum.Op == "-") {
		if by, ok := sum.R.(*sql.Interval); ok {
			side, offset, err = b.shiftedTime(sum.L, sc)
			if sum.Op == "-" {
				return side, offset - by.MS, err
			}
			return side, offset + by.MS, err
		}
	}
	x, err := sc.bind(e)
	if err != nil {
		return 0, 0, err
	}
	for side := range sc.from {
		if sc.isEventTime(x, side) {
			return side, 0, nil
		}
	}
	return 0, 0, b.errorf(e.Pos(), "BETWEEN in a join takes event times, and %s is not one", x)
}

// joinSides refuses kinds of joins that streams and tables do not have.
func (b *builder) joinSides(j sql.Join, out Join, sc *scope, leftTable bool, src *row.Source) error {
	switch {
	case leftTable && !src.Table:
		return b.errorf(j.At, "a table cannot be joined to a stream: write the stream first")
	case !leftTable && !src.Table && out.Within == nil:
		return b.errorf(j.At, "a join of streams requires WITHIN, or BETWEEN on their times: without it all rows would be kept for ever")
	case src.Table && out.Within != nil:
		return b.errorf(j.At, "%s is a table: its current row is looked up, without WITHIN", src.Name)
	case !leftTable && src.Table && (j.Kind == sql.RightJoin || j.Kind == sql.FullJoin):
		return b.errorf(j.At, "a stream and a table have JOIN and LEFT JOIN: an update of the table alone emits nothing")
	}
	return nil
}

func (j Join) explain(src *row.Source) string {
	kind := [...]string{sql.InnerJoin: "INNER", sql.LeftJoin: "LEFT", sql.RightJoin: "RIGHT", sql.FullJoin: "FULL"}[j.Kind]
	text := fmt.Sprintf("%s, %s, on %s", kind, src.Name, j.condition())
	if j.Windowed {
		text += " and the window"
	}
	if w := j.Within; w != nil {
		text += fmt.Sprintf(", from %v before to %v after", ms(w.Before), ms(w.After))
		if w.Grace >= 0 {
			text += fmt.Sprintf(", grace %v", ms(w.Grace))
		}
	}
	return text
}

func (j Join) condition() string {
	var all []string
	for i := range j.Left {
		all = append(all, fmt.Sprintf("%s = %s", j.Left[i], j.Right[i]))
	}
	return strings.Join(all, " and ")
}
