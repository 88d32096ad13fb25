package sql

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// Binding powers, weakest first. A Pratt parser: expressionAt(n) reads an
// operand and then every operator that binds more strongly than n.
const (
	bindOr = iota + 1
	bindAnd
	bindNot
	bindCompare
	bindAdd
	bindMultiply
	bindUnary
)

// maxDepth bounds nesting, so that no script can exhaust the stack.
const maxDepth = 200

// binary are the operators between two operands.
var binary = map[string]int{
	"OR": bindOr, "AND": bindAnd,
	"=": bindCompare, "<>": bindCompare, "!=": bindCompare, "<": bindCompare, "<=": bindCompare, ">": bindCompare, ">=": bindCompare,
	"+": bindAdd, "-": bindAdd, "||": bindAdd,
	"*": bindMultiply, "/": bindMultiply, "%": bindMultiply,
}

func (p *parser) expression() Expr { return p.expressionAt(0) }

func (p *parser) expressions() []Expr {
	var list []Expr
	for {
		list = append(list, p.expression())
		if !p.accept(",") {
			return list
		}
	}
}

func (p *parser) expressionAt(floor int) Expr {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek().at, "the expression is nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	left := p.operand()
	for {
		t := p.peek()
		if t.kind != word && t.kind != symbol {
			return left
		}
		if power, ok := binary[t.upper()]; ok {
			if power <= floor {
				return left
			}
			p.advance()
			op := t.upper()
			if op == "!=" {
				op = "<>"
			}
			left = &Binary{At: t.at, Op: op, L: left, R: p.expressionAt(power)}
			continue
		}
		if floor >= bindCompare {
			return left
		}
		predicate := p.predicate(left)
		if predicate == nil {
			return left
		}
		left = predicate
	}
}

// predicate reads IS ..., [NOT] BETWEEN, IN, LIKE after x; nil where none is
// next.
func (p *parser) predicate(x Expr) Expr {
	at := p.peek().at
	if p.accept("IS") {
		negated := p.accept("NOT")
		switch {
		case p.accept("NULL"):
			return &IsNull{X: x, Negated: negated}
		case p.accept("DISTINCT", "FROM"):
			op := "IS DISTINCT FROM"
			if negated {
				op = "IS NOT DISTINCT FROM"
			}
			return &Binary{At: at, Op: op, L: x, R: p.expressionAt(bindCompare)}
		}
		p.unexpected("NULL, or DISTINCT FROM")
	}
	negated := p.is("NOT") && slices.Contains([]string{"BETWEEN", "IN", "LIKE"}, p.peekAt(1).upper())
	if negated {
		p.advance()
	}
	switch {
	case p.accept("BETWEEN"):
		low := p.expressionAt(bindCompare)
		p.expect("AND")
		return &Between{X: x, Low: low, High: p.expressionAt(bindCompare), Negated: negated}
	case p.accept("IN"):
		p.expect("(")
		list := p.expressions()
		p.expect(")")
		return &In{X: x, List: list, Negated: negated}
	case p.accept("LIKE"):
		like := &Like{X: x, Pattern: p.expressionAt(bindCompare), Negated: negated}
		if p.accept("ESCAPE") {
			t := p.peek()
			if t.kind != text || utf8.RuneCountInString(t.text) != 1 {
				p.unexpected("one character in quotes")
			}
			p.advance()
			like.Escape = &Text{At: t.at, Value: t.text}
		}
		return like
	}
	return nil
}

// operand reads what can stand before an operator, with what is attached to it.
func (p *parser) operand() Expr {
	x := p.primary()
	for {
		at := p.peek().at
		switch {
		case p.accept("->"):
			p.name("a field")
			x = &Unsupported{At: at, What: "access to a field of a STRUCT"}
		case p.accept("["):
			p.expression()
			p.expect("]")
			x = &Unsupported{At: at, What: "access to an element of an ARRAY or MAP"}
		default:
			return x
		}
	}
}

