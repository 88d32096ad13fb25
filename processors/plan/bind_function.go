package plan

import (
	"fmt"
	"slices"

	"parallax/processors/datetime"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// function binds a call of a function of the registry.
func (sc *scope) function(f *Function, e *sql.Call) (Expr, error) {
	name := e.Name.Text
	if e.Star || e.Distinct {
		return nil, sc.b.errorf(e.Name.At, "%s takes neither * nor DISTINCT", name)
	}
	if n := len(e.Args); !f.takes(n) {
		return nil, sc.b.errorf(e.Name.At, "%s takes %s, not %d", name, f.arity(), n)
	}
	call := &Call{Func: f.Name, Args: make([]Expr, len(e.Args))}
	args := make([]argument, len(e.Args))
	for i, a := range e.Args {
		if l, ok := a.(*sql.Lambda); ok {
			args[i].lambda = &lambdaArgument{sc: sc, l: l}
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
		args[i].t = x.Type()
	}
	if f.ReadsTexts {
		if err := sc.readTexts(e.Args, call.Args, name); err != nil {
			return nil, err
		}
		for i, x := range call.Args {
			args[i].t = x.Type()
		}
	}
	typed, wrong, err := f.types(args)
	if err != nil {
		return nil, err
	}
	if wrong != "" {
		return nil, sc.b.errorf(e.Name.At, "%s: %s", name, wrong).WithHint("for example %s", f.Example)
	}
	for i := range e.Args {
		if args[i].lambda == nil {
			call.Args[i] = convert(call.Args[i], typed.args[i])
			continue
		}
		bound := args[i].lambda.bound
		bound.Body = convert(bound.Body, typed.args[i])
		call.Args[i] = bound
	}
	if f.Clock && len(e.Args) == 0 {
		now, err := sc.now(e.Name.At)
		if err != nil {
			return nil, err
		}
		call.Args = []Expr{now}
	}
	call.T = typed.result
	return call, sc.prepare(f, call, e.Name.At)
}

// prepare refuses a call whose constants are wrong.
func (sc *scope) prepare(f *Function, call *Call, at sql.Pos) error {
	if _, wrong := f.Evaluator(call.Args); wrong != "" {
		return sc.b.errorf(at, "%s: %s", f.Name, wrong)
	}
	return nil
}

// operator makes a call of what is written otherwise than as one.
func (sc *scope) operator(name string, t row.Type, args ...Expr) Expr {
	return &Call{Func: name, Args: args, T: t}
}

// isTimeUnit reports whether a bare word is a unit of time or a part of one: in
// the first place of a function that takes one, it is no column.
func isTimeUnit(word *sql.Ref) bool {
	_, unit := datetime.UnitNamed(word.Name.Text)
	_, _, part := datetime.Extract(word.Name.Text)
	return word.Qualifier.Text == "" && (unit || part)
}

// argument is an argument whose function is sought: a value of a type, or a
// lambda.
type argument struct {
	t      row.Type
	lambda *lambdaArgument // nil for a value
}

// lambdaArgument is a lambda, bound with parameters of the types that are known
// so far.
type lambdaArgument struct {
	sc    *scope
	l     *sql.Lambda
	bound *Lambda
}

// bind makes sure that the parameters have these types; again is false where they
// had them already.
func (a *lambdaArgument) bind(params []row.Type) (again bool, err error) {
	if a.bound != nil && slices.EqualFunc(a.bound.Params, params, func(l *Local, t row.Type) bool { return l.T.Equal(t) }) {
		return false, nil
	}
	a.bound, err = a.sc.lambda(a.l, params)
	return true, err
}

// typedCall is what a call's arguments are converted to, of a lambda its body, and
// what it gives.
type typedCall struct {
	args   []row.Type
	result row.Type
}

// match finds how a call with these arguments is typed. wrong says which argument
// does not fit, and failed its number, from 1; exact that none has to be
// converted; err is a lambda's.
func (s *signature) match(args []argument) (out typedCall, exact bool, failed int, wrong string, err error) {
	bound := map[byte]row.Type{}
	for i, a := range args {
		p := s.at(i)
		switch {
		case (a.lambda != nil) != (p.lambda != nil):
			return out, false, i + 1, fmt.Sprintf("argument %d is %s, not %s", i+1, a.describe(), p.describe(bound)), nil
		case a.lambda != nil && len(a.lambda.l.Params) != len(p.lambda):
			return out, false, i + 1, fmt.Sprintf("argument %d is a lambda of %d, not of %d", i+1, len(a.lambda.l.Params), len(p.lambda)), nil
		case a.lambda == nil && !p.unify(a.t, bound, s.compares == byFirstType):
			return out, false, i + 1, fmt.Sprintf("argument %d is %s, not %s", i+1, a.describe(), p.describe(bound)), nil
		}
	}
	// A lambda's result may widen what its own parameters are: REDUCE's state. Types
	// only become wider, so that ends.
	const most = 100
	for round, again := 0, true; again; round++ {
		if round == most {
			return out, false, len(args), "the types of the lambda never agree: CAST its result", nil
		}
		again = false
		for i, a := range args {
			if a.lambda == nil {
				continue
			}
			p := s.at(i)
			changed, err := a.lambda.bind(p.parameters(bound))
			if err != nil {
				return out, false, 0, "", err
			}
			again = again || changed
			if t := a.lambda.bound.Type(); !p.unify(t, bound, false) {
				return out, false, i + 1, fmt.Sprintf("argument %d gives %s, not %s", i+1, t, p.describe(bound)), nil
			}
		}
	}
	for v, t := range bound {
		if t.Kind == row.Null {
			bound[v] = unboundType(v)
		}
	}
	exact = true
	for i, a := range args {
		t := s.at(i).substitute(bound)
		if s.compares != afterConverting && a.t.Kind != row.Null && s.at(i).hasVariable() {
			t = a.t
		}
		exact = exact && (a.lambda != nil || a.t.Equal(t) || a.t.Kind == row.Null)
		out.args = append(out.args, t)
	}
	out.result = s.result.substitute(bound)
	return out, exact, 0, "", nil
}

func (a *argument) describe() string {
	if a.lambda != nil {
		return "a lambda"
	}
	return a.t.String()
}

// parameters are the types that a lambda's parameters have.
func (p *param) parameters(bound map[byte]row.Type) []row.Type {
	types := make([]row.Type, len(p.lambda))
	for i := range p.lambda {
		types[i] = p.lambda[i].substitute(bound)
	}
	return types
}
