package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// condition is WHERE for an operator that takes one record at a time. The zero value
// lets every record through.
type condition struct {
	holds expression.WholeFunc
}

// compileCondition makes WHERE's condition; e is nil where there is none.
func compileCondition(e plan.Expr) (c condition, err error) {
	if e != nil {
		c.holds, err = expression.CompileWhole(e)
	}
	return c, err
}

// admits reports whether the condition holds for record i, which n points to; otherwise it returns
// the record's disposition. A condition with an error does not hold: the error is counted or, under
// on_error: dlq, the record is refused.
func (c condition) admits(n *expression.Env, opt Options, out *Result, i int) (row.Disposition, bool) {
	if c.holds == nil {
		return row.DispositionNone, true
	}
	v, bad := c.holds(n)
	if bad > expression.IsNull {
		if opt.ErrorsToDeadLetter {
			return out.refuse(i, bad.Err()), false
		}
		out.ExpressionErrors++
	}
	if bad != expression.Sound || v == 0 {
		return row.Filtered, false
	}
	return row.DispositionNone, true
}

// refuse sends a record with an error to the dead-letter topic; it changes nothing.
func (r *Result) refuse(i int, err error) row.Disposition {
	r.ExpressionErrors++
	r.DeadLetters = append(r.DeadLetters, row.DeadLetter{Record: i, Reason: err.Error()})
	return row.Failed
}
