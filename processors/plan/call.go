package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// aggregates are the aggregate functions by name. resultOf returns the type of
// the result, false where the function does not take the argument's type.
var aggregates = map[string]struct {
	fn       AggregateFunc
	resultOf func(row.Type) (row.Type, bool)
}{
	"COUNT": {Count, func(row.Type) (row.Type, bool) { return row.Of(row.Bigint), true }},
	"SUM":   {Sum, sumType},
	"AVG":   {Avg, avgType},
	"MIN":   {Min, orderable},
	"MAX":   {Max, orderable},
}

// later are functions of the dialect that no engine runs yet.
var laterAggregates = []string{
	"COUNT_DISTINCT", "STDDEV", "STDDEV_SAMP", "STDDEV_POP", "STDDEV_SAMPLE", "VARIANCE", "MEDIAN", "PERCENTILE", "CORRELATION",
	"EARLIEST_BY_OFFSET", "LATEST_BY_OFFSET", "FIRST_VALUE", "LAST_VALUE", "COLLECT_LIST", "COLLECT_SET", "STRING_AGG",
	"TOPK", "TOPKDISTINCT", "HISTOGRAM", "APPROX_COUNT_DISTINCT",
}

// wrongArgument says that an aggregate does not take its argument's type.
func (sc *scope) wrongArgument(e *sql.Call, x Expr) error {
	want := "wants a number"
	if x.Type().Kind.IsNested() {
		want = "takes no ARRAY, MAP or STRUCT"
	}
	return sc.b.errorf(e.Args[0].Pos(), "%s %s, %s is %s", e.Name.Text, want, x, x.Type())
}

// orderable is the type of a value that is picked; ARRAY, MAP and STRUCT have no
// order.
func orderable(t row.Type) (row.Type, bool) { return t, !t.Kind.IsNested() }

func sumType(t row.Type) (row.Type, bool) {
	switch t.Kind {
	case row.Int, row.Bigint:
		return row.Of(row.Bigint), true
	case row.Double:
		return t, true
	case row.Decimal:
		return row.DecimalType(row.MaxPrecision, t.Scale), true
	}
	return t, false
}

func avgType(t row.Type) (row.Type, bool) {
	switch t.Kind {
	case row.Int, row.Bigint, row.Double:
		return row.Of(row.Double), true
	case row.Decimal:
		return row.DecimalType(row.MaxPrecision, max(6, t.Scale)), true
	}
	return t, false
}

// call binds an aggregate or a function of the registry.
func (sc *scope) call(e *sql.Call) (Expr, error) {
	name := e.Name.Text
	if e.Over != nil {
		return sc.overCall(e)
	}
	if _, ok := aggregates[name]; ok {
		return sc.aggregate(e)
	}
	if slices.Contains(onlyOver, name) {
		return nil, sc.b.errorf(e.Name.At, "%s wants OVER (...)", name)
	}
	if slices.Contains(laterAggregates, name) || slices.Contains(laterFunctions, name) {
		return nil, sc.b.unsupported(e.Name.At, name)
	}
	f := LookupFunction(name)
	if f == nil {
		err := sc.b.errorf(e.Name.At, "unknown function %s", name)
		names := FunctionNames()
		for n := range aggregates {
			names = append(names, n)
		}
		if near := sql.Nearest(name, names); near != "" {
			return nil, err.WithHint("did you mean %s?", near)
		}
		return nil, err
	}
	return sc.function(f, e)
}

// aggregate binds an aggregate and shares it with an equal one.
func (sc *scope) aggregate(e *sql.Call) (Expr, error) {
	name := e.Name.Text
	spec := aggregates[name]
	switch {
	case sc.inAggregate:
		return nil, sc.b.errorf(e.Name.At, "%s stands inside another aggregate", name)
	case sc.agg == nil:
		return nil, sc.b.errorf(e.Name.At, "%s is an aggregate: it can only stand in SELECT and HAVING", name)
	case e.Distinct:
		return nil, sc.b.unsupported(e.Name.At, name+"(DISTINCT ...)")
	case e.Star && spec.fn != Count:
		return nil, sc.b.errorf(e.Name.At, "only COUNT takes *")
	case !e.Star && len(e.Args) != 1:
		return nil, sc.b.errorf(e.Name.At, "%s takes 1 argument, not %d", name, len(e.Args))
	}
	call := AggregateCall{Func: spec.fn, Type: row.Of(row.Bigint)}
	text := name + "(*)"
	if !e.Star {
		inner := &scope{b: sc.b, from: sc.from, agg: sc.agg, inAggregate: true}
		x, err := inner.bind(e.Args[0])
		if err != nil {
			return nil, err
		}
		if x.Type().Kind == row.Null {
			x = convert(x, row.Of(row.Int))
		}
		t, ok := spec.resultOf(x.Type())
		if !ok {
			return nil, sc.wrongArgument(e, x)
		}
		call.Arg, call.Type = x, t
		text = fmt.Sprintf("%s(%s)", name, x)
	}
	for i, other := range sc.agg.Aggregates {
		if other.text() == text && other.Type.Equal(call.Type) && (call.Arg == nil || other.Arg.Type().Equal(call.Arg.Type())) {
			return &Aggregate{Index: i, Text: text, T: call.Type}, nil
		}
	}
	sc.agg.Aggregates = append(sc.agg.Aggregates, call)
	return &Aggregate{Index: len(sc.agg.Aggregates) - 1, Text: text, T: call.Type}, nil
}

func (a AggregateCall) text() string {
	if a.Arg == nil {
		return a.Func.String() + "(*)"
	}
	return fmt.Sprintf("%s(%s)", a.Func, a.Arg)
}

// containsAggregate reports whether SELECT or HAVING has an aggregate, which
// makes a query without GROUP BY one group.
func containsAggregate(s *sql.Select) bool {
	for _, it := range s.Items {
		if it.Expr != nil && hasAggregate(it.Expr) {
			return true
		}
	}
	return s.Having != nil && hasAggregate(s.Having)
}

func hasAggregate(e sql.Expr) bool {
	found := false
	sql.Walk(e, func(e sql.Expr) bool {
		if c, ok := e.(*sql.Call); ok && c.Over == nil {
			_, aggregate := aggregates[c.Name.Text]
			found = found || aggregate
		}
		return !found
	})
	return found
}
