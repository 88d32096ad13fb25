package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// joinSides are the two sides of a join, of which one has the record that acts.
type joinSides struct {
	sides [2]joinSide
	opt   Options
	batch *row.Batch
	out   *Result
	// tuple is the key of the record that acts, of so many columns, and after it the
	// bounds of its window where the join is of windowed rows: then rows match where
	// these are equal too.
	tuple    []row.Value
	width    int
	windowed bool
}

// joinSide describes the rows of a side.
type joinSide struct {
	source int32
	// A row at t matches the other side's rows from t - before to t + after.
	before, after int64
	// outer says that rows come out without a match too.
	outer bool
	key   []keyPart
	// values are the side's values in a joined row.
	values []keyPart
	// now is the column that has NOW() of rows that another join made, -1 where it is
	// the record's.
	now int
	// bounds is the first of the two columns that are the window's.
	bounds int
	env    expression.Env
}

func (j *joinSides) compile(q *plan.Query) error {
	def := &q.Joins[0]
	left, right := &j.sides[plan.LeftSide], &j.sides[plan.RightSide]
	left.source, right.source = int32(q.Source), int32(def.Source)
	left.outer, right.outer = def.Outer()
	j.width = len(def.Left)
	j.tuple = make([]row.Value, j.width)
	if j.windowed = def.Windowed; j.windowed {
		j.tuple = make([]row.Value, j.width+2)
		for i := range j.sides {
			j.sides[i].bounds = len(q.Inputs[j.sides[i].source].Rows.Columns) - 2
		}
	}
	for i, key := range [][]plan.Expr{def.Left, def.Right} {
		if err := j.sides[i].compile(key, def.Row, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *joinSide) compile(key []plan.Expr, columns []plan.JoinedColumn, side int) error {
	var err error
	if s.key, err = compileKey(expression.AllRooted(key)); err != nil {
		return err
	}
	s.now = -1
	var list []plan.Expr
	for _, c := range columns {
		if of, made := c.Of.(*plan.Column); made && c.Side == plan.EitherSide && side == plan.LeftSide {
			s.now = of.Index
		}
		if c.Side == side {
			list = append(list, c.Of)
		}
	}
	s.values, err = compileKey(expression.AllRooted(list))
	return err
}

func (j *joinSides) begin(b *row.Batch, out *Result) {
	j.batch, j.out = b, out
	for i := range j.sides {
		s := &j.sides[i]
		s.env.Batch, s.env.Table = b, b.Table(int(s.source))
	}
}

// at points the side that record i is of at it.
func (j *joinSides) at(i int) (own int, s *joinSide) {
	own = plan.LeftSide
	if j.batch.Record(i).Source != j.sides[own].source {
		own = plan.RightSide
	}
	s = &j.sides[own]
	s.env.At(i)
	return own, s
}

// evaluate writes the key of the present record, and its window, into tuple, and returns the
// tuple's hash. The argument hash is the key's. joins says that the key can equal another one: a key
// with NULL cannot. If ok is false, the record needs no further processing and d is its
// disposition.
func (j *joinSides) evaluate(s *joinSide, i int, hash uint64, hashed bool) (of uint64, joins bool, d row.Disposition, ok bool) {
	joins = true
	for n := range s.key {
		v, err := s.key[n].value(&s.env)
		if err != nil {
			if j.opt.ErrorsToDeadLetter {
				return 0, false, j.out.refuse(i, err), false
			}
			j.out.ExpressionErrors++
			v = row.Value{}
		}
		joins = joins && equalsItself(v)
		j.tuple[n] = v.AsKey()
	}
	if !joins && !s.outer {
		return 0, false, row.Filtered, false
	}
	if j.windowed {
		for n := range 2 {
			j.tuple[j.width+n] = s.env.Table.Columns[s.bounds+n].Value(s.env.Row)
		}
	}
	if !hashed || j.windowed { // V2 splits by the key alone
		hash = row.Hash(j.tuple)
	}
	return hash, joins, 0, true
}

// read evaluates what a joined row has of the record. System columns and columns as
// they are do not fail.
func (s *joinSide) read(r *joinRow) {
	r.values = r.values[:0]
	for i := range s.values {
		v, _ := s.values[i].value(&s.env)
		r.values = append(r.values, v)
	}
}

// rowNow is NOW() of the row that the side is at, in ms; below 0 for none.
func (s *joinSide) rowNow() int64 {
	if s.now < 0 {
		return s.env.Record.Now
	}
	if c := s.env.Table.Columns[s.now]; c.Valid(s.env.Row) {
		return c.Int64(s.env.Row)
	}
	return -1
}

// value evaluates a part of a key.
func (p *keyPart) value(n *expression.Env) (row.Value, error) {
	if p.column >= 0 {
		return n.Table.Columns[p.column].Value(n.Row), nil
	}
	return p.f(n)
}

// equalsItself reports whether a value matches anything: NULL and NaN do not.
func equalsItself(v row.Value) bool {
	if v.Kind() == row.Double {
		return v.Float64() == v.Float64()
	}
	return !v.IsNull()
}
