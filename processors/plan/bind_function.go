package plan

import (
	"slices"

	"parallax/processors/datetime"
	"parallax/processors/functions"
	"parallax/processors/functions/signature"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// function binds a call of a function of the registry.
func (sc *scope) function(f *functions.Function, e *sql.Call) (Expr, error) {
	name := e.Name.Text
	if e.Star || e.Distinct {
		return nil, sc.b.errorf(e.Name.At, "%s takes neither * nor DISTINCT", name)
	}
	if n := len(e.Args); !f.Callable.Takes(n) {
		return nil, sc.b.errorf(e.Name.At, "%s takes %s, not %d", name, f.Callable.Arity(), n)
	}
	call := &Call{Func: f.Name, Args: make([]Expr, len(e.Args))}
	args := make([]signature.Argument, len(e.Args))
	lambdas := make([]*lambdaArgument, len(e.Args))
	for i, a := range e.Args {
		if l, ok := a.(*sql.Lambda); ok {
			lambdas[i] = &lambdaArgument{sc: sc, l: l}
			args[i].Lambda = lambdas[i]
			continue
		}
		if word, ok := a.(*sql.Ref); ok && f.Unit && i == 0 && isTimeUnit(word) {
			a = &sql.Text{At: word.Name.At, Value: word.Name.Text}
		}
		x, err := sc.bind(a)
		if err != nil {
			return nil, err
		}
		call.Args[i] = x
		args[i].Type = x.Type()
	}
	if f.ReadsTexts {
		if err := sc.readTexts(e.Args, call.Args, name); err != nil {
			return nil, err
		}
		for i, x := range call.Args {
			args[i].Type = x.Type()
		}
	}
	typed, wrong, err := f.Callable.Match(args)
	if err != nil {
		return nil, err
	}
	if wrong != "" {
		return nil, sc.b.errorf(e.Name.At, "%s: %s", name, wrong).WithHint("for example %s", f.Example)
	}
	for i := range e.Args {
		if lambdas[i] == nil {
			call.Args[i] = convert(call.Args[i], typed.Args[i])
			continue
		}
		bound := lambdas[i].bound
		bound.Body = convert(bound.Body, typed.Args[i])
		call.Args[i] = bound
	}
	if f.Clock && len(e.Args) == 0 {
		now, err := sc.now(e.Name.At)
		if err != nil {
			return nil, err
		}
		call.Args = []Expr{now}
	}
	call.T = typed.Result
	return call, sc.prepare(f, call, e.Name.At)
}

// prepare refuses a call with invalid constant arguments.
func (sc *scope) prepare(f *functions.Function, call *Call, at sql.Pos) error {
	if _, wrong := call.evaluationOf(f); wrong != "" {
		return sc.b.errorf(at, "%s: %s", f.Name, wrong)
	}
	return nil
}

// operator returns the call of a function for a construct that SQL does not write as a
// call.
func (sc *scope) operator(name string, t row.Type, args ...Expr) Expr {
	return &Call{Func: name, Args: args, T: t}
}

// isTimeUnit reports whether a bare word is a unit or a part of a time. As the first
// argument of a function with a unit parameter, such a word is not a column name.
func isTimeUnit(word *sql.Ref) bool {
	_, unit := datetime.UnitNamed(word.Name.Text)
	_, _, part := datetime.Extract(word.Name.Text)
	return word.Qualifier.Text == "" && (unit || part)
}

// lambdaArgument is a lambda whose parameters are bound with the types that are known so
// far.
type lambdaArgument struct {
	sc    *scope
	l     *sql.Lambda
	bound *Lambda
}

// Parameters returns the number of the lambda's parameters.
func (a *lambdaArgument) Parameters() int { return len(a.l.Params) }

// Bind binds the lambda again if its parameters did not have these types.
func (a *lambdaArgument) Bind(params []row.Type) (result row.Type, changed bool, err error) {
	if a.bound == nil || !slices.EqualFunc(a.bound.Params, params, func(l *Local, t row.Type) bool { return l.T.Equal(t) }) {
		changed = true
		if a.bound, err = a.sc.lambda(a.l, params); err != nil {
			return row.Type{}, true, err
		}
	}
	return a.bound.Type(), changed, nil
}
