package sql

import "strings"

// foreign are statements of ksqlDB and Velostream that a script here cannot contain.
var foreign = words(`
	INSERT DROP SHOW LIST DESCRIBE PRINT TERMINATE SET UNSET DEFINE UNDEFINE START STOP DEPLOY ALTER ASSERT PAUSE RESUME
	RUN UPDATE DELETE`)

// statement parses one statement without its semicolon.
func (p *parser) statement() Statement {
	at := p.peek().at
	explain := p.accept("EXPLAIN")
	switch {
	case p.is("CREATE"):
		s := p.create(at)
		if as, ok := s.(*CreateAs); ok {
			as.Explain = explain
		} else if explain {
			p.fail(at, "EXPLAIN requires a query, and this statement only declares a source")
		}
		return s
	case p.is("SELECT"):
		return &CreateAs{At: at, Explain: explain, Select: p.query()}
	case p.peek().kind == word && foreign[p.peek().upper]:
		p.fail(at, "%s is not part of this dialect: a script declares sources and queries over them", p.peek().upper)
	}
	p.unexpected("CREATE, SELECT or EXPLAIN", "CREATE", "SELECT", "EXPLAIN")
	return nil
}

// create parses CREATE [OR REPLACE] [SOURCE] STREAM|TABLE [IF NOT EXISTS] .... The optional
// parts in brackets have no effect, because nothing exists before a script.
func (p *parser) create(at Pos) Statement {
	p.expect("CREATE")
	p.accept("OR", "REPLACE")
	p.accept("SOURCE")
	table := false
	switch {
	case p.accept("STREAM"):
	case p.accept("TABLE"):
		table = true
	default:
		p.unexpected("STREAM or TABLE", "STREAM", "TABLE")
	}
	p.accept("IF", "NOT", "EXISTS")
	name := p.name("a name")
	var columns []ColumnDef
	declared := p.accept("(")
	if declared {
		columns = list(p, p.columnDef)
		p.expect(")")
	}
	with := p.with()
	if !declared && p.accept("AS") {
		return &CreateAs{At: at, Table: table, Name: name, With: with, Select: p.query()}
	}
	if !declared {
		p.unexpected("( and the columns, or AS SELECT", "AS", "WITH")
	}
	return &CreateSource{At: at, Table: table, Name: name, Columns: columns, With: with}
}

func (p *parser) columnDef() ColumnDef {
	c := ColumnDef{Name: p.name("a column's name"), Type: p.typeName()}
	switch {
	case p.is("PRIMARY"):
		p.expect("PRIMARY", "KEY")
		c.Primary = true
	case p.accept("KEY"):
		c.Key = true
	case p.accept("HEADERS"):
		c.Headers = true
	case p.accept("HEADER"):
		p.expect("(")
		c.Header = p.text("a header's name in quotes")
		p.expect(")")
	case p.peek().kind == word:
		p.unexpected("KEY, PRIMARY KEY, HEADERS, a comma or )", "KEY", "PRIMARY", "HEADERS", "HEADER")
	}
	return c
}

// text reads a string literal.
func (p *parser) text(what string) *Text {
	t := p.peek()
	if t.kind != text {
		p.unexpected(what)
	}
	p.advance()
	return &Text{At: t.at, Value: t.text}
}

// with reads WITH (name = literal, ...), if it is there.
func (p *parser) with() []Property {
	if !p.accept("WITH") {
		return nil
	}
	p.expect("(")
	if p.accept(")") {
		return nil
	}
	props := list(p, p.property)
	p.expect(")")
	return props
}

func (p *parser) property() Property {
	prop := Property{Name: p.name("a property's name")}
	p.expect("=")
	prop.At = p.peek().at
	negative := p.accept("-")
	t := p.peek()
	switch {
	case t.kind == text && !negative, t.kind == number:
		prop.Value = t.text
	case p.isAny("TRUE", "FALSE") && !negative:
		prop.Value = strings.ToLower(t.text)
	default:
		p.unexpected("a literal: text in quotes, a number, TRUE or FALSE")
	}
	p.advance()
	if negative {
		prop.Value = "-" + prop.Value
	}
	return prop
}
