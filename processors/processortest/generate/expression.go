package generate

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// env are the available operands of an expression.
type env struct {
	leaves []leaf
	// ofRecord: the expression is computed for one record, so NOW() is defined.
	ofRecord bool
}

// leaf is a column, a group, an aggregate, a parameter of a lambda.
type leaf struct {
	expr sql.Expr
	row.Type
}

// with draws in another environment.
func (g *generator) with(e env, draw func()) {
	kept := g.env
	g.env = e
	draw()
	g.env = kept
}

// expr returns a random expression for a place that accepts type t, nested up to depth.
func (g *generator) expr(t row.Type, depth int) sql.Expr {
	if depth > 0 && !g.one(4) {
		var fit []rule
		for _, r := range rules {
			if r.gives(t) {
				for range r.weight {
					fit = append(fit, r)
				}
			}
		}
		if x := pick(g, fit...).make(g, t, depth-1); x != nil {
			return x
		}
	}
	return g.leaf(t)
}

// less returns a smaller depth, often by more than one.
func (g *generator) less(depth int) int { return depth - g.IntN(2) }

// leaf returns a leaf that fits, or a constant.
func (g *generator) leaf(t row.Type) sql.Expr {
	var fit []leaf
	for _, l := range g.leaves {
		if fits(l.Type, t) {
			fit = append(fit, l)
		}
	}
	switch {
	case len(fit) > 0 && !g.one(6):
		return pick(g, fit...).expr
	case g.one(60):
		return &sql.Null{}
	}
	return g.literal(t)
}

// solid returns an expression that is not a bare NULL, which has no elements or fields.
func (g *generator) solid(t row.Type, depth int) sql.Expr {
	x := g.expr(t, depth)
	if _, bare := x.(*sql.Null); bare {
		return null(t)
	}
	return x
}

// rule makes expressions of a type; it returns nil if it cannot.
type rule struct {
	name   string
	weight int
	gives  func(t row.Type) bool
	make   func(g *generator, t row.Type, depth int) sql.Expr
}

func isNumeric(t row.Type) bool { return t.IsNumeric() }
func isBoolean(t row.Type) bool { return t.Kind == row.Boolean }
func always(row.Type) bool      { return true }

func isKind(k row.Kind) func(row.Type) bool {
	return func(t row.Type) bool { return t.Kind == k }
}

// rules are all ways to combine expressions.
var rules []rule

