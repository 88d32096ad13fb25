package plan

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/functions/aggregates"
	"parallax/processors/row"
)

// AggregateCall is one distinct aggregate of a query. Equal calls in the query's text share
// one AggregateCall.
type AggregateCall struct {
	Func aggregates.Name
	// Args read the source's columns. COUNT(*) has no arguments.
	Args []Expr
	// Constants are the arguments after Args.
	Constants []row.Value
	Type      row.Type
}

// text is the call as SQL text.
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

// hasSameTypes reports whether two calls with equal texts also have equal types.
func (a *AggregateCall) hasSameTypes(o *AggregateCall) bool {
	return a.Type.Equal(o.Type) &&
		slices.EqualFunc(a.Args, o.Args, func(x, y Expr) bool { return x.Type().Equal(y.Type()) })
}
