package plan

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// scope is what names mean at a place in a query: the columns of a source, or,
// with agg, only its groups, aggregates and window bounds.
type scope struct {
	b     *builder
	src   *row.Source
	alias string
	// agg is set in SELECT and HAVING of a grouped query. Aggregates that are met
	// are added to it.
	agg *Aggregation
	// inAggregate is set inside an aggregate's argument.
	inAggregate bool
	// over is set in SELECT of a query without groups. Calls with OVER that are met
	// are added to it; inOver is set inside one.
	over   *Over
	inOver bool
	// lets are what the Lets around the place compute, and the parameters of the
	// lambdas around it; params are the names of the latter.
	lets   []Expr
	params []parameter
	// tries are the outcomes of binding as if there were no groups; see group.
	tries map[try]outcome
}

// systemNames are the system columns by their two names.
var systemNames = map[string]SystemColumn{
	"ROWTIME": RowTime, "_TIMESTAMP": RowTime, "_EVENT_TIME": RowTime,
	"ROWPARTITION": RowPartition, "_PARTITION": RowPartition,
	"ROWOFFSET": RowOffset, "_OFFSET": RowOffset,
	"_TOPIC": RowTopic, "_KEY": RowKey,
}

// boundNames are the window bounds; the value says whether it is the end.
var boundNames = map[string]bool{
	"WINDOWSTART": false, "_WINDOW_START": false, "WINDOWEND": true, "_WINDOW_END": true,
}

func isSystemName(name string) bool {
	_, system := systemNames[name]
	_, bound := boundNames[name]
	return system || bound
}

// answersTo reports whether a qualifier means this scope's source.
func (sc *scope) answersTo(qualifier string) bool {
	if sc.alias != "" {
		return qualifier == sc.alias
	}
	return qualifier == sc.src.Name
}

// column is a use of column i: from now on it is decoded.
func (sc *scope) column(i int) Expr {
	sc.src.Needed[i] = true
	return &Column{Index: i, Name: sc.src.Columns[i].Name, T: sc.src.Columns[i].Type}
}

// isEventTime reports whether e is what the source's event time is taken from.
func (sc *scope) isEventTime(e Expr) bool {
	switch e := e.(type) {
	case *Column:
		return e.Index == sc.src.Timestamp
	case *System:
		return e.Which == RowTime
	}
	return false
}

// star is column i as `*` selects it.
func (sc *scope) star(i int, at sql.Pos) (Expr, error) {
	if sc.agg == nil {
		return sc.column(i), nil
	}
	name := sc.src.Columns[i].Name
	for g, e := range sc.agg.GroupBy {
		if c, ok := e.(*Column); ok && c.Index == i {
			return &Group{Index: g, Name: name, T: c.T}, nil
		}
	}
	return nil, sc.ungrouped(at, name)
}

func (sc *scope) ungrouped(at sql.Pos, name string) error {
	return sc.b.errorf(at, "column %s is neither in GROUP BY nor inside an aggregate", name).
		WithHint("add %s to GROUP BY, or aggregate it, say MAX(%s)", name, name)
}

// ref resolves a name.
func (sc *scope) ref(r *sql.Ref) (Expr, error) {
	if v := sc.parameter(r); v != nil {
		if r.Qualifier.Text != "" {
			return sc.field(v, r.Name)
		}
		return v, nil
	}
	if q := r.Qualifier; q.Text != "" && !sc.answersTo(q.Text) && sc.hasColumn(q.Text) {
		x, err := sc.bind(&sql.Ref{Name: q}) // column.field
		if err != nil {
			return nil, err
		}
		return sc.field(x, r.Name)
	}
	if q := r.Qualifier; q.Text != "" && !sc.answersTo(q.Text) {
		err := sc.b.errorf(q.At, "unknown source %s", q.Text)
		own := sc.alias
		if own == "" {
			own = sc.src.Name
		}
		return nil, err.WithHint("the query reads %s", own)
	}
	name := r.Name.Text
	if end, ok := boundNames[name]; ok {
		switch {
		case sc.agg == nil || sc.inAggregate:
			return nil, sc.b.errorf(r.Name.At, "%s can only stand in SELECT and HAVING of a windowed query", name)
		case sc.agg.Window == nil:
			return nil, sc.b.errorf(r.Name.At, "%s wants a WINDOW clause", name)
		}
		return &WindowBound{End: end}, nil
	}
	grouped := sc.agg != nil && !sc.inAggregate
	if which, ok := systemNames[name]; ok {
		if grouped {
			return nil, sc.ungrouped(r.Name.At, name)
		}
		return &System{Which: which}, nil
	}
	for i, c := range sc.src.Columns {
		if c.Name != name {
			continue
		}
		if grouped {
			return nil, sc.ungrouped(r.Name.At, name)
		}
		return sc.column(i), nil
	}
	return nil, sc.unknownColumn(r)
}

func (sc *scope) hasColumn(name string) bool {
	return slices.ContainsFunc(sc.src.Columns, func(c row.Column) bool { return c.Name == name })
}

func (sc *scope) unknownColumn(r *sql.Ref) error {
	var names []string
	for _, c := range sc.src.Columns {
		names = append(names, c.Name)
	}
	err := sc.b.errorf(r.Name.At, "unknown column %s in %s", r.Name.Text, sc.src.Name)
	if near := sql.Nearest(r.Name.Text, names); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err
}

// try is an expression bound inside so many Lets, outcome what came of it.
type (
	try struct {
		e    sql.Expr
		lets int
	}
	outcome struct {
		e   Expr
		err error
	}
)

// group returns the GROUP BY expression that e is, if it is one. It is tried
// before e is looked into, so that GROUP BY a+b lets SELECT say a+b. What was
// tried is kept: e's operands are tried after it, and each has been bound with
// it already.
func (sc *scope) group(e sql.Expr) (Expr, bool) {
	if sc.agg == nil || sc.inAggregate || len(sc.agg.GroupBy) == 0 {
		return nil, false
	}
	if sc.tries == nil {
		sc.tries = map[try]outcome{}
	}
	// Binding marks columns as needed; a try must leave no trace.
	needed := slices.Clone(sc.src.Needed)
	plain := &scope{b: sc.b, src: sc.src, alias: sc.alias, tries: sc.tries, lets: sc.lets[:sc.lambdaDepth()], params: sc.params}
	bound, err := plain.bind(e)
	copy(sc.src.Needed, needed)
	if err != nil {
		return nil, false
	}
	if _, constant := bound.(*Literal); constant {
		return nil, false
	}
	for i, g := range sc.agg.GroupBy {
		if sameExpr(g, bound) {
			return &Group{Index: i, Name: bound.String(), T: g.Type()}, true
		}
	}
	return nil, false
}
