package sql_test

import (
	"strconv"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// gen draws random trees that the parser could produce.
type gen struct{ t *rapid.T }

func (g gen) pick(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "pick") }
func (g gen) coin() bool     { return rapid.Bool().Draw(g.t, "coin") }
func (g gen) of(all ...string) string {
	return rapid.SampledFrom(all).Draw(g.t, "of")
}

func several[T any](g gen, least int, make func() T) []T {
	var all []T
	for range least + g.pick(3) {
		all = append(all, make())
	}
	return all
}

func (g gen) name() sql.Name {
	return sql.Name{Text: g.of("A", "B1", "_C", "X$", "ARRAY", "MAP", "DATE", "SIZE", "ROWS", "SELECT", "lower", "two words", "tick`tock", `say "x"`, "Ä")}
}

func (g gen) text() *sql.Text {
	return &sql.Text{Value: g.of("", "x", "it's", "two\nlines", "-- x", "/*", "é%_")}
}

func (g gen) number() string {
	return g.of("0", "7", "1.5", ".25", "3.", "1e3", "2.5E-7", "99999999999999999999")
}
func (g gen) ms() int64 { return []int64{1, 250, 1000, 90_000, 3_600_000, 172_800_000}[g.pick(6)] }
func (g gen) grace() int64 {
	return []int64{-1, 0, 1000, 86_400_000}[g.pick(4)]
}

func (g gen) typ(depth int) row.Type {
	n := 11
	if depth > 0 {
		n = 14
	}
	switch k := 1 + g.pick(n-1); row.Kind(k) {
	case row.Decimal:
		return row.DecimalType(10+g.pick(20), g.pick(10))
	case row.Array, row.Map:
		elem := g.typ(depth - 1)
		return row.Type{Kind: row.Kind(k), Elem: &elem}
	case row.Struct:
		t := row.Type{Kind: row.Struct}
		for i := range 1 + g.pick(3) {
			t.Fields = append(t.Fields, row.Column{Name: g.name().Text + strconv.Itoa(i), Type: g.typ(depth - 1)})
		}
		return t
	default:
		return row.Of(row.Kind(k))
	}
}

func (g gen) ref() *sql.Ref {
	r := &sql.Ref{Name: g.name()}
	if g.coin() {
		r.Qualifier = g.name()
	}
	return r
}

// leaf draws an expression without others in it.
func (g gen) leaf() sql.Expr {
	switch g.pick(8) {
	case 0:
		return &sql.Null{}
	case 1:
		return &sql.Bool{Value: g.coin()}
	case 2:
		return &sql.Number{Text: g.number()}
	case 3:
		return g.text()
	case 4:
		return &sql.Interval{MS: g.ms()}
	case 5:
		return &sql.TypedText{Kind: []row.Kind{row.Date, row.Time, row.Timestamp}[g.pick(3)], Value: g.text().Value}
	default:
		return g.ref()
	}
}

