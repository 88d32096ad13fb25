package signature

import (
	"fmt"

	"parallax/processors/row"
)

// Argument is an argument of a call to be matched: a value of a type, or a lambda.
type Argument struct {
	Type   row.Type
	Lambda Lambda // nil for a value
}

// Lambda is a lambda whose parameters get their types from the signature that is tried.
type Lambda interface {
	// Parameters returns the number of parameters.
	Parameters() int
	// Bind gives the parameters these types, and returns the type of the lambda's result. changed is
	// false where they had them already.
	Bind(params []row.Type) (result row.Type, changed bool, err error)
}

// Call is the result of a match: the types that the arguments are converted to (for a
// lambda, that of its body), and the type of the result.
type Call struct {
	Args   []row.Type
	Result row.Type
}

// match finds how a call with these arguments is typed. wrong says which argument
// does not fit, and failed its number, from 1; exact that none has to be
// converted; err is a lambda's.
func (s *signature) match(args []Argument) (out Call, exact bool, failed int, wrong string, err error) {
	bound := map[byte]row.Type{}
	for i, a := range args {
		p := s.at(i)
		switch {
		case (a.Lambda != nil) != (p.lambda != nil):
			return out, false, i + 1, fmt.Sprintf("argument %d is %s, not %s", i+1, a.describe(), p.describe(bound)), nil
		case a.Lambda != nil && a.Lambda.Parameters() != len(p.lambda):
			return out, false, i + 1, fmt.Sprintf("argument %d is a lambda of %d, not of %d", i+1, a.Lambda.Parameters(), len(p.lambda)), nil
		case a.Lambda == nil && !p.unify(a.Type, bound, s.compares == ByFirstType):
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
			if a.Lambda == nil {
				continue
			}
			p := s.at(i)
			t, changed, err := a.Lambda.Bind(p.parameters(bound))
			if err != nil {
				return out, false, 0, "", err
			}
			again = again || changed
			if !p.unify(t, bound, false) {
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
		if s.compares != AfterConverting && a.Type.Kind != row.Null && s.at(i).hasVariable() {
			t = a.Type
		}
		exact = exact && (a.Lambda != nil || a.Type.Equal(t) || a.Type.Kind == row.Null)
		out.Args = append(out.Args, t)
	}
	out.Result = s.result.substitute(bound)
	return out, exact, 0, "", nil
}

func (a *Argument) describe() string {
	if a.Lambda != nil {
		return "a lambda"
	}
	return a.Type.String()
}

// parameters are the types that a lambda's parameters have.
func (p *param) parameters(bound map[byte]row.Type) []row.Type {
	types := make([]row.Type, len(p.lambda))
	for i := range p.lambda {
		types[i] = p.lambda[i].substitute(bound)
	}
	return types
}
