package codec

import (
	"errors"
	"fmt"
)

// span is the extent of a JSON value in a record, with its kind: '"', '{', '[', or 0 for a
// scalar. The zero span means a missing field.
type span struct {
	from, to int
	kind     byte
}

// scanner finds the fields of one JSON object. It checks only what that requires: the
// members of the object, and that brackets and strings are balanced. The inside of a value
// is checked by its conversion.
type scanner struct {
	b     []byte
	at    int
	stack []byte // open brackets of a nested value
}

// Errors of a scan. The caller adds whether it was a value or a key.
var (
	errNoObject  = errors.New("not a JSON object")
	errCutShort  = errors.New("not a complete JSON object: the end is missing")
	errTrailing  = errors.New("not one JSON object: something follows it")
	errUnmatched = errors.New("not a complete JSON object: its brackets do not match")
)

func (s *scanner) blank() {
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// fields calls visit with each member of the object: its name's extent (quotes
// excluded, escapes as they are) and its value's.
func (s *scanner) fields(b []byte, visit func(name, value span)) error {
	s.b, s.at = b, 0
	s.blank()
	if s.at == len(b) || b[s.at] != '{' {
		return errNoObject
	}
	s.at++
	if s.blank(); s.at < len(b) && b[s.at] == '}' {
		s.at++
		return s.end()
	}
	for {
		s.blank()
		if s.at == len(b) {
			return errCutShort
		}
		if b[s.at] != '"' {
			return s.unexpected("a field's name")
		}
		name, err := s.text()
		if err != nil {
			return err
		}
		if s.blank(); s.at == len(b) {
			return errCutShort
		}
		if b[s.at] != ':' {
			return s.unexpected("a colon")
		}
		s.at++
		value, err := s.value()
		if err != nil {
			return err
		}
		visit(span{from: name.from + 1, to: name.to - 1}, value)
		if s.blank(); s.at == len(b) {
			return errCutShort
		}
		switch b[s.at] {
		case ',':
			s.at++
		case '}':
			s.at++
			return s.end()
		default:
			return s.unexpected("a comma or a closing bracket")
		}
	}
}

func (s *scanner) unexpected(want string) error {
	return fmt.Errorf("not a JSON object: byte %d is %q, not %s", s.at, s.b[s.at], want)
}

func (s *scanner) end() error {
	if s.blank(); s.at < len(s.b) {
		return errTrailing
	}
	return nil
}

// text passes a string, quotes included.
func (s *scanner) text() (span, error) {
	from := s.at
	for i := from + 1; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			i++
		case '"':
			s.at = i + 1
			return span{from: from, to: i + 1, kind: '"'}, nil
		}
	}
	return span{}, errCutShort
}

// value passes a value of any kind.
func (s *scanner) value() (span, error) {
	if s.blank(); s.at == len(s.b) {
		return span{}, errCutShort
	}
	from := s.at
	switch c := s.b[from]; c {
	case '"':
		return s.text()
	case '{', '[':
		if err := s.nested(); err != nil {
			return span{}, err
		}
		return span{from: from, to: s.at, kind: c}, nil
	}
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ',', '}', ']', ' ', '\t', '\n', '\r', ':', '"', '{', '[':
			if s.at == from {
				return span{}, s.unexpected("a value")
			}
			return span{from: from, to: s.at}, nil
		}
		s.at++
	}
	return span{}, errCutShort
}

// nested passes an object or array by its brackets and strings.
func (s *scanner) nested() error {
	s.stack = s.stack[:0]
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case '"':
			if _, err := s.text(); err != nil {
				return err
			}
			continue
		case '{', '[':
			s.stack = append(s.stack, c+2) // in ASCII the closing bracket is two on
		case '}', ']':
			top := len(s.stack) - 1
			if s.stack[top] != c {
				return errUnmatched
			}
			if s.stack = s.stack[:top]; top == 0 {
				s.at++
				return nil
			}
		}
		s.at++
	}
	return errCutShort
}
