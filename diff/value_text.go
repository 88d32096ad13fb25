package diff

import "parallax/processors/row"

// valueText returns a value as text for messages: a text unchanged, other values as JSON.
func valueText(v row.Value) string {
	if isNested(v) || isSpelled(v) {
		return string(appendValue(nil, v))
	}
	return v.String()
}

// appendValue is row.AppendJSON, with the numbers of JSONNumber as they are written.
func appendValue(dst []byte, v row.Value) []byte {
	switch {
	case isSpelled(v):
		return append(dst, v.Elements()[0].Str()...)
	case !isNested(v):
		return row.AppendJSON(dst, v)
	}
	opening, closing := byte('{'), byte('}')
	if v.Kind() == row.Array {
		opening, closing = '[', ']'
	}
	dst = append(dst, opening)
	for i, e := range v.Elements() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.Kind() != row.Array {
			dst = append(row.AppendJSONString(dst, v.Names()[i]), ':')
		}
		dst = appendValue(dst, e)
	}
	return append(dst, closing)
}

// typed returns the text of a value, with the value's kind if the other value has a different one.
func typed(text string, v, other row.Value) string {
	switch {
	case isAbsent(v):
		return "(absent)"
	case isAbsent(other), v.IsNull(), other.IsNull(), kindOf(v) == kindOf(other):
		return text
	}
	return text + " (" + kindOf(v).String() + ")"
}

// kindOf is a value's kind: DECIMAL for all numbers of JSONNumber.
func kindOf(v row.Value) row.Kind {
	if isSpelled(v) {
		return row.Decimal
	}
	return v.Kind()
}
