package plan

import (
	"parallax/processors/functions/aggregates"
	"parallax/processors/functions/signature"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// aggregate binds an aggregate. Equal calls share one AggregateCall.
func (sc *scope) aggregate(f *aggregates.Function, e *sql.Call) (Expr, error) {
	name := e.Name.Text
	switch {
	case sc.inAggregate:
		return nil, sc.b.errorf(e.Name.At, "aggregates cannot be nested: %s is inside another one", name)
	case sc.agg == nil:
		return nil, sc.b.errorf(e.Name.At, "%s is an aggregate: it can only be used in SELECT and HAVING", name)
	}
	inner := &scope{b: sc.b, from: sc.from, agg: sc.agg, inAggregate: true}
	call, err := inner.aggregateCall(f, e)
	if err != nil {
		return nil, err
	}
	text := call.text()
	for _, i := range sc.agg.byText[text] {
		if sc.agg.Aggregates[i].hasSameTypes(call) {
			return &Aggregate{Index: i, Text: text, T: call.Type}, nil
		}
	}
	i := len(sc.agg.Aggregates)
	if sc.agg.byText == nil {
		sc.agg.byText = map[string][]int{}
	}
	sc.agg.byText[text] = append(sc.agg.byText[text], i)
	sc.agg.Aggregates = append(sc.agg.Aggregates, *call)
	return &Aggregate{Index: i, Text: text, T: call.Type}, nil
}

// aggregateCall binds a call's arguments, which read the record's columns.
func (sc *scope) aggregateCall(f *aggregates.Function, e *sql.Call) (*AggregateCall, error) {
	name := e.Name.Text
	switch {
	case e.Star && f.Name != aggregates.Count:
		return nil, sc.b.errorf(e.Name.At, "only COUNT takes *")
	case e.Star, f.Name == aggregates.Count && len(e.Args) == 0 && !e.Distinct: // COUNT(*), COUNT()
		return &AggregateCall{Func: aggregates.Count, Type: row.Of(row.Bigint)}, nil
	case e.Distinct && f.Name != aggregates.Count:
		return nil, sc.b.errorf(e.Name.At, "only COUNT takes DISTINCT, not %s", name)
	case e.Distinct:
		f = aggregates.Lookup(string(aggregates.CountDistinct))
	}
	if !f.Undo && sc.first().Table {
		return nil, sc.b.errorf(e.Name.At, "%s is for streams: it cannot remove a value when a row of table %s changes", name, sc.first().Name)
	}
	n := len(e.Args)
	if !f.Callable.Takes(n) && !(f.Others && n > 2) {
		return nil, sc.b.errorf(e.Name.At, "%s takes %s, not %d", name, f.Callable.Arity(), n)
	}
	args := make([]Expr, n)
	for i, a := range e.Args {
		var err error
		if args[i], err = sc.bind(a); err != nil {
			return nil, err
		}
	}
	call := &AggregateCall{Func: f.Name}
	if wrong := call.convert(f, args); wrong != "" {
		return nil, sc.b.errorf(e.Name.At, "%s: %s", name, wrong)
	}
	values := f.Computed(n)
	call.Args = args[:values]
	for i, x := range args[values:] {
		lit, ok := x.(*Literal)
		if !ok || lit.Value.IsNull() {
			return nil, sc.b.errorf(e.Args[values+i].Pos(), "argument %d of %s has to be a constant", values+i+1, name).WithHint("for example %s", f.ExampleCall())
		}
		call.Constants = append(call.Constants, lit.Value)
	}
	if f.Wrong != nil && len(call.Constants) > 0 {
		if wrong := f.Wrong(call.Constants); wrong != "" {
			return nil, sc.b.errorf(e.Args[values].Pos(), "%s: %s", name, wrong)
		}
	}
	return call, nil
}

// convert converts the arguments to the types of the function's parameters and sets the
// call's type. If an argument does not fit, wrong names it.
func (a *AggregateCall) convert(f *aggregates.Function, args []Expr) (wrong string) {
	chosen := args
	if f.Others && len(args) > 2 {
		chosen = []Expr{args[0], args[len(args)-1]}
	}
	types := make([]signature.Argument, len(chosen))
	for i, x := range chosen {
		types[i].Type = x.Type()
	}
	typed, wrong, _ := f.Callable.Match(types) // no lambdas, and only they can fail
	if wrong != "" {
		return wrong
	}
	for i := range chosen {
		chosen[i] = convert(chosen[i], typed.Args[i])
	}
	a.Type = typed.Result
	if f.Others && len(args) > 2 {
		args[0], args[len(args)-1] = chosen[0], chosen[1]
	}
	var values []row.Type
	for i := range args[:f.Computed(len(args))] {
		if args[i].Type().Kind == row.Null {
			args[i] = convert(args[i], row.Of(row.String))
		}
		values = append(values, args[i].Type())
	}
	if f.Type != nil {
		a.Type = f.Type(values)
	}
	return ""
}

// containsAggregate reports whether SELECT or HAVING contains an aggregate. Without GROUP
// BY such a query has one group.
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
			found = found || aggregates.Lookup(c.Name.Text) != nil
		}
		return !found
	})
	return found
}
