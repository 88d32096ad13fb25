package codec

import (
	"bytes"
	"unicode/utf8"

	"parallax/processors/row"
)

// convert appends a field to a column. An empty field is NULL; "" is the empty STRING or
// BYTES, and NULL for any other type. Other fields convert like the text of a JSON string.
// If isKeyed is set, keys are made of the field, and its text must be UTF-8.
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
			c.AppendStr(string([]rune(string(text)))) // U+FFFD for each byte that is not UTF-8
		}
		return nil
	}
	if !appendText(c, text) {
		return convertError(text, c.Type)
	}
	return nil
}
