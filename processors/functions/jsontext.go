package functions

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// What follows walks over JSON text that is known to be valid, without building
// anything of it.

// skipSpace returns where the next character that is not white space is.
func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// skipString returns where the string that begins at i ends.
func skipString(s string, i int) int {
	for i++; s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// skipValue returns where the value that begins at i ends.
func skipValue(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = skipString(s, i) - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// jsonKind is how a value begins: { [ " t f n, or 0 for a number.
func jsonKind(value string) byte {
	switch c := value[0]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	}
	return 0
}

// wholeJSON trims a text to its one JSON value; ok is false where it is none.
func wholeJSON(s string) (value string, ok bool) {
	if !json.Valid([]byte(s)) {
		return "", false
	}
	i := skipSpace(s, 0)
	return s[i:skipValue(s, i)], true
}

// eachElement calls visit with the elements of an array, until it returns false.
func eachElement(array string, visit func(value string) bool) {
	for i := skipSpace(array, 1); array[i] != ']'; {
		end := skipValue(array, i)
		if !visit(array[i:end]) {
			return
		}
		if i = skipSpace(array, end); array[i] == ',' {
			i = skipSpace(array, i+1)
		}
	}
}

// eachField calls visit with the fields of an object, the name as it is written.
func eachField(object string, visit func(name, value string)) {
	for i := skipSpace(object, 1); object[i] != '}'; {
		end := skipString(object, i)
		at := skipSpace(object, skipSpace(object, end)+1) // past the colon
		stop := skipValue(object, at)
		visit(object[i:end], object[at:stop])
		if i = skipSpace(object, stop); object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
}

// jsonText returns the text of a JSON string.
func jsonText(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	if !strings.Contains(inner, `\`) && utf8.ValidString(inner) {
		return inner
	}
	var s string
	_ = json.Unmarshal([]byte(quoted), &s) // it is valid
	return s
}

// compactJSON is a value without the white space between its parts.
func compactJSON(value string) string {
	if !strings.ContainsAny(value, " \n\t\r") {
		return value
	}
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(value)) // it is valid
	return b.String()
}
