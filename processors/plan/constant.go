package plan

import (
	"parallax/processors/functions"
	"parallax/processors/row"
)

// IsConstant reports whether an expression consists of literals only, and so has the same
// value for all records. A literal itself is not a constant in this sense.
func IsConstant(e Expr) bool {
	all := operands(e)
	if _, lambda := e.(*Lambda); lambda || len(all) == 0 {
		return false
	}
	for _, x := range all {
		if _, literal := x.(*Literal); !literal && !IsConstant(x) {
			return false
		}
	}
	return true
}

// Evaluation returns the code that computes the call. The function must be in the registry.
// wrong says what is wrong with the call's constant arguments, if anything.
func (e *Call) Evaluation() (eval functions.Evaluation, wrong string) {
	return e.evaluationOf(functions.Lookup(e.Func))
}

func (e *Call) evaluationOf(f *functions.Function) (eval functions.Evaluation, wrong string) {
	constants := make([]row.Value, len(e.Args))
	types := make([]row.Type, len(e.Args))
	for i, a := range e.Args {
		types[i] = a.Type()
		if lit, ok := a.(*Literal); ok {
			constants[i] = lit.Value
		}
	}
	return f.Evaluation(constants, types)
}
