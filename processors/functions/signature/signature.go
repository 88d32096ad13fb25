package signature

import (
	"strings"

	"parallax/processors/row"
)

// signature is how a function may be called, read from text such as
//
//	text STRING, length INT, [padding STRING] -> STRING
//	ARRAY<T>, T -> BOOLEAN
//	ARRAY<T>, (T) => U -> ARRAY<U>
//	T... -> T
//
// A lower-case word names a parameter for people. Brackets hold what may be left
// out, three dots follow what may be repeated. T and U are any type, N is any
// numeric one, P any but ARRAY, MAP and STRUCT: the same letter stands for the
// common type of all that it meets. N+1, of a result, is the type that rounding an N
// gives.
type signature struct {
	params   []param
	result   pattern
	required int
	repeats  bool // the last one
	compares Comparing
	// takesText is the text of its parameters.
	takesText string
}

// Comparing says whether a function compares its arguments without converting them, and
// what the type variable that they share stands for in its result. Eval must convert the
// argument that it chooses to the result's type.
type Comparing uint8

const (
	AfterConverting Comparing = iota // they are converted to the common type
	ByCommonType                     // the common type
	ByFirstType                      // the type of the first one
)

type param struct {
	name string
	// lambda are the types of a lambda's parameters, nil for a value; pattern is
	// its result then.
	lambda []pattern
	pattern
}

// parseSignature reads a signature of the registry, where a mistake is the
// programmer's.
func parseSignature(text string) signature {
	left, right := cutSignature(text)
	p := patternParser{text: right}
	s := signature{result: p.pattern(), takesText: strings.TrimSpace(left)}
	p = patternParser{text: left}
	for !p.done() {
		optional := p.take("[")
		s.params = append(s.params, p.param())
		if !optional {
			s.required = len(s.params)
		} else if !p.take("]") {
			panic("bracket missing: " + text)
		}
		s.repeats = p.take("...")
		if !p.take(",") && !p.done() {
			panic("comma missing: " + text)
		}
	}
	return s
}

// cutSignature parts what a function takes from what it gives.
func cutSignature(text string) (params, result string) {
	params, result, ok := strings.Cut(text, "-> ")
	if !ok {
		panic("signature without a result: " + text)
	}
	return params, result
}

type patternParser struct{ text string }

func (p *patternParser) done() bool { return strings.TrimSpace(p.text) == "" }

func (p *patternParser) take(what string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(p.text, " "), what)
	if ok {
		p.text = rest
	}
	return ok
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func (p *patternParser) word(in func(byte) bool) string {
	text := strings.TrimLeft(p.text, " ")
	n := 0
	for n < len(text) && in(text[n]) {
		n++
	}
	p.text = text[n:]
	return text[:n]
}

func (p *patternParser) param() param {
	if !p.take("(") {
		return param{name: p.word(isLower), pattern: p.pattern()}
	}
	var out param
	for !p.take(")") {
		out.lambda = append(out.lambda, p.pattern())
		p.take(",")
	}
	if !p.take("=>") {
		panic("lambda without a result: " + p.text)
	}
	out.pattern = p.pattern()
	return out
}

func (p *patternParser) pattern() pattern {
	name := p.word(isUpper)
	switch name {
	case "T", "U", "N", "P":
		return pattern{variable: name[0], isRounded: p.take("+1")}
	case "ARRAY", "MAP":
		out := pattern{kind: row.Array}
		p.take("<")
		if name == "MAP" {
			out.kind = row.Map
			p.pattern()
			p.take(",")
		}
		elem := p.pattern()
		p.take(">")
		out.elem = &elem
		return out
	case "STRUCT":
		out := pattern{kind: row.Struct}
		p.take("<")
		for !p.take(">") {
			field := p.word(isUpper)
			out.fields = append(out.fields, param{name: field, pattern: p.pattern()})
			p.take(",")
		}
		return out
	}
	for k := row.Boolean; k <= row.Time; k++ {
		if k.String() == name {
			return pattern{kind: k}
		}
	}
	panic("unknown type: " + name)
}

// at is the parameter of argument i.
func (s *signature) at(i int) *param { return &s.params[min(i, len(s.params)-1)] }

// takes reports whether a call may have n arguments.
func (s *signature) takes(n int) bool {
	return n >= s.required && (s.repeats || n <= len(s.params))
}
