package plan

import (
	"fmt"
	"strings"

	"parallax/processors/functions"
)

func (e *Call) String() string {
	a := e.Args
	switch half := len(a) / 2; e.Func {
	case functions.ArrayConstructor:
		return "ARRAY[" + list(a) + "]"
	case functions.MapConstructor: // keys, then values
		return "MAP(" + pairs(a[:half], a[half:], func(e Expr) string { return e.String() }) + ")"
	case functions.StructConstructor: // names, then values
		return "STRUCT(" + pairs(a[:half], a[half:], nameOf) + ")"
	case functions.ElementAccess:
		return fmt.Sprintf("%s[%s]", a[0], a[1])
	case functions.FieldAccess:
		return a[0].String() + "->" + nameOf(a[1])
	}
	return e.Func + "(" + list(a) + ")"
}

// nameOf is the name of a field, which is a literal.
func nameOf(e Expr) string { return e.(*Literal).Value.Str() }

func pairs(left, right []Expr, text func(Expr) string) string {
	parts := make([]string, len(left))
	for i := range left {
		parts[i] = text(left[i]) + " := " + right[i].String()
	}
	return strings.Join(parts, ", ")
}
