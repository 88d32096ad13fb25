package plan

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/functions/aggregates"
	"parallax/processors/row"
)

// AggregateCall is one distinct aggregate of a query. Several mentions of the
// same one share it.
type AggregateCall struct {
	Func aggregates.Name
	// Args see the source's columns; COUNT(*) has none.
	Args []Expr
	// Constants are the arguments after them.
	Constants []row.Value
	Type      row.Type
}

// text is the call as SQL.
func (a *AggregateCall) text() string {
	if len(a.Args) == 0 {
		return string(a.Func) + "(*)"
	}
	var args []string
	for _, e := range a.Args {
		args = append(args, e.String())
	}
	for _, v := range a.Constants {
		args = append(args, (&Literal{Value: v}).String())
	}
	return fmt.Sprintf("%s(%s)", a.Func, strings.Join(args, ", "))
}

// sameTypes reports whether two calls of the same text are one.
func (a *AggregateCall) sameTypes(o *AggregateCall) bool {
	return a.Type.Equal(o.Type) &&
		slices.EqualFunc(a.Args, o.Args, func(x, y Expr) bool { return x.Type().Equal(y.Type()) })
}
