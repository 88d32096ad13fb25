package plan

import (
	"slices"

	"parallax/processors/sql"
)

// isConstantKey reports whether an expression of a key is the same for all records.
func isConstantKey(e Expr) bool {
	_, literal := e.(*Literal)
	return literal || IsConstant(e)
}

// splitOfConstants is the split of state whose key is made of constants alone; ok is
// false where it is not. clause is where the key is written.
func splitOfConstants(by []Expr, clause string) (s Split, ok bool) {
	if len(by) == 0 || slices.ContainsFunc(by, func(e Expr) bool { return !isConstantKey(e) }) {
		return Split{}, false
	}
	return Split{Reason: clause + " has constants alone: all records share one key, so one partition has to see them all"}, true
}

// notNull refuses the literal NULL as an expression of a key, which would be NULL for
// all records, and says what to write instead.
func (b *builder) notNull(e Expr, at sql.Pos, clause, instead string) error {
	if lit, ok := e.(*Literal); ok && lit.Value.IsNull() {
		return b.errorf(at, "%s requires a column, an expression or a constant that is not NULL", clause).WithHint("%s", instead)
	}
	return nil
}

// constantGroup is the group that a selected constant is, or the constant as it is. In
// GROUP BY 1 the first 1 that is selected is the key. A constant inside an expression
// is none, so that ROUND(x, 1) has its constant argument there too.
func (sc *scope) constantGroup(e Expr, selected []Expr) Expr {
	lit, ok := e.(*Literal)
	if !ok || sc.agg == nil {
		return e
	}
	for i, g := range sc.agg.GroupBy {
		isKey := func(item Expr) bool { group, ok := item.(*Group); return ok && group.Index == i }
		if Same(g, lit) && !slices.ContainsFunc(selected, isKey) {
			return &Group{Index: i, Name: lit.String(), T: lit.T}
		}
	}
	return e
}