func init() { // in init, because some rules use the list
	rules = []rule{
		{"arithmetic", 3, isNumeric, (*generator).arithmetic},
		{"minus", 1, isNumeric, func(g *generator, t row.Type, depth int) sql.Expr {
			return &sql.Unary{Op: "-", X: g.expr(t, depth)}
		}},
		{"case", 1, always, (*generator).caseOf},
		{"cast", 1, always, (*generator).castTo},
		{"function", 5, always, (*generator).function},
		{"element", 1, always, (*generator).element},
		{"field", 1, always, (*generator).field},
		{"concatenation", 2, isKind(row.String), func(g *generator, t row.Type, depth int) sql.Expr {
			return &sql.Binary{Op: "||", L: g.expr(t, g.less(depth)), R: g.expr(t, g.less(depth))}
		}},
		{"ARRAY", 3, isKind(row.Array), func(g *generator, t row.Type, depth int) sql.Expr {
			a := &sql.ArrayOf{}
			for range 1 + g.IntN(3) {
				a.Items = append(a.Items, g.expr(*t.Elem, depth-1))
			}
			return a
		}},
		{"MAP", 3, isKind(row.Map), func(g *generator, t row.Type, depth int) sql.Expr {
			m := &sql.MapOf{}
			for range 1 + g.IntN(2) {
				m.Entries = append(m.Entries, sql.MapEntry{Key: g.expr(text, depth-1), Value: g.expr(*t.Elem, depth-1)})
			}
			return m
		}},
		{"STRUCT", 4, isKind(row.Struct), func(g *generator, t row.Type, depth int) sql.Expr {
			s := &sql.StructOf{}
			for _, f := range t.Fields {
				s.Fields = append(s.Fields, sql.StructField{Name: sql.Name{Text: f.Name}, Value: g.solid(f.Type, depth-1)})
			}
			return s
		}},
		{"comparison", 4, isBoolean, (*generator).comparison},
		{"AND and OR", 3, isBoolean, func(g *generator, t row.Type, depth int) sql.Expr {
			return &sql.Binary{Op: pick(g, "AND", "OR"), L: g.expr(t, g.less(depth)), R: g.expr(t, g.less(depth))}
		}},
		{"NOT", 1, isBoolean, func(g *generator, t row.Type, depth int) sql.Expr {
			return &sql.Unary{Op: "NOT", X: g.expr(t, depth)}
		}},
		{"IS NULL", 1, isBoolean, func(g *generator, _ row.Type, depth int) sql.Expr {
			return &sql.IsNull{X: g.expr(g.any(1), depth), Negated: g.one(2)}
		}},
		{"BETWEEN", 1, isBoolean, func(g *generator, _ row.Type, depth int) sql.Expr {
			of := g.scalar()
			return &sql.Between{X: g.expr(of, depth), Low: g.expr(of, depth-1), High: g.expr(of, depth-1), Negated: g.one(3)}
		}},
		{"IN", 1, isBoolean, (*generator).in},
		{"LIKE", 1, isBoolean, (*generator).like},
	}
}

// arithmetic combines an operand of the type with one that does not change the result's
// type.
func (g *generator) arithmetic(t row.Type, depth int) sql.Expr {
	other := t
	if narrower := g.numeric(); fits(narrower, t) {
		other = narrower
	}
	l, r := g.expr(t, g.less(depth)), g.expr(other, g.less(depth))
	if g.one(3) {
		l, r = r, l
	}
	return &sql.Binary{Op: pick(g, "+", "-", "*", "/", "%"), L: l, R: r}
}

func (g *generator) caseOf(t row.Type, depth int) sql.Expr {
	c := &sql.Case{}
	test := boolean
	if g.one(3) {
		test = g.scalar()
		c.Operand = g.solid(test, depth-1)
	}
	for range 1 + g.IntN(2) {
		c.Whens = append(c.Whens, sql.When{If: g.expr(test, g.less(depth)), Then: g.solid(t, depth-1)})
	}
	if g.one(2) {
		c.Else = g.expr(t, depth-1)
	}
	return c
}

// castTo casts from a type that can be cast to t.
func (g *generator) castTo(t row.Type, depth int) sql.Expr {
	if t.Kind == row.Timestamp && g.one(3) {
		return cast(cast(g.expr(bigint, depth), bigint), t) // an INT does not cast to a time
	}
	return cast(g.expr(g.castable(t), depth), t)
}

func (g *generator) castable(t row.Type) row.Type {
	switch t.Kind {
	case row.Int, row.Bigint, row.Double, row.Decimal:
		return pick(g, g.numeric(), g.numeric(), text)
	case row.String:
		if from := g.any(1); from.Kind != row.Bytes {
			return from
		}
	case row.Timestamp:
		return pick(g, text, date)
	case row.Date, row.Time:
		return pick(g, text, timestamp)
	case row.Boolean:
		return pick(g, text, boolean)
	case row.Array, row.Map:
		elem := g.castable(*t.Elem)
		return row.Type{Kind: t.Kind, Elem: &elem}
	case row.Struct:
		from := row.Of(row.Struct)
		for _, f := range t.Fields {
			from.Fields = append(from.Fields, row.Column{Name: f.Name, Type: g.castable(f.Type)})
		}
		return from
	}
	return t
}

