package plan

import (
	"slices"

	"parallax/processors/sql"
)

// isConstantKey reports whether a key expression has the same value for all records.
func isConstantKey(e Expr) bool {
	_, literal := e.(*Literal)
	return literal || IsConstant(e)
}

// splitOfConstants returns the split of state whose key consists of constants only; ok is
// false for other keys. clause names the clause with the key.
func splitOfConstants(by []Expr, clause string) (s Split, ok bool) {
	if len(by) == 0 || slices.ContainsFunc(by, func(e Expr) bool { return !isConstantKey(e) }) {
		return Split{}, false
	}
	return Split{Reason: clause + " has constants alone: all records share one key, so one partition has to see them all"}, true
}

// notNull refuses the literal NULL as a key expression, because the key would be NULL for
// all records. Its error suggests what to write instead.
func (b *builder) notNull(e Expr, at sql.Pos, clause, instead string) error {
	if lit, ok := e.(*Literal); ok && lit.Value.IsNull() {
		return b.errorf(at, "%s requires a column, an expression or a constant that is not NULL", clause).WithHint("%s", instead)
	}
	return nil
}

// constantGroup replaces a selected constant by the group with the same value, if there is
// one: in GROUP BY 1 the first selected 1 is the key. Only whole items are replaced, so
// that ROUND(x, 1) keeps its constant argument.
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
