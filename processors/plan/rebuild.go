package plan

// Rebuild returns e with each operand replaced by the result of f, or e itself if no
// operand changed. It modifies neither e nor an operand.
func Rebuild(e Expr, f func(Expr) Expr) Expr {
	old := operands(e)
	if len(old) == 0 {
		return e
	}
	made := make([]Expr, len(old))
	same := true
	for i, x := range old {
		made[i] = f(x)
		same = same && made[i] == x
	}
	if same {
		return e
	}
	switch e := e.(type) {
	case *Arithmetic:
		return &Arithmetic{Op: e.Op, L: made[0], R: made[1], T: e.T}
	case *Comparison:
		return &Comparison{Op: e.Op, L: made[0], R: made[1]}
	case *Logic:
		return &Logic{Or: e.Or, L: made[0], R: made[1]}
	case *Concat:
		return &Concat{L: made[0], R: made[1]}
	case *Negate:
		return &Negate{X: made[0]}
	case *Not:
		return &Not{X: made[0]}
	case *IsNull:
		return &IsNull{X: made[0], Negated: e.Negated}
	case *Cast:
		return &Cast{X: made[0], T: e.T}
	case *In:
		return &In{X: made[0], List: made[1:], Negated: e.Negated}
	case *Like:
		return &Like{X: made[0], Pattern: made[1], Escape: e.Escape, Negated: e.Negated}
	case *Let:
		return &Let{Slot: e.Slot, X: made[0], Body: made[1]}
	case *Lambda:
		return &Lambda{Params: e.Params, Body: made[0]}
	case *Call:
		return &Call{Func: e.Func, Args: made, T: e.T}
	case *Case:
		c := &Case{T: e.T}
		for i := range e.Whens {
			c.Whens = append(c.Whens, When{If: made[2*i], Then: made[2*i+1]})
		}
		if e.Else != nil {
			c.Else = made[len(made)-1]
		}
		return c
	}
	return e
}
