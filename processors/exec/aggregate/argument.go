package aggregate

import (
	"cmp"
	"math"
	"strings"

	"parallax/processors/exec/expression"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Argument is a value of a record that an aggregate reads. Aggregates over the same expression
// share it.
type Argument struct {
	// Column is the number of the source's column, or -1 if the argument is an expression.
	Column int
	Kind   row.Kind
	Scale  int
	whole  expression.WholeFunc
	double expression.DoubleFunc
	wide   expression.WideFunc
	text   expression.Eval // STRING, BYTES
	// Uses is the number of aggregates that share the argument: a failure counts once for each.
	Uses int64
}

// Operand is the value of an argument: Lo and Hi are the words of a DECIMAL; of other
// types that are not text, Lo is the number or the bits.
type Operand struct {
	Lo    uint64
	Hi    int64
	Text  string
	Valid bool
}

// Set makes the operand a number of one word.
func (o *Operand) Set(n int64) { o.Lo, o.Hi = uint64(n), n>>63 }

// CompileArgument compiles an expression into an argument.
func CompileArgument(e plan.Expr) (Argument, error) {
	a := Argument{Column: -1, Kind: e.Type().Kind, Scale: e.Type().Scale}
	if c, ok := e.(*plan.Column); ok {
		a.Column = c.Index
		return a, nil
	}
	var err error
	switch {
	case expression.IsWhole(a.Kind):
		a.whole, err = expression.CompileWhole(e)
	case a.Kind == row.Double:
		a.double, err = expression.CompileDouble(e)
	case a.Kind == row.Decimal:
		a.wide, err = expression.CompileWide(e)
	default:
		a.text, err = expression.Compile(e)
	}
	return a, err
}

// Read evaluates the argument.
func (a *Argument) Read(n *expression.Env, o *Operand) expression.Flaw {
	if a.Column >= 0 {
		c := n.Table.Columns[a.Column]
		if o.Valid = c.Valid(n.Row); !o.Valid {
			return expression.IsNull
		}
		switch a.Kind {
		case row.Decimal:
			v := c.Int128(n.Row)
			o.Lo, o.Hi = v.Lo, v.Hi
		case row.String, row.Bytes:
			o.Text = c.Str(n.Row)
		case row.Array, row.Map, row.Struct: // only COUNT takes them
		default:
			o.Lo = uint64(c.Int64(n.Row)) // of a DOUBLE its bits
		}
		return expression.Sound
	}
	var bad expression.Flaw
	switch {
	case a.whole != nil:
		var v int64
		v, bad = a.whole(n)
		o.Lo = uint64(v)
	case a.double != nil:
		var v float64
		v, bad = a.double(n)
		o.Lo = math.Float64bits(v)
	case a.wide != nil:
		var v numeric.Int128
		v, bad = a.wide(n)
		o.Lo, o.Hi = v.Lo, v.Hi
	default:
		v, err := a.text(n)
		o.Text, bad = v.Str(), expression.FlawOf(v, err)
	}
	o.Valid = bad == expression.Sound
	return bad
}

// ReadColumn reads an argument that is a column, for several rows.
func (a *Argument) ReadColumn(c *row.Vector, rows []int32, operands []Operand) {
	operands = operands[:len(rows)]
	switch a.Kind {
	case row.String, row.Bytes:
		for k, r := range rows {
			operands[k] = Operand{Text: c.Str(int(r)), Valid: c.Valid(int(r))}
		}
	case row.Decimal:
		for k, r := range rows {
			v := c.Int128(int(r))
			o := &operands[k]
			o.Lo, o.Hi, o.Valid = v.Lo, v.Hi, c.Valid(int(r))
		}
	case row.Array, row.Map, row.Struct: // only COUNT takes them
		for k, r := range rows {
			operands[k].Valid = c.Valid(int(r))
		}
	default: // of a DOUBLE its bits
		for k, r := range rows {
			o := &operands[k]
			o.Lo, o.Valid = uint64(c.Int64(int(r))), c.Valid(int(r))
		}
	}
}

// Value returns an operand as a value.
func (a *Argument) Value(o Operand) row.Value {
	switch {
	case !o.Valid:
		return row.Value{}
	case a.Kind == row.Decimal:
		return row.NewDecimal(numeric.Int128{Hi: o.Hi, Lo: o.Lo}, a.Scale)
	case a.Kind == row.String:
		return row.NewString(o.Text)
	case a.Kind == row.Bytes:
		return row.NewBytes([]byte(o.Text))
	case a.Kind == row.Double:
		return double(o.Lo)
	}
	return row.NewIntegral(a.Kind, int64(o.Lo))
}

// Compare orders two operands that are not NULL, as row.Compare does.
func (a *Argument) Compare(x, y Operand) int {
	switch a.Kind {
	case row.Decimal:
		return numeric.Int128{Hi: x.Hi, Lo: x.Lo}.Cmp(numeric.Int128{Hi: y.Hi, Lo: y.Lo})
	case row.Double:
		return row.Compare(double(x.Lo), double(y.Lo))
	case row.String, row.Bytes:
		return strings.Compare(x.Text, y.Text)
	}
	return cmp.Compare(int64(x.Lo), int64(y.Lo))
}
