package plan

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// parameter is the name of a lambda's parameter in its body.
type parameter struct {
	name  string
	local *Local
}

// parameter resolves a name, or a qualifier, as a parameter of the lambdas around it; nil
// if it is not one.
func (sc *scope) parameter(r *sql.Ref) *Local {
	name := r.Name.Text
	if r.Qualifier.Text != "" {
		name = r.Qualifier.Text
	}
	for _, p := range slices.Backward(sc.params) {
		if p.name == name {
			return p.local
		}
	}
	return nil
}

// lambdaDepth is how many slots are taken up to the innermost parameter.
func (sc *scope) lambdaDepth() int {
	if len(sc.params) == 0 {
		return 0
	}
	return sc.params[len(sc.params)-1].local.Slot + 1
}

// lambda binds a lambda with parameters of these types.
func (sc *scope) lambda(l *sql.Lambda, types []row.Type) (*Lambda, error) {
	out := &Lambda{}
	inner := *sc
	inner.lets, inner.params = slices.Clone(sc.lets), slices.Clone(sc.params)
	inner.tries = nil // the same body may be bound again with other parameter types
	for i, p := range l.Params {
		local := &Local{Slot: len(inner.lets), Name: p.Text, T: types[i]}
		out.Params = append(out.Params, local)
		inner.lets = append(inner.lets, local)
		inner.params = append(inner.params, parameter{p.Text, local})
	}
	var err error
	out.Body, err = inner.bind(l.Body)
	sc.sawOver = sc.sawOver || inner.sawOver
	return out, err
}