func (p *parser) primary() Expr {
	t := p.peek()
	switch t.kind {
	case number:
		p.advance()
		return &Number{At: t.at, Text: t.text}
	case text:
		p.advance()
		return &Text{At: t.at, Value: t.text}
	case symbol:
		switch t.text {
		case "(":
			p.advance()
			x := p.expression()
			p.expect(")")
			return x
		case "-", "+":
			p.advance()
			x := p.expressionAt(bindUnary)
			if t.text == "+" {
				return x
			}
			return &Unary{At: t.at, Op: "-", X: x}
		}
	case word:
		if x := p.keyword(t); x != nil {
			return x
		}
		if p.peekAt(1).kind == symbol && p.peekAt(1).text == "(" && !slices.Contains(reserved, t.upper()) {
			return p.call()
		}
		return p.ref()
	case quoted:
		return p.ref()
	}
	p.unexpected("an expression")
	return nil
}

// keyword reads an expression that begins with a keyword; nil where t is none.
func (p *parser) keyword(t token) Expr {
	switch t.upper() {
	case "NULL":
		p.advance()
		return &Null{At: t.at}
	case "TRUE", "FALSE":
		p.advance()
		return &Bool{At: t.at, Value: t.upper() == "TRUE"}
	case "NOT":
		p.advance()
		return &Unary{At: t.at, Op: "NOT", X: p.expressionAt(bindNot)}
	case "CASE":
		return p.caseExpr()
	case "CAST":
		p.advance()
		p.expect("(")
		x := p.expression()
		p.expect("AS")
		c := &Cast{At: t.at, X: x, Type: p.typeName()}
		p.expect(")")
		return c
	case "INTERVAL":
		return &Interval{At: t.at, MS: p.duration(true)}
	case "ARRAY":
		if p.peekAt(1).text == "[" {
			p.next += 2
			p.constructor("]")
			return &Unsupported{At: t.at, What: "ARRAY[...]"}
		}
	case "MAP", "STRUCT":
		if p.peekAt(1).text == "(" {
			p.next += 2
			p.constructor(")")
			return &Unsupported{At: t.at, What: t.upper() + "(...)"}
		}
	}
	return nil
}

// constructor passes the inside of a constructor by.
func (p *parser) constructor(closing string) {
	for !p.is(closing) {
		p.expression()
		if p.accept(":=") {
			p.expression()
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(closing)
}

func (p *parser) caseExpr() Expr {
	c := &Case{At: p.expect("CASE").at}
	if !p.is("WHEN") {
		c.Operand = p.expression()
	}
	for p.accept("WHEN") {
		w := When{If: p.expression()}
		p.expect("THEN")
		w.Then = p.expression()
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		p.unexpected("WHEN")
	}
	if p.accept("ELSE") {
		c.Else = p.expression()
	}
	p.expect("END")
	return c
}

// ref reads name or qualifier.name.
func (p *parser) ref() Expr {
	first := p.name("an expression")
	if !p.accept(".") {
		return &Ref{Name: first}
	}
	return &Ref{Qualifier: first, Name: p.name("a column")}
}

// call reads name(args) [OVER (...)].
func (p *parser) call() Expr {
	t := p.advance()
	c := &Call{Name: Name{Text: t.upper(), At: t.at}}
	p.expect("(")
	switch {
	case p.accept("*"):
		c.Star = true
	case p.is(")"):
	default:
		c.Distinct = p.accept("DISTINCT")
		c.Args = p.arguments()
	}
	p.expect(")")
	c.Over = p.over()
	return c
}

// arguments reads a call's arguments; lambdas are passed by.
func (p *parser) arguments() []Expr {
	var args []Expr
	for {
		if t := p.peek(); p.isLambda() {
			for !p.accept("=>") {
				p.advance()
			}
			p.expression()
			args = append(args, &Unsupported{At: t.at, What: "a lambda"})
		} else {
			args = append(args, p.expression())
		}
		if !p.accept(",") {
			return args
		}
	}
}

// isLambda reports whether x => or (x, y) => is next.
func (p *parser) isLambda() bool {
	i := 0
	if p.peekAt(0).text == "(" {
		for i = 1; p.peekAt(i).kind == word || p.peekAt(i).text == ","; i++ {
		}
		if p.peekAt(i).text != ")" {
			return false
		}
	} else if p.peekAt(0).kind != word {
		return false
	}
	return p.peekAt(i+1).kind == symbol && p.peekAt(i+1).text == "=>"
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// IsWhole reports whether a number literal has neither point nor exponent.
func IsWhole(number string) bool {
	_, err := strconv.ParseUint(number, 10, 64)
	return err == nil
}