func (g gen) expr(depth int) sql.Expr {
	if depth <= 0 {
		return g.leaf()
	}
	x := func() sql.Expr { return g.expr(depth - 1 - g.pick(2)) }
	switch g.pick(16) {
	case 0, 1, 2:
		return &sql.Binary{
			Op: g.of("+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
			L:  x(), R: x(),
		}
	case 3:
		return &sql.Unary{Op: g.of("-", "NOT"), X: x()}
	case 4:
		return &sql.IsNull{X: x(), Negated: g.coin()}
	case 5:
		return &sql.Between{X: x(), Low: x(), High: x(), Negated: g.coin()}
	case 6:
		return &sql.In{X: x(), List: several(g, 1, x), Negated: g.coin()}
	case 7:
		like := &sql.Like{X: x(), Pattern: x(), Negated: g.coin()}
		if g.coin() {
			like.Escape = &sql.Text{Value: g.of("!", "'", "é")}
		}
		return like
	case 8:
		c := &sql.Case{Whens: several(g, 1, func() sql.When { return sql.When{If: x(), Then: x()} })}
		if g.coin() {
			c.Operand = x()
		}
		if g.coin() {
			c.Else = x()
		}
		return c
	case 9:
		return &sql.Cast{X: x(), Type: sql.TypeName{Type: g.typ(2)}}
	case 10:
		return &sql.Extract{Part: sql.Name{Text: g.of("YEAR", "DATE", "HOUR")}, X: x()}
	case 11:
		return &sql.Field{X: x(), Name: g.name()}
	case 12:
		return &sql.Index{X: x(), I: x()}
	case 13:
		return g.constructor(x)
	default:
		return g.call(x)
	}
}

func (g gen) constructor(x func() sql.Expr) sql.Expr {
	switch g.pick(3) {
	case 0:
		return &sql.ArrayOf{Items: several(g, 0, x)}
	case 1:
		return &sql.MapOf{Entries: several(g, 0, func() sql.MapEntry { return sql.MapEntry{Key: x(), Value: x()} })}
	default:
		return &sql.StructOf{Fields: several(g, 0, func() sql.StructField { return sql.StructField{Name: g.name(), Value: x()} })}
	}
}

func (g gen) call(x func() sql.Expr) sql.Expr {
	c := &sql.Call{Name: sql.Name{Text: g.of("COUNT", "F", "DATE", "ARRAY")}}
	if c.Star = g.pick(4) == 0; !c.Star {
		c.Args = several(g, 0, func() sql.Expr {
			if g.pick(4) == 0 {
				return &sql.Lambda{Params: several(g, 1, g.name), Body: x()}
			}
			return x()
		})
		c.Distinct = len(c.Args) > 0 && g.coin()
	}
	if g.pick(3) == 0 {
		c.Over = g.over(x)
	}
	return c
}

func (g gen) over(x func() sql.Expr) *sql.Over {
	o := &sql.Over{PartitionBy: several(g, 0, x)}
	o.OrderBy = several(g, 0, func() sql.Order {
		return sql.Order{X: x(), Descending: g.coin(), Nulls: g.of("", "FIRST", "LAST")}
	})
	if g.coin() {
		o.Buffer = "10"
	}
	if g.coin() {
		o.Frame = &sql.Frame{Unit: g.of("ROWS", "RANGE", "GROUPS"), Start: g.bound(), End: g.bound()}
	}
	return o
}

func (g gen) bound() sql.FrameBound {
	b := sql.FrameBound{Kind: sql.FrameBoundKind(g.pick(3))}
	if b.Kind != sql.CurrentRow {
		b.Rows = g.of("", "3")
	}
	return b
}

func (g gen) from() sql.From {
	f := sql.From{Source: g.name()}
	if g.coin() {
		f.Alias = g.name()
	}
	return f
}

func (g gen) join() sql.Join {
	j := sql.Join{Kind: sql.JoinKind(g.pick(4)), From: g.from(), On: g.expr(2)}
	if g.coin() {
		j.Within = &sql.Within{Before: g.ms(), After: g.ms(), Grace: g.grace()}
	}
	return j
}

func (g gen) window() *sql.Window {
	w := &sql.Window{Kind: g.of("TUMBLING", "HOPPING", "SLIDING", "SESSION"), Size: g.ms(), Grace: g.grace(), Retention: g.grace()}
	if w.Kind == "HOPPING" || w.Kind == "SLIDING" {
		w.Advance = g.ms()
	}
	if g.coin() {
		w.Column = g.ref()
	}
	return w
}

func (g gen) item() sql.Item {
	switch g.pick(5) {
	case 0:
		return sql.Item{Star: true}
	case 1:
		return sql.Item{Star: true, Qualifier: g.name()}
	case 2:
		return sql.Item{Star: true, Expr: g.ref()}
	case 3:
		return sql.Item{Expr: g.expr(3), Alias: g.name()}
	default:
		return sql.Item{Expr: g.expr(4)}
	}
}

func (g gen) query() *sql.Select {
	s := &sql.Select{
		Distinct: g.coin(), Items: several(g, 1, g.item), From: g.from(), Joins: several(g, 0, g.join), Emit: sql.Emit(g.pick(3)),
	}
	deep := func() sql.Expr { return g.expr(3) }
	if g.coin() {
		s.Where = deep()
	}
	if g.coin() {
		s.GroupBy = several(g, 1, deep)
	}
	if g.coin() {
		s.Having = deep()
	}
	if g.coin() {
		s.PartitionBy = several(g, 1, deep)
	}
	if g.coin() {
		s.Window = g.window()
	}
	if g.coin() {
		s.Limit = "12"
	}
	return s
}

func (g gen) with() []sql.Property {
	return several(g, 0, func() sql.Property {
		return sql.Property{Name: g.name(), Value: g.of("", "json", "it's", "3", "-7", "1.50", "true", "false")}
	})
}

func (g gen) statement() sql.Statement {
	if g.pick(3) == 0 {
		return &sql.CreateSource{Table: g.coin(), Name: g.name(), With: g.with(), Columns: several(g, 1, func() sql.ColumnDef {
			c := sql.ColumnDef{Name: g.name(), Type: sql.TypeName{Type: g.typ(3)}}
			switch g.pick(5) {
			case 0:
				c.Key = true
			case 1:
				c.Primary = true
			case 2:
				c.Headers = true
			case 3:
				c.Header = g.text()
			}
			return c
		})}
	}
	s := &sql.CreateAs{Explain: g.coin(), Select: g.query()}
	if g.coin() {
		s.Table, s.Name, s.With = g.coin(), g.name(), g.with()
	}
	return s
}
