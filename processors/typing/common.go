package typing

import "parallax/processors/row"

// Common returns the type to which values of both types can be converted, for CASE,
// COALESCE and similar. NULL has a common type with every type: the other one. DECIMALs
// keep the larger scale: no value is rounded, but one with too many digits before the point
// does not fit.
func Common(a, b row.Type) (row.Type, bool) {
	switch {
	case a.Kind == row.Null:
		return b, true
	case b.Kind == row.Null || a.Equal(b):
		return a, true
	case a.Kind.IsNested() && a.Kind == b.Kind:
		return commonNested(a, b)
	case !a.IsNumeric() || !b.IsNumeric():
		return row.Type{}, false
	case a.Kind == row.Double || b.Kind == row.Double:
		return row.Of(row.Double), true
	case a.Kind != row.Decimal && b.Kind != row.Decimal:
		return row.Of(max(a.Kind, b.Kind)), true
	}
	a, b = AsDecimal(a), AsDecimal(b)
	return keepingScale(max(a.Precision-a.Scale, b.Precision-b.Scale), max(a.Scale, b.Scale)), true
}

// commonNested returns the nested type with the common types of the elements. STRUCTs must
// have the same fields.
func commonNested(a, b row.Type) (row.Type, bool) {
	t := row.Of(a.Kind)
	if a.Elem != nil {
		elem, ok := Common(*a.Elem, *b.Elem)
		t.Elem = &elem
		return t, ok
	}
	if len(a.Fields) != len(b.Fields) {
		return t, false
	}
	for i, f := range a.Fields {
		field, ok := Common(f.Type, b.Fields[i].Type)
		if !ok || f.Name != b.Fields[i].Name {
			return t, false
		}
		t.Fields = append(t.Fields, row.Column{Name: f.Name, Type: field})
	}
	return t, true
}
