package sql

// Over is OVER (...), in both accents: PARTITION BY, ORDER BY, ROWS BETWEEN ...,
// and Velostream's ROWS WINDOW BUFFER n ROWS before them.
type Over struct {
	At          Pos
	PartitionBy []Expr
	OrderBy     []Order
	// Buffer is the digits of ROWS WINDOW BUFFER n ROWS, "" where it is absent.
	Buffer   string
	BufferAt Pos
	// Frame is nil if the clause has none.
	Frame *Frame
}

// Order is one expression of ORDER BY.
type Order struct {
	X          Expr
	Descending bool
	// Nulls is FIRST or LAST, "" if it is not stated.
	Nulls string
}

// Frame is ROWS|RANGE|GROUPS BETWEEN Start AND End; without BETWEEN its end is
// the current row.
type Frame struct {
	At         Pos
	Unit       string
	Start, End FrameBound
}

// FrameBound is one end of a frame.
type FrameBound struct {
	At   Pos
	Kind FrameBoundKind
	// Rows is the digits before PRECEDING and FOLLOWING, "" for UNBOUNDED.
	Rows string
}

// FrameBoundKind says on which side of the current row a bound is.
type FrameBoundKind uint8

// The bounds of a frame.
const (
	Preceding FrameBoundKind = iota
	CurrentRow
	Following
)

// over reads OVER (...), if it is next.
func (p *parser) over() *Over {
	if !p.is("OVER") {
		return nil
	}
	o := &Over{At: p.advance().at}
	p.expect("(")
	if p.is("ROWS", "WINDOW") {
		p.expect("ROWS", "WINDOW", "BUFFER")
		o.BufferAt, o.Buffer = p.peek().at, p.rows()
		p.expect("ROWS")
	}
	if p.accept("PARTITION") {
		p.expect("BY")
		o.PartitionBy = list(p, p.expression)
	}
	if p.accept("ORDER") {
		p.expect("BY")
		o.OrderBy = list(p, p.order)
	}
	for _, unit := range []string{"ROWS", "RANGE", "GROUPS"} {
		if p.is(unit) {
			o.Frame = p.frame(unit)
			break
		}
	}
	p.expect(")")
	return o
}

func (p *parser) order() Order {
	by := Order{X: p.expression()}
	if by.Descending = p.accept("DESC"); !by.Descending {
		p.accept("ASC")
	}
	if p.accept("NULLS") {
		if !p.isAny("FIRST", "LAST") {
			p.unexpected("FIRST or LAST", "FIRST", "LAST")
		}
		by.Nulls = p.advance().upper
	}
	return by
}

func (p *parser) frame(unit string) *Frame {
	f := &Frame{At: p.advance().at, Unit: unit}
	if !p.accept("BETWEEN") {
		f.Start = p.frameBound()
		f.End = FrameBound{At: f.Start.At, Kind: CurrentRow}
		return f
	}
	f.Start = p.frameBound()
	p.expect("AND")
	f.End = p.frameBound()
	return f
}

func (p *parser) frameBound() FrameBound {
	b := FrameBound{At: p.peek().at}
	if p.accept("CURRENT", "ROW") {
		b.Kind = CurrentRow
		return b
	}
	if !p.accept("UNBOUNDED") {
		b.Rows = p.rows()
	}
	switch {
	case p.accept("PRECEDING"):
	case p.accept("FOLLOWING"):
		b.Kind = Following
	default:
		p.unexpected("PRECEDING or FOLLOWING")
	}
	return b
}

// rows reads a number of rows.
func (p *parser) rows() string {
	t := p.peek()
	if t.kind != number || !IsWhole(t.text) {
		p.unexpected("a number of rows")
	}
	return p.advance().text
}
