package functions

import (
	"parallax/processors/row"
	"parallax/processors/typing"
)

// fitted is a function's result: the value that it chose among arguments of several
// types, brought to the type of the call.
func fitted(v row.Value, t row.Type) (row.Value, error) {
	if v.Kind() == t.Kind && !t.Kind.IsNested() && t.Kind != row.Decimal {
		return v, nil
	}
	v, ok := typing.Fit(v, t)
	if !ok {
		return row.Value{}, ErrOverflow
	}
	return v, nil
}
