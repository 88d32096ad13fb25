package sql

// call reads name(args) [OVER (...)].
func (p *parser) call() Expr {
	t := p.advance()
	c := &Call{Name: Name{Text: t.upper, At: t.at}}
	p.expect("(")
	switch {
	case p.accept("*"):
		c.Star = true
	case p.is(")"):
	default:
		c.Distinct = p.accept("DISTINCT")
		c.Args = list(p, p.argument)
	}
	p.expect(")")
	c.Over = p.over()
	return c
}

// argument reads an expression or a lambda.
func (p *parser) argument() Expr {
	if !p.isLambda() {
		return p.expression()
	}
	l := &Lambda{At: p.peek().at}
	if p.accept("(") {
		l.Params = list(p, p.parameter)
		p.expect(")")
	} else {
		l.Params = append(l.Params, p.parameter())
	}
	p.expect("=>")
	l.Body = p.expression()
	return l
}

func (p *parser) parameter() Name { return p.name("a lambda's parameter") }

// isLambda reports whether x => or (x, y) => is next.
func (p *parser) isLambda() bool {
	i := 0
	if p.is("(") {
		for i = 1; p.peekAt(i).kind == word || p.peekAt(i).kind == quoted || p.peekAt(i).upper == ","; i++ {
		}
		if p.peekAt(i).upper != ")" {
			return false
		}
	}
	return p.peekAt(i+1).upper == "=>"
}
