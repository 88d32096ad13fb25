package sql

import (
	"slices"
	"strings"
)

// Parse reads a script. The error, if any, is an *Error.
func Parse(script string) (*Script, error) {
	p := &parser{script: script, tokens: lex(script)}
	out := &Script{Text: script}
	for {
		for p.accept(";") {
		}
		if p.peek().kind == end {
			break
		}
		out.Statements = append(out.Statements, p.statement())
		if p.peek().kind != end {
			p.expect(";")
		}
	}
	if len(out.Statements) == 0 {
		p.fail(0, "the script has no statement")
	}
	if p.err != nil {
		return nil, p.err
	}
	return out, nil
}

// parser walks the tokens. Its first error sticks, and moves it to the end of
// the script, where nothing more can be accepted: every method then returns
// soon, with a node that nobody will see.
type parser struct {
	script string
	tokens []token
	next   int
	depth  int
	err    *Error
}

func (p *parser) fail(at Pos, format string, args ...any) {
	p.failWith(Errorf(p.script, at, format, args...))
}

func (p *parser) failWith(err *Error) {
	if p.err == nil {
		p.err = err
	}
	p.next = len(p.tokens) - 1
}

// unexpected fails at the next token, saying what was wanted.
func (p *parser) unexpected(want string) {
	t := p.peek()
	switch {
	case t.kind == end:
		p.fail(t.at, "expected %s, found the end of the script", want)
	case t.kind == unknown && strings.Contains("'\"`", t.text):
		p.fail(t.at, "expected %s, found a quote that is never closed", want)
	case t.kind == unknown && t.text == "/*":
		p.fail(t.at, "expected %s, found a comment that is never closed", want)
	default:
		p.fail(t.at, "expected %s, found %s", want, p.script[t.at:t.end])
	}
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) peekAt(n int) token { return p.tokens[min(p.next+n, len(p.tokens)-1)] }

func (p *parser) advance() token {
	t := p.tokens[p.next]
	if t.kind != end {
		p.next++
	}
	return t
}

// is reports whether the next tokens are these keywords or symbols.
func (p *parser) is(texts ...string) bool {
	for i, want := range texts {
		t := p.peekAt(i)
		if t.kind != word && t.kind != symbol || t.upper() != want {
			return false
		}
	}
	return true
}

// accept takes the next tokens if they are these.
func (p *parser) accept(texts ...string) bool {
	if !p.is(texts...) {
		return false
	}
	p.next += len(texts)
	return true
}

// expect takes the next tokens, which must be these.
func (p *parser) expect(texts ...string) token {
	t := p.peek()
	for _, want := range texts {
		if !p.accept(want) {
			p.unexpected(want)
		}
	}
	return t
}

// statement reads one statement, without its semicolon.
func (p *parser) statement() Statement {
	at := p.peek().at
	explain := p.accept("EXPLAIN")
	switch {
	case p.is("CREATE"):
		s := p.create(at)
		if as, ok := s.(*CreateAs); ok {
			as.Explain = explain
		} else if explain {
			p.fail(at, "EXPLAIN wants a query, and this statement only declares a source")
		}
		return s
	case p.is("SELECT"):
		return &CreateAs{At: at, Explain: explain, Select: p.query()}
	}
	for _, other := range []string{"INSERT", "DROP", "SHOW", "LIST", "DESCRIBE", "PRINT", "TERMINATE", "SET", "UNSET", "DEFINE", "START", "DEPLOY", "ALTER", "ASSERT", "PAUSE", "RESUME"} {
		if p.is(other) {
			p.fail(at, "%s is not part of this dialect: a script declares sources and queries over them", other)
		}
	}
	p.unexpected("CREATE, SELECT or EXPLAIN")
	return nil
}

// create reads CREATE [OR REPLACE] STREAM|TABLE [IF NOT EXISTS] ....
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
		p.unexpected("STREAM or TABLE")
	}
	p.accept("IF", "NOT", "EXISTS")
	name := p.name("a name")
	var columns []ColumnDef
	declared := p.accept("(")
	if declared {
		for {
			columns = append(columns, p.columnDef())
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
	}
	with := p.with()
	if !declared && p.accept("AS") {
		return &CreateAs{At: at, Table: table, Name: name, With: with, Select: p.query()}
	}
	if !declared {
		p.unexpected("( and the columns, or AS SELECT")
	}
	return &CreateSource{At: at, Table: table, Name: name, Columns: columns, With: with}
}

func (p *parser) columnDef() ColumnDef {
	c := ColumnDef{Name: p.name("a column's name"), Type: p.typeName()}
	switch {
	case p.accept("PRIMARY", "KEY"):
		c.Primary = true
	case p.accept("KEY"):
		c.Key = true
	case p.accept("HEADERS"):
		c.Headers = true
	}
	return c
}

// with reads WITH (name = literal, ...), if it is there.
func (p *parser) with() []Property {
	if !p.accept("WITH") {
		return nil
	}
	p.expect("(")
	var props []Property
	for !p.is(")") {
		prop := Property{Name: p.name("a property's name")}
		p.expect("=")
		prop.At = p.peek().at
		negative := p.accept("-")
		t := p.peek()
		switch {
		case t.kind == text && !negative, t.kind == number:
			prop.Value = t.text
		case t.kind == word && !negative:
			prop.Value = strings.ToLower(t.text) // TRUE, FALSE
		default:
			p.unexpected("a literal")
		}
		p.advance()
		if negative {
			prop.Value = "-" + prop.Value
		}
		props = append(props, prop)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return props
}

// reserved are the words that cannot name anything without quotes.
var reserved = []string{
	"SELECT", "FROM", "WHERE", "GROUP", "BY", "HAVING", "WINDOW", "EMIT", "LIMIT", "CREATE", "STREAM", "TABLE", "WITH",
	"AS", "AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "BETWEEN", "IN",
	"LIKE", "IS", "DISTINCT", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "ON", "WITHIN", "PARTITION", "OVER",
	"INTERVAL", "EXPLAIN", "ESCAPE",
}

// name reads an identifier.
func (p *parser) name(what string) Name {
	t := p.peek()
	switch t.kind {
	case quoted:
		if t.text == "" {
			p.fail(t.at, "a quoted name is empty")
		}
		p.advance()
		return Name{Text: t.text, At: t.at}
	case word:
		if slices.Contains(reserved, t.upper()) {
			p.fail(t.at, "expected %s, found the reserved word %s; quote it to use it as a name: `%s`", what, t.text, t.text)
		}
		p.advance()
		return Name{Text: t.upper(), At: t.at}
	}
	p.unexpected(what)
	return Name{}
}
