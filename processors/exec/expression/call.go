package expression

import (
	"fmt"

	"parallax/processors/functions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// call applies a function of the registry. All arguments are evaluated, NULL or
// not, unless the function chooses among them.
func call(e *plan.Call) (Eval, error) {
	f := functions.Lookup(e.Func)
	if f == nil {
		return nil, fmt.Errorf("function %s is not implemented", e.Func)
	}
	apply, wrong := e.Evaluation()
	if wrong != "" {
		return nil, fmt.Errorf("function %s: %s", e.Func, wrong)
	}
	c := &callee{args: make([]Eval, len(e.Args))}
	for i, a := range e.Args {
		if l, ok := a.(*plan.Lambda); ok {
			if c.lambdas == nil {
				c.lambdas = make([]functions.Closure, len(e.Args))
			}
			var err error
			if c.lambdas[i], err = c.closure(l); err != nil {
				return nil, err
			}
			continue
		}
		var err error
		if c.args[i], err = Compile(a); err != nil {
			return nil, err
		}
	}
	if f.Choose != nil {
		return chosen(f, c.args), nil
	}
	values := make([]row.Value, len(e.Args)) // one engine, one goroutine
	return func(n *Env) (row.Value, error) {
		null := false
		for i, a := range c.args {
			if a == nil {
				continue
			}
			v, err := a(n)
			if err != nil {
				return v, err
			}
			null = null || v.IsNull()
			values[i] = v
		}
		if null && !f.TakesNull {
			return row.Value{}, nil
		}
		c.env = n
		return f.Compute(&n.budget, apply, values, c.lambdas, e.T)
	}, nil
}

// chosen evaluates only the arguments that a function asks for. What it returns is
// one of them, which was counted in the budget where it was made.
func chosen(f *functions.Function, args []Eval) Eval {
	var now *Env // of the evaluation that goes on; one engine, one goroutine
	arg := func(i int) (row.Value, error) { return args[i](now) }
	return func(n *Env) (row.Value, error) {
		outer := now
		now = n
		v, err := f.Choose(arg, len(args))
		now = outer
		return v, err
	}
}

// callee is a compiled call; args has nil in place of a lambda.
type callee struct {
	args    []Eval
	lambdas []functions.Closure
	env     *Env // of the evaluation that goes on
}

// closure makes a lambda that sees what the call sees.
func (c *callee) closure(l *plan.Lambda) (functions.Closure, error) {
	body, err := Compile(l.Body)
	first := 0
	if len(l.Params) > 0 {
		first = l.Params[0].Slot
	}
	return func(params []row.Value) (row.Value, error) {
		n := c.env
		for len(n.locals) < first+len(params) {
			n.locals = append(n.locals, row.Value{})
		}
		copy(n.locals[first:], params)
		if err := n.budget.Enter(); err != nil {
			return row.Value{}, err
		}
		v, err := body(n)
		n.budget.Leave()
		return v, err
	}, err
}
