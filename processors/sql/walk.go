package sql

// Walk visits an expression and the expressions inside it, outermost first. It enters an
// expression only if visit returns true for it.
func Walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	walk := func(list ...Expr) {
		for _, x := range list {
			Walk(x, visit)
		}
	}
	switch e := e.(type) {
	case *Unary:
		walk(e.X)
	case *Binary:
		walk(e.L, e.R)
	case *IsNull:
		walk(e.X)
	case *Between:
		walk(e.X, e.Low, e.High)
	case *In:
		walk(e.X)
		walk(e.List...)
	case *Like:
		walk(e.X, e.Pattern)
	case *Case:
		walk(e.Operand)
		for _, w := range e.Whens {
			walk(w.If, w.Then)
		}
		walk(e.Else)
	case *Cast:
		walk(e.X)
	case *Extract:
		walk(e.X)
	case *Call:
		walk(e.Args...)
		if e.Over != nil {
			walk(e.Over.PartitionBy...)
			for _, by := range e.Over.OrderBy {
				walk(by.X)
			}
		}
	case *Field:
		walk(e.X)
	case *Index:
		walk(e.X, e.I)
	case *ArrayOf:
		walk(e.Items...)
	case *MapOf:
		for _, m := range e.Entries {
			walk(m.Key, m.Value)
		}
	case *StructOf:
		for _, f := range e.Fields {
			walk(f.Value)
		}
	case *Lambda:
		walk(e.Body)
	}
}
