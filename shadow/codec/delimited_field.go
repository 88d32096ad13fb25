package codec

import (
	"bytes"
	"unicode/utf8"

	"parallax/processors/row"
)

// convert appends a field to a column. One that is empty is NULL; "" is the empty
// STRING or BYTES, and NULL of any other type. The rest is read as the text of a JSON
// string is. Where isKeyed is set, keys are made of the field, and its text must be UTF-8.
func (f *field) convert(c *row.Vector, isKeyed bool) error {
	text := f.text
	if len(text) == 0 && !(f.quoted && (c.Type.Kind == row.String || c.Type.Kind == row.Bytes)) {
		c.AppendNull()
		return nil
	}
	if f.doubled {
		text = bytes.ReplaceAll(text, []byte(`""`), []byte(`"`))
	}
	if c.Type.Kind == row.String {
		switch {
		case f.ascii || utf8.Valid(text):
			c.AppendStr(alias(text))
		case isKeyed:
			return errNotUTF8
		default:
			c.AppendStr(string([]rune(string(text)))) // U+FFFD for a byte that is no UTF-8
		}
		return nil
	}
	if !appendText(c, text) {
		return wrong(text, c.Type)
	}
	return nil
}
