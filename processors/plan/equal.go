package plan

import "slices"

// Same reports whether two bound expressions are equal. It compares right operands first,
// because chains of operators nest on the left and mostly differ on the right.
func Same(a, b Expr) bool {
	switch a := a.(type) {
	case *Literal:
		b, ok := b.(*Literal)
		return ok && a.T.Equal(b.T) && a.String() == b.String()
	case *Column:
		b, ok := b.(*Column)
		return ok && a.Side == b.Side && a.Index == b.Index
	case *System:
		b, ok := b.(*System)
		return ok && *a == *b
	case *Group:
		b, ok := b.(*Group)
		return ok && a.Index == b.Index
	case *Local:
		b, ok := b.(*Local)
		return ok && a.Slot == b.Slot
	case *Arithmetic:
		b, ok := b.(*Arithmetic)
		return ok && a.Op == b.Op && Same(a.R, b.R) && Same(a.L, b.L)
	case *Comparison:
		b, ok := b.(*Comparison)
		return ok && a.Op == b.Op && Same(a.R, b.R) && Same(a.L, b.L)
	case *Logic:
		b, ok := b.(*Logic)
		return ok && a.Or == b.Or && Same(a.R, b.R) && Same(a.L, b.L)
	case *Concat:
		b, ok := b.(*Concat)
		return ok && Same(a.R, b.R) && Same(a.L, b.L)
	case *Not:
		b, ok := b.(*Not)
		return ok && Same(a.X, b.X)
	case *Negate:
		b, ok := b.(*Negate)
		return ok && Same(a.X, b.X)
	case *Cast:
		b, ok := b.(*Cast)
		return ok && a.T.Equal(b.T) && Same(a.X, b.X)
	case *Call:
		b, ok := b.(*Call)
		return ok && a.Func == b.Func && a.T.Equal(b.T) && slices.EqualFunc(a.Args, b.Args, Same)
	case *Lambda:
		b, ok := b.(*Lambda)
		return ok && len(a.Params) == len(b.Params) && Same(a.Body, b.Body)
	case *Let:
		b, ok := b.(*Let)
		return ok && Same(a.X, b.X) && Same(a.Body, b.Body)
	}
	// The rest nests little. A Group may be named as anything else is.
	if _, ok := b.(*Group); ok {
		return false
	}
	return a.Type().Equal(b.Type()) && a.String() == b.String()
}
