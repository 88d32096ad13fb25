package generate

import (
	"strings"

	"parallax/processors/functions"
	"parallax/processors/row"
)

// signature is a signature of a registry function, read from its text: see
// functions.Function. New functions in the registry are used automatically.
type signature struct {
	function string
	params   []param
	required int
	repeats  bool // the last parameter may repeat
	result   pattern
	clock    bool // without arguments it is about the record's NOW
}

// param is a parameter. For a lambda it has the types of the lambda's parameters and of its
// result.
type param struct {
	name   string
	lambda []pattern
	pattern
}

// pattern is a type with variables, T, U, N and P, in it.
type pattern struct {
	variable string
	rounded  bool // it is the type that rounding the variable's gives
	kind     row.Kind
	elem     *pattern
	fields   []param
}

// signatures are the signatures of all functions that return a value.
var signatures = func() []signature {
	var all []signature
	for _, family := range functions.Families() {
		for _, f := range family.Functions {
			for _, s := range f.Signatures {
				if f.Table {
					continue
				}
				read := readSignature(f.Name, s)
				read.clock = f.Clock
				all = append(all, read)
			}
		}
	}
	return all
}()

func readSignature(function, text string) signature {
	left, right, _ := strings.Cut(text, "-> ")
	s := signature{function: function}
	r := &reader{right}
	s.result = r.pattern()
	for r = (&reader{left}); !r.done(); r.take(",") {
		optional := r.take("[")
		s.params = append(s.params, r.param())
		if optional {
			r.take("]")
		} else {
			s.required = len(s.params)
		}
		s.repeats = r.take("...")
	}
	return s
}

// reader reads a signature's text from the left.
type reader struct{ rest string }

func (r *reader) done() bool { return strings.TrimSpace(r.rest) == "" }

func (r *reader) take(what string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(r.rest, " "), what)
	if ok {
		r.rest = rest
	}
	return ok
}

// word reads the characters between from and to.
func (r *reader) word(from, to byte) string {
	r.rest = strings.TrimLeft(r.rest, " ")
	n := 0
	for n < len(r.rest) && (r.rest[n] >= from && r.rest[n] <= to || n > 0 && r.rest[n] >= '0' && r.rest[n] <= '9') {
		n++
	}
	word := r.rest[:n]
	r.rest = r.rest[n:]
	return word
}

func (r *reader) param() param {
	if !r.take("(") {
		return param{name: r.word('a', 'z'), pattern: r.pattern()}
	}
	p := param{lambda: []pattern{}}
	for !r.take(")") {
		p.lambda = append(p.lambda, r.pattern())
		r.take(",")
	}
	r.take("=>")
	p.pattern = r.pattern()
	return p
}

func (r *reader) pattern() pattern {
	word := r.word('A', 'Z')
	p := pattern{}
	for k := row.Boolean; k <= row.Struct; k++ {
		if k.String() == word {
			p.kind = k
		}
	}
	switch p.kind {
	case row.Null:
		p.variable, p.rounded = word, r.take("+1")
	case row.Map, row.Array:
		r.take("<")
		if p.kind == row.Map {
			r.pattern()
			r.take(",")
		}
		elem := r.pattern()
		p.elem = &elem
		r.take(">")
	case row.Struct:
		for r.take("<"); !r.take(">"); r.take(",") {
			p.fields = append(p.fields, param{name: r.word('A', 'Z'), pattern: r.pattern()})
		}
	}
	return p
}

// gives reports whether the pattern matches a type, and binds its variables.
func (p *pattern) gives(t row.Type, bound map[string]row.Type) bool {
	switch {
	case p.variable == "N" && !t.IsNumeric(), p.variable == "P" && t.Kind.IsNested():
		return false
	case p.rounded:
		from, ok := roundedTo(t)
		bound[p.variable] = from
		return ok
	case p.variable != "":
		bound[p.variable] = t
		return true
	case p.kind != t.Kind || len(p.fields) != len(t.Fields):
		return false
	case p.elem != nil:
		return p.elem.gives(*t.Elem, bound)
	}
	for i := range p.fields {
		if p.fields[i].name != t.Fields[i].Name || !p.fields[i].gives(t.Fields[i].Type, bound) {
			return false
		}
	}
	return true
}

// roundedTo is a type of which rounding gives t, if there is one.
func roundedTo(t row.Type) (from row.Type, ok bool) {
	if t.Kind == row.Decimal && t.Precision < row.MaxPrecision {
		t.Precision--
	}
	return t, t.Kind != row.Decimal || t.Precision > 0 && t.Precision >= t.Scale
}

// typeOf is the type that the pattern is; variables that nothing is known of are
// chosen.
func (g *generator) typeOf(p *pattern, bound map[string]row.Type) row.Type {
	if p.variable != "" {
		t, ok := bound[p.variable]
		switch {
		case ok:
			return t
		case p.variable == "N":
			t = g.numeric()
		case p.variable == "P":
			t = g.scalar()
		default:
			t = g.any(1)
		}
		bound[p.variable] = t
		return t
	}
	t := row.Of(p.kind)
	if p.elem != nil {
		elem := g.typeOf(p.elem, bound)
		t.Elem = &elem
	}
	for i := range p.fields {
		t.Fields = append(t.Fields, row.Column{Name: p.fields[i].name, Type: g.typeOf(&p.fields[i].pattern, bound)})
	}
	if p.kind == row.Decimal {
		return g.decimal()
	}
	return t
}
