package generate

import (
	"context"
	"slices"

	"parallax/diff/reduce"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// Reduce makes a case smaller while it still fails: it removes records, fields, statements,
// stages, sides of joins, clauses, items and columns, and replaces expressions by an
// operand or a constant. An invalid script does not count as failing.
func Reduce(c *Case, fails func(*Case) bool) *Case {
	ctx := context.Background()
	return reduce.Repeat(ctx, c, (*Case).size,
		func(c *Case) *Case {
			return c.withRecords(reduce.List(ctx, c.Records, func(records []Record) bool { return fails(c.withRecords(records)) }))
		},
		func(c *Case) *Case { return reduce.Climb(ctx, c, (*Case).size, smallerScript, fails) },
		func(c *Case) *Case { return reduceFields(ctx, c, fails) },
	)
}

// size is the measure that Reduce makes smaller.
func (c *Case) size() int { return len(c.Script.String()) + len(c.Input()) + len(c.Options) }

func (c *Case) withRecords(records []Record) *Case {
	return &Case{Script: c.Script, Options: c.Options, Records: records}
}

// reduceFields leaves out fields, keys and options.
func reduceFields(ctx context.Context, c *Case, fails func(*Case) bool) *Case {
	for i := range c.Records {
		with := func(change func(*Record)) *Case {
			records := slices.Clone(c.Records)
			change(&records[i])
			return c.withRecords(records)
		}
		try := func(change func(*Record)) {
			if plainer := with(change); plainer.Records[i].line(nil) != c.Records[i].line(nil) && fails(plainer) {
				c = plainer
			}
		}
		try(func(r *Record) { r.Key = "" })
		try(func(r *Record) { r.Partition = 0 })
		fields := reduce.List(ctx, c.Records[i].Fields, func(fields []Field) bool {
			return fails(with(func(r *Record) { r.Fields = fields }))
		})
		c = with(func(r *Record) { r.Fields = fields })
	}
	if c.Options != "" {
		if plain := (&Case{Script: c.Script, Records: c.Records}); fails(plain) {
			return plain
		}
	}
	return c
}

// smallerScript applies the n-th change that makes the script smaller; false if there are
// no more.
func smallerScript(c *Case, n int) (*Case, bool) {
	script, err := sql.Parse(c.Script.String()) // an independent copy
	if err != nil {
		return nil, false
	}
	changes := smaller(script)
	if n >= len(changes) {
		return nil, false
	}
	changes[n]()
	return &Case{Script: script, Options: c.Options, Records: read(script, c.Records)}, true
}

// smaller lists the changes that may make a script smaller. Apply only one of them.
func smaller(script *sql.Script) []func() {
	var changes []func()
	add := func(f func()) { changes = append(changes, f) }
	fewerStages(script, add)
	for i, s := range script.Statements {
		add(func() { script.Statements = slices.Delete(script.Statements, i, i+1) })
		switch s := s.(type) {
		case *sql.CreateSource:
			for j := range s.Columns {
				add(func() { s.Columns = slices.Delete(s.Columns, j, j+1) })
			}
			without(&s.With, add)
		case *sql.CreateAs:
			add(func() { s.Name, s.With = sql.Name{}, nil })
			without(&s.With, add)
			smallerSelect(s.Select, add)
		}
	}
	return changes
}

// without leaves out each element of a list.
func without[T any](list *[]T, add func(func())) {
	for i := range *list {
		add(func() { *list = slices.Delete(*list, i, i+1) })
	}
}

func smallerSelect(s *sql.Select, add func(func())) {
	for _, clause := range []*sql.Expr{&s.Where, &s.Having} {
		if *clause != nil {
			add(func() { *clause = nil })
		}
	}
	add(func() { s.Window = nil })
	add(func() { s.Emit = sql.EmitDefault })
	add(func() { s.Distinct = false })
	add(func() { s.Limit = "" })
	add(func() { s.From.Alias = sql.Name{} })
	without(&s.Items, add)
	without(&s.GroupBy, add)
	without(&s.PartitionBy, add)
	fewerSides(s, add)
	for _, slot := range slots(s) {
		for _, inner := range inside(*slot) {
			add(func() { *slot = inner })
		}
		for _, constant := range []sql.Expr{&sql.Null{}, number("1"), &sql.Text{Value: "a"}, &sql.Bool{Value: true}, null(row.Of(row.Int)), null(row.Of(row.String))} {
			add(func() { *slot = constant })
		}
	}
}

// slots are the places of all expressions of a query, from the outside in.
func slots(s *sql.Select) []*sql.Expr {
	var all []*sql.Expr
	var visit func(slot *sql.Expr)
	visit = func(slot *sql.Expr) {
		if *slot == nil {
			return
		}
		all = append(all, slot)
		for _, inner := range operands(*slot) {
			visit(inner)
		}
	}
	for i := range s.Items {
		visit(&s.Items[i].Expr)
	}
	visit(&s.Where)
	for i := range s.GroupBy {
		visit(&s.GroupBy[i])
	}
	for i := range s.PartitionBy {
		visit(&s.PartitionBy[i])
	}
	visit(&s.Having)
	for i := range s.Joins {
		visit(&s.Joins[i].On)
	}
	return all
}

// inside returns the expressions inside one, including the bodies of lambdas.
func inside(x sql.Expr) []sql.Expr {
	var all []sql.Expr
	for _, slot := range operands(x) {
		if *slot != nil {
			all = append(all, *slot)
		}
	}
	return all
}

// operands returns the places of the operands of an expression.
func operands(x sql.Expr) []*sql.Expr {
	var all []*sql.Expr
	list := func(xs []sql.Expr) {
		for i := range xs {
			all = append(all, &xs[i])
		}
	}
	switch x := x.(type) {
	case *sql.Unary:
		all = append(all, &x.X)
	case *sql.Binary:
		all = append(all, &x.L, &x.R)
	case *sql.IsNull:
		all = append(all, &x.X)
	case *sql.Between:
		all = append(all, &x.X, &x.Low, &x.High)
	case *sql.In:
		all = append(all, &x.X)
		list(x.List)
	case *sql.Like:
		all = append(all, &x.X, &x.Pattern)
	case *sql.Case:
		all = append(all, &x.Operand)
		for i := range x.Whens {
			all = append(all, &x.Whens[i].If, &x.Whens[i].Then)
		}
		all = append(all, &x.Else)
	case *sql.Cast:
		all = append(all, &x.X)
	case *sql.Extract:
		all = append(all, &x.X)
	case *sql.Call:
		list(x.Args)
		if x.Over != nil {
			list(x.Over.PartitionBy)
		}
	case *sql.Field:
		all = append(all, &x.X)
	case *sql.Index:
		all = append(all, &x.X, &x.I)
	case *sql.ArrayOf:
		list(x.Items)
	case *sql.MapOf:
		for i := range x.Entries {
			all = append(all, &x.Entries[i].Key, &x.Entries[i].Value)
		}
	case *sql.StructOf:
		for i := range x.Fields {
			all = append(all, &x.Fields[i].Value)
		}
	case *sql.Lambda:
		all = append(all, &x.Body)
	}
	return all
}
