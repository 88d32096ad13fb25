package sql

import (
	"slices"
	"strconv"

	"parallax/processors/row"
)

// typeNames are the types without parameters.
var typeNames = map[string]row.Kind{
	"BOOLEAN": row.Boolean, "INT": row.Int, "INTEGER": row.Int, "BIGINT": row.Bigint, "DOUBLE": row.Double,
	"STRING": row.String, "VARCHAR": row.String, "BYTES": row.Bytes, "TIMESTAMP": row.Timestamp, "DATE": row.Date, "TIME": row.Time,
}

// typeName reads a type.
func (p *parser) typeName() TypeName {
	t := p.peek()
	if t.kind != word {
		p.unexpected("a type")
	}
	defer func() { p.depth-- }()
	if !p.deeper() {
		return TypeName{}
	}
	p.advance()
	switch t.upper {
	case "DECIMAL", "NUMERIC":
		return TypeName{Type: p.decimal(), At: t.at}
	case "ARRAY":
		p.expect("<")
		elem := p.typeName().Type
		p.expect(">")
		return TypeName{Type: row.Type{Kind: row.Array, Elem: &elem}, At: t.at}
	case "MAP":
		p.expect("<")
		if key := p.typeName(); key.Type.Kind != row.String {
			p.fail(key.At, "a MAP's keys are STRING, not %s", key.Type)
		}
		p.expect(",")
		elem := p.typeName().Type
		p.expect(">")
		return TypeName{Type: row.Type{Kind: row.Map, Elem: &elem}, At: t.at}
	case "STRUCT":
		return TypeName{Type: p.structType(t.at), At: t.at}
	}
	k, ok := typeNames[t.upper]
	if !ok {
		p.unknownType(t)
	}
	// VARCHAR(20) and VARCHAR(STRING) are accepted, as in ksqlDB, which ignores the
	// parameter.
	if k == row.String && p.accept("(") {
		if !p.accept("STRING") {
			p.unsigned("a length, or STRING")
		}
		p.expect(")")
	}
	return TypeName{Type: row.Of(k), At: t.at}
}

// structType reads <name TYPE, ...>.
func (p *parser) structType(at Pos) row.Type {
	if p.is("<>") || p.is("<", ">") {
		p.fail(at, "a STRUCT has at least one field")
	}
	p.expect("<")
	seen := map[string]bool{}
	fields := list(p, func() row.Column {
		name := p.name("a field's name")
		if seen[name.Text] {
			p.fail(name.At, "field %s is declared twice", name.Text)
		}
		seen[name.Text] = true
		return row.Column{Name: name.Text, Type: p.typeName().Type}
	})
	p.expect(">")
	return row.Type{Kind: row.Struct, Fields: fields}
}

func (p *parser) unknownType(t token) {
	names := []string{"ARRAY", "DECIMAL", "MAP", "STRUCT"}
	for n := range typeNames {
		names = append(names, n)
	}
	slices.Sort(names)
	err := Errorf(p.script, t.at, "unknown type %s", t.text)
	if near := Nearest(t.upper, names); near != "" {
		err = err.WithHint("did you mean %s?", near)
	}
	p.failWith(err)
}

// decimal reads (precision, scale).
func (p *parser) decimal() row.Type {
	p.expect("(")
	at := p.peek().at
	precision, scale := p.unsigned("a precision"), 0
	if p.accept(",") {
		scale = p.unsigned("a scale")
	}
	p.expect(")")
	if precision < 1 || precision > row.MaxPrecision || scale > precision {
		p.fail(at, "DECIMAL(%d, %d): the precision is 1 to %d, the scale 0 to the precision", precision, scale, row.MaxPrecision)
	}
	return row.DecimalType(precision, scale)
}

// unsigned reads a whole number.
func (p *parser) unsigned(what string) int {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != number || err != nil {
		p.unexpected(what)
	}
	p.advance()
	return n
}
