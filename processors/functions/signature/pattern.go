package signature

import (
	"fmt"

	"parallax/processors/row"
	"parallax/processors/typing"
)

// pattern is a type with variables in it.
type pattern struct {
	variable byte // 0 for none
	// isRounded: it stands for the type that rounding the variable's type gives.
	isRounded bool
	kind      row.Kind
	elem      *pattern
	fields    []param // of a STRUCT
}

func unboundType(variable byte) row.Type {
	if variable == 'N' {
		return row.Of(row.Int)
	}
	return row.Of(row.String)
}

// unify widens the variables so that the pattern takes a type; with keep only those
// of which no type is known yet.
func (p *pattern) unify(t row.Type, bound map[byte]row.Type, keep bool) bool {
	switch {
	case p.variable != 0:
		switch {
		case p.variable == 'N' && !t.IsNumeric() && t.Kind != row.Null,
			p.variable == 'P' && t.Kind.IsNested():
			return false
		}
		wider, ok := typing.Common(bound[p.variable], t)
		if ok && !(keep && bound[p.variable].Kind != row.Null) {
			bound[p.variable] = wider
		}
		return ok
	case t.Kind == row.Null:
		return true
	case p.elem != nil:
		return t.Kind == p.kind && p.elem.unify(*t.Elem, bound, keep)
	case p.kind == row.Struct:
		return false
	}
	want := row.Of(p.kind)
	got, ok := typing.Common(t, want)
	return ok && got.Equal(want)
}

// hasVariable reports whether the pattern has a variable in it.
func (p *pattern) hasVariable() bool {
	return p.variable != 0 || p.elem != nil && p.elem.hasVariable()
}

// substitute is the type that the pattern is with its variables known.
func (p *pattern) substitute(bound map[byte]row.Type) row.Type {
	switch {
	case p.variable != 0:
		t, ok := bound[p.variable]
		if !ok {
			return unboundType(p.variable)
		}
		if p.isRounded {
			return typing.Rounded(t)
		}
		return t
	case p.elem != nil:
		elem := p.elem.substitute(bound)
		return row.Type{Kind: p.kind, Elem: &elem}
	case p.kind == row.Struct:
		t := row.Of(row.Struct)
		for _, f := range p.fields {
			t.Fields = append(t.Fields, row.Column{Name: f.name, Type: f.substitute(bound)})
		}
		return t
	}
	return row.Of(p.kind)
}

// describe says for an error what is wanted.
func (p *param) describe(bound map[byte]row.Type) string {
	if p.lambda != nil {
		return fmt.Sprintf("a lambda of %d that gives %s", len(p.lambda), p.pattern.describe(bound))
	}
	return p.pattern.describe(bound)
}

func (p *pattern) describe(bound map[byte]row.Type) string {
	switch {
	case p.variable != 0 && bound[p.variable].Kind != row.Null:
		return bound[p.variable].String()
	case p.variable == 'N':
		return "a number"
	case p.variable == 'P':
		return "a value that is neither ARRAY, MAP nor STRUCT"
	case p.variable != 0:
		return "any type"
	case p.elem != nil && p.elem.variable == 'P':
		return "an ARRAY of values that have an order"
	case p.elem != nil && p.kind == row.Array:
		return "an ARRAY"
	case p.elem != nil:
		return "a MAP"
	}
	return p.kind.String()
}
