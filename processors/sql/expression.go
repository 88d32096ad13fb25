package sql

import (
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
	bindPrimary // never needs parentheses
)

// binary are the operators between two operands.
var binary = map[string]int{
	"OR": bindOr, "AND": bindAnd,
	"=": bindCompare, "<>": bindCompare, "!=": bindCompare, "<": bindCompare, "<=": bindCompare, ">": bindCompare, ">=": bindCompare,
	"+": bindAdd, "-": bindAdd, "||": bindAdd,
	"*": bindMultiply, "/": bindMultiply, "%": bindMultiply,
	"IS DISTINCT FROM": bindCompare, "IS NOT DISTINCT FROM": bindCompare,
}

func (p *parser) expression() Expr { return p.expressionAt(0) }

func (p *parser) expressionAt(floor int) Expr {
	defer func() { p.depth-- }()
	if !p.deeper() {
		return &Null{}
	}
	left := p.operand(floor)
	for {
		t := p.peek()
		if power, ok := binary[t.upper]; ok {
			if power <= floor {
				return left
			}
			p.operator(t.at)
			p.advance()
			op := t.upper
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

// predicate parses IS ..., [NOT] BETWEEN, IN, LIKE after x; it returns nil if none follows.
func (p *parser) predicate(x Expr) Expr {
	at := p.peek().at
	negated := false
	switch {
	case p.isAny("IS", "BETWEEN", "IN", "LIKE"):
	case p.is("NOT", "BETWEEN"), p.is("NOT", "IN"), p.is("NOT", "LIKE"):
		negated = p.accept("NOT")
	default:
		return nil
	}
	p.operator(at)
	switch {
	case p.accept("IS"):
		return p.isWhat(x, at)
	case p.accept("BETWEEN"):
		low := p.expressionAt(bindCompare)
		p.expect("AND")
		return &Between{X: x, Low: low, High: p.expressionAt(bindCompare), Negated: negated}
	case p.accept("IN"):
		p.expect("(")
		in := &In{X: x, List: list(p, p.expression), Negated: negated}
		p.expect(")")
		return in
	default:
		p.expect("LIKE")
		return p.like(x, negated)
	}
}

// isWhat parses the rest of an IS predicate.
func (p *parser) isWhat(x Expr, at Pos) Expr {
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
	p.unexpected("NULL, or DISTINCT FROM", "NULL", "DISTINCT")
	return x
}

// like parses the rest of a LIKE predicate.
func (p *parser) like(x Expr, negated bool) Expr {
	like := &Like{X: x, Pattern: p.expressionAt(bindCompare), Negated: negated}
	if p.accept("ESCAPE") {
		if t := p.peek(); t.kind != text || utf8.RuneCountInString(t.text) != 1 {
			p.unexpected("one character in quotes")
		}
		like.Escape = p.text("one character in quotes")
	}
	return like
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
		p.unexpected("WHEN", "WHEN")
	}
	if p.accept("ELSE") {
		c.Else = p.expression()
	}
	if !p.accept("END") {
		p.unexpected("WHEN, ELSE or END", "WHEN", "ELSE", "END")
	}
	return c
}

// IsWhole reports whether a number literal has neither point nor exponent.
func IsWhole(number string) bool {
	_, err := strconv.ParseUint(number, 10, 64)
	return err == nil
}
