package plan

// walk visits a bound expression and all expressions inside it, outermost first.
func walk(e Expr, visit func(Expr)) {
	if e == nil {
		return
	}
	visit(e)
	for _, x := range operands(e) {
		walk(x, visit)
	}
}

// operands returns the operands of an expression in the order of evaluation.
func operands(e Expr) []Expr {
	switch e := e.(type) {
	case *Arithmetic:
		return []Expr{e.L, e.R}
	case *Comparison:
		return []Expr{e.L, e.R}
	case *Logic:
		return []Expr{e.L, e.R}
	case *Concat:
		return []Expr{e.L, e.R}
	case *Negate:
		return []Expr{e.X}
	case *Not:
		return []Expr{e.X}
	case *IsNull:
		return []Expr{e.X}
	case *Cast:
		return []Expr{e.X}
	case *In:
		return append([]Expr{e.X}, e.List...)
	case *Like:
		return []Expr{e.X, e.Pattern}
	case *Let:
		return []Expr{e.X, e.Body}
	case *Lambda:
		return []Expr{e.Body}
	case *Call:
		return e.Args
	case *Case:
		var all []Expr
		for _, w := range e.Whens {
			all = append(all, w.If, w.Then)
		}
		if e.Else != nil {
			all = append(all, e.Else)
		}
		return all
	}
	return nil
}
