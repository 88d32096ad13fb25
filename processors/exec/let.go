package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// binding computes a Let's value into its slot. NULL
// is a value: what the body makes of it is the body's affair.
func binding(e *plan.Let) (func(n *env) error, error) {
	x, err := compile(e.X)
	slot := e.Slot
	return func(n *env) error {
		v, err := x(n)
		for len(n.locals) <= slot {
			n.locals = append(n.locals, row.Value{})
		}
		n.locals[slot] = v
		return err
	}, err
}

func let(e *plan.Let) (eval, error) {
	bind, err := binding(e)
	if err != nil {
		return nil, err
	}
	body, err := compile(e.Body)
	return func(n *env) (row.Value, error) {
		if err := bind(n); err != nil {
			return row.Value{}, err
		}
		return body(n)
	}, err
}

// letWhole is let whose body is computed in a register.
func letWhole(e *plan.Let) (wholeFunc, error) {
	bind, err := binding(e)
	if err != nil {
		return nil, err
	}
	body, err := compileWhole(e.Body)
	return func(n *env) (int64, flaw) {
		if err := bind(n); err != nil {
			return 0, flawOf(row.Value{}, err)
		}
		return body(n)
	}, err
}

func local(e *plan.Local) eval {
	slot := e.Slot
	return func(n *env) (row.Value, error) { return n.locals[slot], nil }
}
