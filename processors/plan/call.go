package plan

import (
	"slices"

	"parallax/processors/functions"
	"parallax/processors/functions/aggregates"
	"parallax/processors/sql"
)

// call binds an aggregate or a function of the registry.
func (sc *scope) call(e *sql.Call) (Expr, error) {
	name := e.Name.Text
	if e.Over != nil {
		return sc.overCall(e)
	}
	if f := aggregates.Lookup(name); f != nil {
		return sc.aggregate(f, e)
	}
	if slices.Contains(onlyOver, name) {
		return nil, sc.b.errorf(e.Name.At, "%s requires OVER (...)", name)
	}
	f := functions.Lookup(name)
	if f == nil {
		err := sc.b.errorf(e.Name.At, "unknown function %s", name)
		names := append(functions.Names(), aggregates.Names()...)
		if near := sql.Nearest(name, names); near != "" {
			return nil, err.WithHint("did you mean %s?", near)
		}
		return nil, err
	}
	if f.Table {
		return sc.tableFunction(f, e)
	}
	return sc.function(f, e)
}
