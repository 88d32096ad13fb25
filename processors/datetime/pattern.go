package datetime

import (
	"fmt"
	"strings"
)

// Pattern is a date pattern of java.time.format.DateTimeFormatter. It is
// immutable and safe for concurrent use.
type Pattern struct {
	elements []element
	parts    Parts
}

// element is a run of one letter, a literal text, or an optional section.
type element struct {
	kind    elementKind
	letter  *letter
	zone    byte // X x Z O V z
	count   int
	literal string
	section []element
	// least and most are a number's digits; reserved is how many digits after
	// them belong to the numbers that follow without anything between.
	least, most, reserved int
	// signed: a number with more digits than the run has a plus sign.
	signed bool
}

type elementKind uint8

const (
	literalText elementKind = iota
	numberField
	nameField
	fraction
	zoneField
	optional
)

// Compile reads a pattern.
func Compile(text string) (*Pattern, error) {
	p := &Pattern{}
	rest, elements, err := p.compile(text, 0)
	if err == nil && rest != "" {
		err = fmt.Errorf("] without [")
	}
	if err != nil {
		return nil, fmt.Errorf("pattern '%s': %w", text, err)
	}
	reserve(elements)
	p.elements = elements
	return p, nil
}

// Parts returns the parts of a time that the pattern contains.
func (p *Pattern) Parts() Parts { return p.parts }

// compile reads up to the end, or the bracket that closes a section.
func (p *Pattern) compile(text string, depth int) (rest string, out []element, err error) {
	for text != "" {
		c := text[0]
		switch {
		case c == '\'':
			literal, rest, ok := quoted(text[1:])
			if !ok {
				return "", nil, fmt.Errorf("a quote is not closed")
			}
			out, text = append(out, element{literal: literal}), rest
		case c == '[':
			e := element{kind: optional}
			if depth > 20 {
				return "", nil, fmt.Errorf("sections are nested too deep")
			}
			if text, e.section, err = p.compile(text[1:], depth+1); err != nil {
				return "", nil, err
			}
			text = strings.TrimPrefix(text, "]") // the end closes all sections
			out = append(out, e)
		case c == ']':
			return text, out, nil
		case c == '{' || c == '}' || c == '#':
			return "", nil, fmt.Errorf("%c is reserved", c)
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := len(text) - len(strings.TrimLeft(text, string(c)))
			e, err := p.run(c, n)
			if err != nil {
				return "", nil, err
			}
			out, text = append(out, e), text[n:]
		default:
			n := strings.IndexFunc(text, func(r rune) bool {
				return r == '\'' || r == '[' || r == ']' || r == '{' || r == '}' || r == '#' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			})
			if n < 0 {
				n = len(text)
			}
			out, text = append(out, element{literal: text[:n]}), text[n:]
		}
	}
	return "", out, nil
}

// quoted reads up to the closing quote. Two quotes stand for one.
func quoted(text string) (literal, rest string, ok bool) {
	if strings.HasPrefix(text, "'") {
		return "'", text[1:], true
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\'' {
			if !strings.HasPrefix(text[i+1:], "'") {
				return b.String(), text[i+1:], true
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}

// run compiles a letter repeated n times.
func (p *Pattern) run(c byte, n int) (element, error) {
	tooMany := func(most int) error {
		if n > most {
			return fmt.Errorf("%s has too many letters", strings.Repeat(string(c), n))
		}
		return nil
	}
	switch c {
	case 'S':
		p.parts |= ClockPart
		return element{kind: fraction, count: n, least: n, most: n}, tooMany(9)
	case 'X', 'x', 'Z':
		p.parts |= ZonePart
		return element{kind: zoneField, zone: c, count: n}, tooMany(5)
	case 'O':
		p.parts |= ZonePart
		if n != 1 && n != 4 {
			return element{}, fmt.Errorf("the letter O must be written once or four times")
		}
		return element{kind: zoneField, zone: c, count: n}, nil
	case 'V':
		p.parts |= ZonePart
		if n != 2 {
			return element{}, fmt.Errorf("the letter V must be written twice")
		}
		return element{kind: zoneField, zone: c, count: n}, nil
	case 'z':
		p.parts |= ZonePart
		return element{kind: zoneField, zone: c, count: n}, tooMany(3)
	}
	l := letters[c]
	if l == nil {
		return element{}, fmt.Errorf("the letter %c is not supported", c)
	}
	p.parts |= l.part
	e := element{kind: numberField, letter: l, count: n}
	switch {
	case l.texts > 0 && n >= l.texts:
		e.kind = nameField
	case l.field == year || l.field == yearOfEra:
		e.least, e.most, e.signed = n, 19, n >= 4
		if n == 2 {
			e.most = 2
		}
	case n == 1:
		e.least, e.most = 1, 19
	case l.longest == 2 || l.names != nil:
		e.least, e.most = 2, 2
	case l.field == dayOfYear:
		e.least, e.most = n, 3
	default:
		e.least, e.most = n, 19
	}
	return e, tooMany(l.longest)
}

// reserve sets, for each number without a fixed width, how many digits belong to the
// fixed-width numbers directly after it.
func reserve(list []element) {
	for i := range list {
		if list[i].kind == optional {
			reserve(list[i].section)
		}
		if list[i].kind != numberField || list[i].least == list[i].most {
			continue
		}
		for _, e := range list[i+1:] {
			if e.kind != numberField && e.kind != fraction || e.least != e.most {
				break
			}
			list[i].reserved += e.least
		}
	}
}
