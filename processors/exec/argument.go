package exec

import (
	"math"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// argument is what an aggregate sees of a record. Aggregates over the same
// expression share it.
type argument struct {
	// column is that of the source, -1 where it takes a function.
	column int
	kind   row.Kind
	scale  int
	whole  expression.WholeFunc
	double expression.DoubleFunc
	wide   expression.WideFunc
	text   expression.Eval // STRING, BYTES
	// uses is how many aggregates it is an argument of: a failure is one of each.
	uses int64
}

// operand is an argument's value: lo and hi are the words of a DECIMAL, lo the
// number or the bits of anything else but text.
type operand struct {
	lo    uint64
	hi    int64
	text  string
	valid bool
}

func compileArgument(e plan.Expr) (argument, error) {
	a := argument{column: -1, kind: e.Type().Kind, scale: e.Type().Scale}
	if c, ok := e.(*plan.Column); ok {
		a.column = c.Index
		return a, nil
	}
	var err error
	switch {
	case expression.IsWhole(a.kind):
		a.whole, err = expression.CompileWhole(e)
	case a.kind == row.Double:
		a.double, err = expression.CompileDouble(e)
	case a.kind == row.Decimal:
		a.wide, err = expression.CompileWide(e)
	default:
		a.text, err = expression.Compile(e)
	}
	return a, err
}

// read evaluates the argument.
func (a *argument) read(n *expression.Env, o *operand) expression.Flaw {
	if a.column >= 0 {
		c := n.Table.Columns[a.column]
		if o.valid = c.Valid(n.Row); !o.valid {
			return expression.IsNull
		}
		switch a.kind {
		case row.Decimal:
			v := c.Int128(n.Row)
			o.lo, o.hi = v.Lo, v.Hi
		case row.String, row.Bytes:
			o.text = c.Str(n.Row)
		case row.Array, row.Map, row.Struct: // only COUNT takes them
		default:
			o.lo = uint64(c.Int64(n.Row)) // of a DOUBLE its bits
		}
		return expression.Sound
	}
	var bad expression.Flaw
	switch {
	case a.whole != nil:
		var v int64
		v, bad = a.whole(n)
		o.lo = uint64(v)
	case a.double != nil:
		var v float64
		v, bad = a.double(n)
		o.lo = math.Float64bits(v)
	case a.wide != nil:
		var v row.Int128
		v, bad = a.wide(n)
		o.lo, o.hi = v.Lo, v.Hi
	default:
		v, err := a.text(n)
		o.text, bad = v.Str(), expression.FlawOf(v, err)
	}
	o.valid = bad == expression.Sound
	return bad
}

// readColumn reads the argument that is a column for some rows.
func (a *argument) readColumn(c *row.Vector, rows []int32, operands []operand) {
	operands = operands[:len(rows)]
	switch a.kind {
	case row.String, row.Bytes:
		for k, r := range rows {
			operands[k] = operand{text: c.Str(int(r)), valid: c.Valid(int(r))}
		}
	case row.Decimal:
		for k, r := range rows {
			v := c.Int128(int(r))
			o := &operands[k]
			o.lo, o.hi, o.valid = v.Lo, v.Hi, c.Valid(int(r))
		}
	case row.Array, row.Map, row.Struct: // only COUNT takes them
		for k, r := range rows {
			operands[k].valid = c.Valid(int(r))
		}
	default: // of a DOUBLE its bits
		for k, r := range rows {
			o := &operands[k]
			o.lo, o.valid = uint64(c.Int64(int(r))), c.Valid(int(r))
		}
	}
}
