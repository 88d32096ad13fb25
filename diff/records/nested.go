package records

import (
	"encoding/json"
	"strconv"
	"strings"

	"parallax/processors/row"
)

// parseNested reads an array or object, which has no name twice: what is in it is
// compared by what it says. So the order of an object's fields, the escapes of a text
// and the spelling of a number are no differences there.
func parseNested(raw json.RawMessage) (row.Value, error) {
	switch raw[0] {
	case '{':
		fields, err := parseObject(raw)
		if err != nil {
			return row.Value{}, err
		}
		var names []string
		var values []row.Value
		for _, f := range fields {
			v, err := parseNested(f.value)
			if err != nil {
				return row.Value{}, err
			}
			names, values = append(names, f.name), append(values, v)
		}
		return row.NewMap(names, values), nil
	case '[':
		var values []row.Value
		for i := skipSpace(raw, 1); raw[i] != ']'; {
			end := valueEnd(raw, i)
			v, err := parseNested(raw[i:end])
			if err != nil {
				return row.Value{}, err
			}
			values = append(values, v)
			i = skipComma(raw, end)
		}
		return row.NewArray(values), nil
	case '"':
		s, err := parseString(raw)
		return row.NewString(s), err
	case 'n':
		return row.Value{}, nil
	case 't', 'f':
		return row.NewBoolean(raw[0] == 't'), nil
	}
	return parseNumber(string(raw)), nil
}

// parseNumber returns one value for all spellings of a JSON number: a DECIMAL where it
// fits one, else its digits and exponent as bytes.
func parseNumber(text string) row.Value {
	digits, isNegative := strings.CutPrefix(text, "-")
	exponent := 0
	if at := strings.IndexAny(digits, "eE"); at >= 0 {
		var err error
		if exponent, err = strconv.Atoi(digits[at+1:]); err != nil || exponent > 1<<30 || exponent < -1<<30 {
			if strings.Trim(digits[:at], "0.") == "" {
				return row.NewDecimal(row.Int128Of(0), 0)
			}
			return row.NewBytes([]byte(text)) // an exponent that no number needs
		}
		digits = digits[:at]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits, exponent = strings.TrimLeft(whole+fraction, "0"), exponent-len(fraction)
	significant := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(significant)
	if significant == "" {
		return row.NewDecimal(row.Int128Of(0), 0)
	}
	if isNegative {
		significant = "-" + significant
	}
	plain := significant + "e" + strconv.Itoa(exponent)
	v, scale, ok := row.ParseDecimal(plain)
	if !ok || scale > row.MaxPrecision || scale < 0 {
		return row.NewBytes([]byte(plain))
	}
	return row.NewDecimal(v, scale)
}
