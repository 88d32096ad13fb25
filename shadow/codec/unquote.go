package codec

import (
	"bytes"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errEscape  = errors.New("a string has an escape that JSON does not know")
	errControl = errors.New("a string has a control character that is not escaped")
)

// errNotUTF8 refuses a text that becomes part of a key.
var errNotUTF8 = errors.New("the text is not valid UTF-8, and it is part of a key: two such texts could become the same key")

const replacement = "\ufffd"

// unquote appends the unescaped inside of a JSON string. As encoding/json does, it replaces
// unpaired surrogates and invalid UTF-8 by U+FFFD.
func unquote(dst, s []byte) ([]byte, error) {
	dst, _, err := unquoteText(dst, s)
	return dst, err
}

// unquoteText is unquote. isExact: nothing was replaced.
func unquoteText(dst, s []byte) (text []byte, isExact bool, err error) {
	isExact = true
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\\':
			before, from := len(dst), i
			if dst, i, err = unescape(dst, s, i); err != nil {
				return dst, false, err
			}
			if string(dst[before:]) == replacement && !bytes.EqualFold(s[from:i], []byte(`\ufffd`)) {
				isExact = false
			}
		case c < ' ':
			return dst, false, errControl
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, size := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && size == 1 {
				isExact = false
			}
			dst = utf8.AppendRune(dst, r)
			i += size
		}
	}
	return dst, isExact, nil
}

// simple are the one-letter escapes.
var simple = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends the character escaped at s[i] and returns the next index.
func unescape(dst, s []byte, i int) ([]byte, int, error) {
	if i+1 >= len(s) {
		return dst, i, errEscape
	}
	if plain, ok := simple[s[i+1]]; ok {
		return append(dst, plain), i + 2, nil
	}
	r, ok := unicodeEscape(s, i)
	if !ok {
		return dst, i, errEscape
	}
	i += 6
	if utf16.IsSurrogate(r) {
		if second, ok := unicodeEscape(s, i); ok {
			if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
				return utf8.AppendRune(dst, pair), i + 6, nil
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(dst, r), i, nil
}

// unicodeEscape reads \uXXXX.
func unicodeEscape(s []byte, i int) (r rune, ok bool) {
	if i+6 > len(s) || s[i] != '\\' || s[i+1] != 'u' {
		return 0, false
	}
	for _, c := range s[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
