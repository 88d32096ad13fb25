package codec

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// convert appends a JSON value to a column. kind is the kind of the value (see span). Text
// that is a number converts to a number; a number, boolean or nested value converts to
// STRING as its text.
//
// If keys are made of the value, its texts must be UTF-8: see object.isKeyed.
func (o *object) convert(c *row.Vector, raw []byte, kind byte) error {
	if kind == 0 && string(raw) == "null" {
		c.AppendNull()
		return nil
	}
	if c.Type.Kind == row.String {
		return o.convertText(c, raw, kind)
	}
	if c.Type.Kind.IsNested() {
		v, err := o.nested(raw, kind, &c.Type)
		if err == nil {
			c.AppendNested(v)
		}
		return err
	}
	switch kind {
	case '{', '[':
		return convertError(raw, c.Type)
	case '"':
		text, err := unquote(o.text[:0], raw[1:len(raw)-1])
		if err != nil {
			return err
		}
		o.text = text
		if !appendText(c, text) {
			return convertError(raw, c.Type)
		}
		return nil
	}
	if !appendScalar(c, raw) {
		return convertError(raw, c.Type)
	}
	return nil
}

// convertError returns an error with the value and the wanted type.
func convertError(raw []byte, want row.Type) error {
	return fmt.Errorf("%s is not a valid %s", row.Excerpt(raw), want)
}

func (o *object) convertText(c *row.Vector, raw []byte, kind byte) error {
	switch kind {
	case '"':
		text, isExact, err := unquoteText(o.text[:0], raw[1:len(raw)-1])
		if err != nil {
			return err
		}
		if o.isKeyed && !isExact {
			return errNotUTF8
		}
		o.text = text
		c.AppendStr(string(text))
		return nil
	case 0:
		if s := string(raw); s != "true" && s != "false" && !isNumber(raw) {
			return convertError(raw, c.Type)
		}
	default:
		if !json.Valid(raw) {
			return convertError(raw, c.Type)
		}
		if o.isKeyed && !utf8.Valid(raw) {
			return errNotUTF8
		}
	}
	c.AppendStr(string(raw))
	return nil
}

// appendScalar appends true, false or a number as it is written.
func appendScalar(c *row.Vector, raw []byte) bool {
	if c.Type.Kind == row.Boolean {
		return appendBoolean(c, string(raw) == "true", string(raw) == "false")
	}
	return isNumber(raw) && appendNumber(c, raw)
}

// appendText appends the text of a JSON string.
func appendText(c *row.Vector, text []byte) bool {
	switch c.Type.Kind {
	case row.Boolean:
		return appendBoolean(c, strings.EqualFold(string(text), "true"), strings.EqualFold(string(text), "false"))
	case row.Timestamp:
		return !row.IsBasicDate(text) && appendNumber(c, text) || appendWhole(c, row.ParseTimestamp, text)
	case row.Date:
		return appendWhole(c, row.ParseDate, text)
	case row.Time:
		return appendWhole(c, row.ParseTime, text)
	case row.Bytes:
		b, err := base64.StdEncoding.AppendDecode(nil, text)
		if err == nil {
			c.AppendStr(string(b))
		}
		return err == nil
	}
	return appendNumber(c, text)
}

// appendWhole appends the number that read returns for a text.
func appendWhole(c *row.Vector, read func(string) (int64, bool), text []byte) bool {
	n, ok := read(string(text))
	if ok {
		c.AppendInt64(n)
	}
	return ok
}

func appendBoolean(c *row.Vector, isTrue, isFalse bool) bool {
	switch {
	case isTrue:
		c.AppendInt64(1)
	case isFalse:
		c.AppendInt64(0)
	}
	return isTrue || isFalse
}

// appendNumber appends a number given as text, by the rules of numeric.ParseWhole and similar
// functions, which include JSON's numbers.
func appendNumber(c *row.Vector, raw []byte) bool {
	switch c.Type.Kind {
	case row.Int, row.Bigint, row.Timestamp, row.Date, row.Time:
		n, ok := numeric.ParseWhole(raw)
		if !ok || !fitsKind(c.Type.Kind, n) {
			return false
		}
		c.AppendInt64(n)
		return true
	case row.Double:
		f, ok := numeric.ParseDouble(alias(raw))
		if ok {
			c.AppendFloat64(f)
		}
		return ok
	case row.Decimal:
		v, scale, ok := numeric.ParseDecimal(raw)
		if ok {
			v, ok = numeric.DecimalFits(v, scale, c.Type.Precision, c.Type.Scale)
		}
		if ok {
			c.AppendInt128(v)
		}
		return ok
	}
	return false
}

// fitsKind reports whether a number is in the range of a kind: a DATE has 32 bits, as in
// Kafka Connect, and a TIME ends before midnight.
func fitsKind(k row.Kind, n int64) bool {
	switch k {
	case row.Int, row.Date:
		return n == int64(int32(n))
	case row.Time:
		return n >= 0 && n < row.MillisPerDay
	}
	return true
}

// isNumber reports whether text is a number by JSON's grammar.
func isNumber(text []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(text) && text[i] == '-' {
		i++
	}
	zero := i < len(text) && text[i] == '0'
	from := i
	if !digits() || zero && i > from+1 {
		return false
	}
	if i < len(text) && text[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(text)
}
