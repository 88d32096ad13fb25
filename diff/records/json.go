package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"parallax/processors/row"
)

// field is a field of a JSON object; its value is the unmodified text.
type field struct {
	name  string
	value json.RawMessage
}

// parseObject returns the fields of a JSON object, which has been checked by
// checkSyntax, in order. Unlike encoding/json it refuses a name that occurs twice.
func parseObject(text []byte) ([]field, error) {
	if text[0] != '{' {
		return nil, fmt.Errorf("want a JSON object, not %s", shortened(text))
	}
	var fields []field
	var seen names
	for i := skipSpace(text, 1); text[i] != '}'; {
		end := valueEnd(text, i)
		name, err := parseString(text[i:end])
		if err != nil {
			return nil, err
		}
		if !seen.add(name) {
			return nil, fmt.Errorf("field %q occurs twice", row.Shorten(name))
		}
		i = skipSpace(text, skipSpace(text, end)+1) // over the colon
		end = valueEnd(text, i)
		fields = append(fields, field{name, text[i:end]})
		i = skipComma(text, end)
	}
	return fields, nil
}

// skipSpace returns where the next token begins.
func skipSpace(text []byte, i int) int {
	for text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r' {
		i++
	}
	return i
}

// skipComma returns the index of the next field or element, or of the end of the object or
// array.
func skipComma(text []byte, i int) int {
	if i = skipSpace(text, i); text[i] == ',' {
		i = skipSpace(text, i+1)
	}
	return i
}

// valueEnd returns the end of the JSON value that begins at i.
func valueEnd(text []byte, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // the end of the enclosing value
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// checkSyntax refuses text that is not exactly one JSON value.
func checkSyntax(text []byte) error {
	if json.Valid(text) {
		return nil
	}
	var value json.RawMessage
	err := json.Unmarshal(text, &value)
	return row.JSONError(text, err)
}

// names are the names of an object.
type names struct {
	few  []string
	many map[string]bool
}

// add reports whether a name is new.
func (n *names) add(name string) bool {
	const few = 16
	if n.many == nil {
		if slices.Contains(n.few, name) {
			return false
		}
		if n.few = append(n.few, name); len(n.few) > few {
			n.many = map[string]bool{}
			for _, own := range n.few {
				n.many[own] = true
			}
		}
		return true
	}
	if n.many[name] {
		return false
	}
	n.many[name] = true
	return true
}

// checkText refuses text for which encoding/json would substitute U+FFFD, which makes
// different texts equal: bytes that are not UTF-8, and unpaired escaped surrogates.
func checkText(text []byte) error {
	if !utf8.Valid(text) {
		at := 0
		for {
			r, size := utf8.DecodeRune(text[at:])
			if r == utf8.RuneError && size == 1 {
				return fmt.Errorf("byte %d (0x%02x) is not valid UTF-8", at+1, text[at])
			}
			at += size
		}
	}
	for i := bytes.IndexByte(text, '\\'); i >= 0 && i+1 < len(text); {
		width := 2
		if first, ok := unicodeEscape(text[i:]); ok && utf16.IsSurrogate(first) {
			second, ok := unicodeEscape(text[i+6:])
			if !ok || utf16.DecodeRune(first, second) == utf8.RuneError {
				return fmt.Errorf("the escape %s is half of a surrogate pair", text[i:i+6])
			}
			width = 12
		}
		next := bytes.IndexByte(text[i+width:], '\\')
		if next < 0 {
			break
		}
		i += width + next
	}
	return nil
}

// unicodeEscape reads the \uXXXX that a text begins with.
func unicodeEscape(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	return rune(n), err == nil
}

// parseInteger reads a JSON number without fraction or exponent that fits the given number
// of bits.
func parseInteger(value json.RawMessage, bits int) (int64, error) {
	n, err := strconv.ParseInt(string(value), 10, bits)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s does not fit %d bits", value, bits)
	case err != nil:
		return 0, fmt.Errorf("want an integer, not %s", shortened(value))
	}
	return n, nil
}

// parseString reads a JSON string.
func parseString(value json.RawMessage) (string, error) {
	if value[0] != '"' {
		return "", fmt.Errorf("want a string, not %s", shortened(value))
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	var s string
	err := json.Unmarshal(value, &s)
	return s, err
}

// shortened is a JSON value for an error message.
func shortened(value json.RawMessage) string {
	const most = 40
	text := strings.ToValidUTF8(string(value), "\ufffd")
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
