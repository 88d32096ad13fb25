package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
)

// Reasons returns the reasons for which an engine refuses records (see Options). None contains a
// value of a record.
func Reasons() []string {
	return append(expression.Reasons(), lateReason, plan.ErrExplodedRows.Error(), plan.ErrExplodedBytes.Error())
}