// element returns an element of an ARRAY or MAP.
func (g *generator) element(t row.Type, depth int) sql.Expr {
	if g.one(2) {
		return &sql.Index{X: g.solid(arrayOf(t), depth), I: g.expr(integer, depth-2)}
	}
	return &sql.Index{X: g.solid(mapOf(t), depth), I: g.expr(text, depth-2)}
}

// field returns a field of a STRUCT, which is a leaf or a constructor.
func (g *generator) field(t row.Type, depth int) sql.Expr {
	var found []sql.Expr
	for _, l := range g.leaves {
		for _, f := range l.Fields {
			if fits(f.Type, t) {
				found = append(found, &sql.Field{X: l.expr, Name: sql.Name{Text: f.Name}})
			}
		}
	}
	if len(found) > 0 {
		return pick(g, found...)
	}
	s := row.Of(row.Struct)
	s.Fields = []row.Column{{Name: "A", Type: t}, {Name: "B", Type: g.scalar()}}
	return &sql.Field{X: g.solid(s, depth), Name: sql.Name{Text: "A"}}
}

// comparison compares; a text beside another type is read as that.
func (g *generator) comparison(_ row.Type, depth int) sql.Expr {
	of := g.any(1)
	ops := []string{"=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"}
	if !of.Kind.IsNested() {
		ops = append(ops, "=", "<", "<=", ">", ">=")
	}
	l, r := g.expr(of, g.less(depth)), g.expr(of, g.less(depth))
	if quoted := asText(of.Kind); len(quoted) > 0 && g.one(5) {
		r = &sql.Text{Value: pick(g, quoted...)}
	}
	return &sql.Binary{Op: pick(g, ops...), L: l, R: r}
}

// asText are texts that are read as a type beside it.
func asText(k row.Kind) []string {
	switch k {
	case row.Int, row.Bigint, row.Decimal, row.Double:
		return []string{"0", "1", "3"}
	case row.Boolean:
		return []string{"true", "false"}
	case row.Timestamp:
		return []string{"1970-01-01T00:01:45", "2024-02-29"}
	case row.Date:
		return []string{"1970-01-01"}
	case row.Time:
		return []string{"00:01:41"}
	}
	return nil
}

func (g *generator) in(_ row.Type, depth int) sql.Expr {
	of := g.scalar()
	in := &sql.In{X: g.expr(of, depth), Negated: g.one(3)}
	for range 1 + g.IntN(3) {
		in.List = append(in.List, g.expr(of, min(depth-1, g.IntN(2))))
	}
	return in
}

func (g *generator) like(_ row.Type, depth int) sql.Expr {
	like := &sql.Like{X: g.expr(text, depth), Pattern: &sql.Text{Value: pick(g, "%", "a%", "%_b%", "_", "A!%%", "")}, Negated: g.one(3)}
	if g.one(4) {
		like.Pattern = g.expr(text, 1)
	}
	if g.one(3) {
		like.Escape = &sql.Text{Value: "!"}
	}
	return like
}

// columnLeaves are the leaves of a record.
func (g *generator) columnLeaves(s *source, alias string) []leaf {
	ref := func(name string) sql.Expr {
		r := &sql.Ref{Name: sql.Name{Text: name}}
		if alias != "" && g.one(2) {
			r.Qualifier = sql.Name{Text: alias}
		}
		return r
	}
	var leaves []leaf
	for _, c := range s.columns {
		leaves = append(leaves, leaf{ref(c.Name), c.Type})
	}
	system := []leaf{
		{ref("ROWTIME"), bigint},
		{ref("ROWPARTITION"), integer},
		{ref("ROWOFFSET"), bigint},
		{ref("_topic"), text},
		{ref("_key"), text},
	}
	for i := range system {
		name := system[i].expr.(*sql.Ref)
		if name.Name.Text[0] == '_' {
			name.Name.Text = pick(g, "_TOPIC", "_KEY")
		}
	}
	return slices.Concat(leaves, leaves, []leaf{pick(g, system...)})
}
