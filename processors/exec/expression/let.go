package expression

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// binding computes a Let's value into its slot. NULL
// is a value: what the body makes of it is the body's affair.
func binding(e *plan.Let) (func(n *Env) error, error) {
	x, err := Compile(e.X)
	slot := e.Slot
	return func(n *Env) error {
		v, err := x(n)
		for len(n.locals) <= slot {
			n.locals = append(n.locals, row.Value{})
		}
		n.locals[slot] = v
		return err
	}, err
}

func let(e *plan.Let) (Eval, error) {
	bind, err := binding(e)
	if err != nil {
		return nil, err
	}
	body, err := Compile(e.Body)
	return func(n *Env) (row.Value, error) {
		if err := bind(n); err != nil {
			return row.Value{}, err
		}
		return body(n)
	}, err
}

// letWhole is let whose body is computed in a register.
func letWhole(e *plan.Let) (WholeFunc, error) {
	bind, err := binding(e)
	if err != nil {
		return nil, err
	}
	body, err := CompileWhole(e.Body)
	return func(n *Env) (int64, Flaw) {
		if err := bind(n); err != nil {
			return 0, FlawOf(row.Value{}, err)
		}
		return body(n)
	}, err
}

func local(e *plan.Local) Eval {
	slot := e.Slot
	return func(n *Env) (row.Value, error) { return n.locals[slot], nil }
}
