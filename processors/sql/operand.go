package sql

// operand parses an operand, followed by the fields and elements accessed on it.
func (p *parser) operand(floor int) Expr {
	x := p.primary(floor)
	for {
		at := p.peek().at
		switch {
		case p.is("->", "*"): // of a SELECT item
			return x
		case p.accept("->"), p.accept("."):
			p.operator(at)
			x = &Field{X: x, Name: p.name("a field")}
		case p.accept("["):
			p.operator(at)
			x = &Index{X: x, I: p.expression()}
			p.expect("]")
		default:
			return x
		}
	}
}

func (p *parser) primary(floor int) Expr {
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
		if x := p.keyword(t, floor); x != nil {
			return x
		}
		if p.peekAt(1).upper == "(" && !reserved[t.upper] {
			return p.call()
		}
		return p.ref()
	case quoted:
		return p.ref()
	}
	p.unexpected("an expression")
	return &Null{}
}

// keyword reads an expression that begins with a keyword; nil where the word is
// only a name.
func (p *parser) keyword(t token, floor int) Expr {
	switch t.upper {
	case "NULL":
		p.advance()
		return &Null{At: t.at}
	case "TRUE", "FALSE":
		p.advance()
		return &Bool{At: t.at, Value: t.upper == "TRUE"}
	case "NOT":
		return p.not(t, floor)
	case "CASE":
		return p.caseExpr()
	case "CAST":
		return p.cast(t)
	case "INTERVAL":
		return &Interval{At: t.at, MS: p.duration(true)}
	}
	switch after := p.peekAt(1); {
	case after.kind == text && (t.upper == "DATE" || t.upper == "TIME" || t.upper == "TIMESTAMP"):
		p.advance()
		return &TypedText{At: t.at, Kind: typeNames[t.upper], Value: p.advance().text}
	case p.is("EXTRACT", "(") && p.peekAt(2).kind == word && p.peekAt(3).upper == "FROM":
		return p.extract(t)
	case p.is("ARRAY", "["):
		return p.arrayOf(t)
	case p.is("MAP", "("):
		return p.mapOf(t)
	case p.is("STRUCT", "("):
		return p.structOf(t)
	}
	return nil
}

// not parses NOT x. It refuses NOT after an operator that binds more strongly, because that
// would be parsed differently from how it looks.
func (p *parser) not(t token, floor int) Expr {
	if floor > bindNot {
		p.failWith(Errorf(p.script, t.at, "expected an operand, found %s", t.text).WithHint("put NOT in brackets: (NOT ...)"))
	}
	p.advance()
	return &Unary{At: t.at, Op: "NOT", X: p.expressionAt(bindNot)}
}

func (p *parser) cast(t token) Expr {
	p.expect("CAST", "(")
	x := p.expression()
	p.expect("AS")
	c := &Cast{At: t.at, X: x, Type: p.typeName()}
	p.expect(")")
	return c
}

// extract reads EXTRACT(part FROM x).
func (p *parser) extract(t token) Expr {
	p.expect("EXTRACT", "(")
	e := &Extract{At: t.at, Part: p.name("a part of a time, such as YEAR")}
	p.expect("FROM")
	e.X = p.expression()
	p.expect(")")
	return e
}

// arrayOf reads ARRAY[items].
func (p *parser) arrayOf(t token) Expr {
	p.expect("ARRAY", "[")
	a := &ArrayOf{At: t.at}
	if !p.is("]") {
		a.Items = list(p, p.expression)
	}
	p.expect("]")
	return a
}

// mapOf reads MAP(key := value, ...).
func (p *parser) mapOf(t token) Expr {
	p.expect("MAP", "(")
	m := &MapOf{At: t.at}
	if !p.is(")") {
		m.Entries = list(p, func() MapEntry {
			key := p.expression()
			p.expect(":=")
			return MapEntry{Key: key, Value: p.expression()}
		})
	}
	p.expect(")")
	return m
}

// structOf reads STRUCT(name := value, ...).
func (p *parser) structOf(t token) Expr {
	p.expect("STRUCT", "(")
	s := &StructOf{At: t.at}
	if !p.is(")") {
		s.Fields = list(p, func() StructField {
			name := p.name("a field's name")
			p.expect(":=")
			return StructField{Name: name, Value: p.expression()}
		})
	}
	p.expect(")")
	return s
}

// ref reads name or qualifier.name.
func (p *parser) ref() *Ref {
	first := p.name("an expression")
	if !p.accept(".") {
		return &Ref{Name: first}
	}
	return &Ref{Qualifier: first, Name: p.name("a column")}
}
