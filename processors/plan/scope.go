package plan

import (
	"slices"
	"strings"

	"parallax/processors/functions/aggregates"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// scope resolves names at a place in a query: to the columns of its sources or, if agg is
// set, only to groups, aggregates and window bounds.
type scope struct {
	b *builder
	// from are the sources, in the order of the script.
	from []from
	// agg is set in SELECT and HAVING of a grouped query. Binding an aggregate adds it to
	// agg.
	agg *Aggregation
	// inAggregate is set inside an aggregate's argument.
	inAggregate bool
	// over is set in SELECT of a query without groups. Binding a call with OVER adds it to
	// over and sets sawOver; inOver is set inside such a call.
	over            *Over
	sawOver, inOver bool
	// explode is set in SELECT of a query without groups. Binding EXPLODE adds to it;
	// inExplode is set inside one.
	explode   *explosion
	inExplode bool
	// lets are the expressions of the enclosing Lets and the parameters of the enclosing
	// lambdas; params are the names of these parameters.
	lets   []Expr
	params []parameter
	// tries caches expressions bound without groups; see group.
	tries map[try]outcome
}

// from is a source of a query, with its name there.
type from struct {
	src  *row.Source
	name string
	// join is the join that adds the source, once its condition is bound; nil for the first
	// source.
	join *Join
}

// first is the source in FROM, the only one in a query without joins.
func (sc *scope) first() *row.Source { return sc.from[0].src }

// joined reports whether the query has more than one source.
func (sc *scope) joined() bool { return len(sc.from) > 1 }

// streams counts the sources that are streams.
func (sc *scope) streams() (n int) {
	for _, f := range sc.from {
		if !f.src.Table {
			n++
		}
	}
	return n
}

// systemNames are the system columns by their two names.
var systemNames = map[string]SystemColumn{
	"ROWTIME": RowTime, "_TIMESTAMP": RowTime, "_EVENT_TIME": RowTime,
	"ROWPARTITION": RowPartition, "_PARTITION": RowPartition,
	"ROWOFFSET": RowOffset, "_OFFSET": RowOffset,
	"_TOPIC": RowTopic, "_KEY": RowKey,
}

// boundNames are the names of the window bounds; the value is true for the end.
var boundNames = map[string]bool{
	"WINDOWSTART": false, "_WINDOW_START": false, "WINDOWEND": true, "_WINDOW_END": true,
}

// boundColumns are the columns with the window bounds of a windowed source's rows.
var boundColumns = map[bool]string{false: "WINDOWSTART", true: "WINDOWEND"}

// windowed reports whether one of the sources first to last is the output of a query with
// windows.
func (sc *scope) windowed(first, last int) bool {
	return slices.ContainsFunc(sc.from[first:last+1], func(f from) bool { return f.src.Windowed })
}

func isSystemName(name string) bool {
	_, system := systemNames[name]
	_, bound := boundNames[name]
	return system || bound
}

// side finds the source that a qualifier names.
func (sc *scope) side(qualifier sql.Name) (int, error) {
	var names []string
	for i, f := range sc.from {
		if f.name == qualifier.Text {
			return i, nil
		}
		names = append(names, f.name)
	}
	err := sc.b.errorf(qualifier.At, "unknown source %s", qualifier.Text)
	if near := sql.Nearest(qualifier.Text, names); near != "" && sc.joined() {
		return 0, err.WithHint("did you mean %s?", near)
	}
	return 0, err.WithHint("the query reads %s", strings.Join(names, ", "))
}

// column returns column i of a source and marks it as needed, so that it is decoded.
func (sc *scope) column(side, i int) *Column {
	f := sc.from[side]
	f.src.Needed[i] = true
	c := &Column{Side: side, Index: i, Name: f.src.Columns[i].Name, T: f.src.Columns[i].Type}
	if sc.joined() {
		c.Qualifier = f.name
	}
	return c
}

// isEventTime reports whether e is the event time of a source.
func (sc *scope) isEventTime(e Expr, side int) bool {
	switch e := e.(type) {
	case *Column:
		src := sc.from[side].src
		return e.Side == side && e.Index == src.Timestamp && src.TimestampPath == nil && src.TimestampUnit == row.Milliseconds
	case *System:
		return e.Side == side && e.Which == RowTime
	}
	return false
}

// star is column i of a source as selected by `*`.
func (sc *scope) star(side, i int, at sql.Pos) (Expr, error) {
	if sc.agg == nil {
		return sc.column(side, i), nil
	}
	name := sc.from[side].src.Columns[i].Name
	for g, e := range sc.agg.GroupBy {
		if c, ok := e.(*Column); ok && c.Side == side && c.Index == i {
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
	if q := r.Qualifier; q.Text != "" && !sc.hasSource(q.Text) && sc.hasColumn(q.Text) {
		x, err := sc.bind(&sql.Ref{Name: q}) // column.field
		if err != nil {
			return nil, err
		}
		return sc.field(x, r.Name)
	}
	first, last := 0, len(sc.from)-1
	if r.Qualifier.Text != "" {
		side, err := sc.side(r.Qualifier)
		if err != nil {
			return nil, err
		}
		first, last = side, side
	}
	name := r.Name.Text
	if end, ok := boundNames[name]; ok && sc.windowed(first, last) {
		name = boundColumns[end]
	} else if ok {
		switch {
		case sc.agg == nil || sc.inAggregate:
			return nil, sc.b.errorf(r.Name.At, "%s can only be used in SELECT and HAVING of a windowed query", name)
		case sc.agg.Window == nil:
			return nil, sc.b.errorf(r.Name.At, "%s requires a WINDOW clause", name)
		}
		return &WindowBound{End: end}, nil
	}
	grouped := sc.agg != nil && !sc.inAggregate
	if which, ok := systemNames[name]; ok {
		switch {
		case grouped:
			return nil, sc.ungrouped(r.Name.At, name)
		case first < last:
			return nil, sc.ambiguous(r, sc.from[first].name, sc.from[last].name)
		}
		system := &System{Which: which, Side: first}
		if sc.joined() {
			system.Qualifier = sc.from[first].name
		}
		return system, nil
	}
	found, index := -1, 0
	for side := first; side <= last; side++ {
		i := columnIndex(sc.from[side].src, name)
		switch {
		case i < 0:
		case found >= 0:
			return nil, sc.ambiguous(r, sc.from[found].name, sc.from[side].name)
		default:
			found, index = side, i
		}
	}
	switch {
	case found < 0 && name == "CURRENT_TIMESTAMP" && r.Qualifier.Text == "":
		return sc.now(r.Name.At)
	case found < 0:
		if key, err := sc.rowKey(r); key == nil || err != nil {
			if err == nil {
				err = sc.unknownColumn(r, sc.from[first:last+1])
			}
			return nil, err
		} else if !grouped {
			return key, nil
		}
		return nil, sc.ungrouped(r.Name.At, name)
	case grouped:
		return nil, sc.ungrouped(r.Name.At, name)
	}
	return sc.column(found, index), nil
}

func (sc *scope) hasSource(name string) bool {
	return slices.ContainsFunc(sc.from, func(f from) bool { return f.name == name })
}

// now is NOW() of the record. It has no value for a group.
func (sc *scope) now(at sql.Pos) (Expr, error) {
	if sc.agg != nil && !sc.inAggregate {
		return nil, sc.b.errorf(at, "NOW() is neither in GROUP BY nor inside an aggregate").
			WithHint("aggregate it, say MAX(NOW())")
	}
	return &System{Which: RowNow}, nil
}

func (sc *scope) hasColumn(name string) bool {
	return slices.ContainsFunc(sc.from, func(f from) bool { return columnIndex(f.src, name) >= 0 })
}

func columnIndex(src *row.Source, name string) int {
	return slices.IndexFunc(src.Columns, func(c row.Column) bool { return c.Name == name })
}

func (sc *scope) ambiguous(r *sql.Ref, one, other string) error {
	return sc.b.errorf(r.Name.At, "%s is ambiguous: it may be %s's or %s's", r.Name.Text, one, other).
		WithHint("write %s.%s or %s.%s", one, r.Name.Text, other, r.Name.Text)
}

func (sc *scope) unknownColumn(r *sql.Ref, from []from) error {
	var sources, columns []string
	for _, f := range from {
		sources = append(sources, f.src.Name)
		for _, c := range f.src.Columns {
			columns = append(columns, c.Name)
		}
	}
	err := sc.b.errorf(r.Name.At, "unknown column %s in %s", r.Name.Text, strings.Join(sources, " and "))
	if near := sql.Nearest(r.Name.Text, columns); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err
}

// try is an expression with the number of Lets around it, outcome the result of binding it
// there.
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

// group returns the GROUP BY expression that equals e, if there is one. It compares e
// before its operands are bound, so that a query with GROUP BY a+b can select a+b. The
// result of binding e and its operands is cached, because the operands are tried next.
func (sc *scope) group(e sql.Expr) (Expr, bool) {
	if sc.agg == nil || sc.inAggregate || len(sc.agg.GroupBy) == 0 {
		return nil, false
	}
	if c, ok := e.(*sql.Call); ok && c.Over == nil && aggregates.Lookup(c.Name.Text) != nil {
		return nil, false // an aggregate is never part of a group's key
	}
	if sc.tries == nil {
		sc.tries = map[try]outcome{}
	}
	// Binding marks columns as needed; a failed try must not leave marks.
	needed := make([][]bool, len(sc.from))
	for i, f := range sc.from {
		needed[i] = slices.Clone(f.src.Needed)
	}
	plain := &scope{b: sc.b, from: sc.from, tries: sc.tries, lets: sc.lets[:sc.lambdaDepth()], params: sc.params}
	bound, err := plain.bind(e)
	for i, f := range sc.from {
		copy(f.src.Needed, needed[i])
	}
	if err != nil {
		return nil, false
	}
	if _, constant := bound.(*Literal); constant {
		return nil, false
	}
	for i, g := range sc.agg.GroupBy {
		if Same(g, bound) {
			return &Group{Index: i, Name: bound.String(), T: g.Type()}, true
		}
	}
	return nil, false
}
