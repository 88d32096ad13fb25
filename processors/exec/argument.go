package exec

import (
	"cmp"
	"math"
	"strings"

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

// set makes the operand a number of one word.
func (o *operand) set(n int64) { o.lo, o.hi = uint64(n), n>>63 }

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

// value is an operand as a value.
func (a *argument) value(o operand) row.Value {
	switch {
	case !o.valid:
		return row.Value{}
	case a.kind == row.Decimal:
		return row.NewDecimal(row.Int128{Hi: o.hi, Lo: o.lo}, a.scale)
	case a.kind == row.String:
		return row.NewString(o.text)
	case a.kind == row.Bytes:
		return row.NewBytes([]byte(o.text))
	case a.kind == row.Double:
		return double(o.lo)
	}
	return row.NewIntegral(a.kind, int64(o.lo))
}

// compare orders two operands that are not NULL, as row.Compare does.
func (a *argument) compare(x, y operand) int {
	switch a.kind {
	case row.Decimal:
		return row.Int128{Hi: x.hi, Lo: x.lo}.Cmp(row.Int128{Hi: y.hi, Lo: y.lo})
	case row.Double:
		return row.Compare(double(x.lo), double(y.lo))
	case row.String, row.Bytes:
		return strings.Compare(x.text, y.text)
	}
	return cmp.Compare(int64(x.lo), int64(y.lo))
}
