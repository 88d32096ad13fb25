package sql

// query reads SELECT ... up to the end of the statement.
func (p *parser) query() *Select {
	p.expect("SELECT")
	s := &Select{}
	if p.is("DISTINCT") {
		s.Distinct, s.DistinctAt = true, p.advance().at
	}
	s.Items = list(p, p.item)
	if !p.accept("FROM") {
		p.unexpectedAfterAlias("FROM", "FROM")
	}
	s.From = p.from()
	for p.isJoin() {
		s.Joins = append(s.Joins, p.join())
	}
	p.clauses(s)
	return s
}

// clauses parses the clauses after the sources. The window clause may be before WHERE
// (ksqlDB) or after GROUP BY or HAVING (Velostream), PARTITION BY before HAVING (ksqlDB) or
// after it.
func (p *parser) clauses(s *Select) {
	p.windowClause(s)
	if p.accept("WHERE") {
		s.Where = p.expression()
	}
	if p.accept("GROUP") {
		p.expect("BY")
		s.GroupBy = p.grouping()
	}
	p.windowClause(s)
	p.partitionBy(s)
	if p.accept("HAVING") {
		s.Having = p.expression()
	}
	p.windowClause(s)
	p.partitionBy(s)
	if p.is("EMIT") {
		s.EmitAt = p.advance().at
		switch {
		case p.accept("CHANGES"):
			s.Emit = EmitChanges
		case p.accept("FINAL"):
			s.Emit = EmitFinal
		default:
			p.unexpected("CHANGES or FINAL", "CHANGES", "FINAL")
		}
	}
	if p.is("LIMIT") {
		s.LimitAt = p.advance().at
		if t := p.peek(); t.kind != number || !IsWhole(t.text) {
			p.unexpected("a number of rows")
		}
		s.Limit = p.advance().text
	}
	if p.peek().kind != end && !p.is(";") {
		p.afterQuery()
	}
}

// afterQuery fails at a token that cannot follow a query.
func (p *parser) afterQuery() {
	t := p.peek()
	switch {
	case p.is("ORDER", "BY"):
		p.fail(t.at, "expected the end of the statement, found ORDER BY: rows come out in the order of their input")
	case p.is("WITH"):
		p.failWith(Errorf(p.script, t.at, "expected the end of the statement, found WITH").
			WithHint("the sink's properties stand before AS: CREATE STREAM name WITH (...) AS SELECT ..."))
	case p.isAny("WHERE", "GROUP", "HAVING", "PARTITION", "WINDOW", "EMIT", "JOIN", "LEFT", "RIGHT", "FULL", "INNER"):
		p.failWith(Errorf(p.script, t.at, "expected the end of the statement, found %s", t.upper).
			WithHint("the order is FROM, joins, WINDOW, WHERE, GROUP BY, WINDOW, HAVING, PARTITION BY, EMIT, LIMIT"))
	default:
		p.unexpectedAfterAlias("the end of the statement", clauses...)
	}
}

// unexpectedAfterAlias fails as unexpected does. If the token before was read as an alias
// and is similar to a keyword, the error is about that token.
func (p *parser) unexpectedAfterAlias(want string, keywords ...string) {
	if p.alias >= 0 && p.alias == p.next-1 {
		t := p.tokens[p.alias]
		if near := Nearest(t.upper, keywords); near != "" && t.kind == word {
			p.failWith(Errorf(p.script, t.at, "expected %s, found %s", want, t.text).WithHint("did you mean %s?", near))
			return
		}
	}
	p.unexpected(want, keywords...)
}

// item parses one selected expression.
func (p *parser) item() Item {
	it := Item{At: p.peek().at}
	if p.accept("*") {
		it.Star = true
		return it
	}
	if k := p.peek().kind; (k == word || k == quoted) && p.peekAt(1).upper == "." && p.peekAt(2).upper == "*" {
		it.Qualifier = p.name("a source")
		p.expect(".", "*")
		it.Star = true
		return it
	}
	it.Expr = p.expression()
	if power(it.Expr) == bindPrimary && p.accept("->", "*") {
		it.Star = true
		return it
	}
	it.Alias = p.aliasName()
	return it
}

func (p *parser) from() From {
	if p.is("(") {
		p.fail(p.peek().at, "a query in FROM is not part of this dialect: name the inner query with CREATE STREAM ... AS and read that")
	}
	f := From{Source: p.name("a source")}
	if !p.is("ORDER", "BY") && !p.is("CROSS", "JOIN") && !p.is("USING", "(") {
		f.Alias = p.aliasName()
	}
	return f
}

// grouping reads the expressions of GROUP BY and PARTITION BY: a, b or (a, b).
func (p *parser) grouping() []Expr {
	if !p.isBracketedList() {
		return list(p, p.expression)
	}
	p.expect("(")
	all := list(p, p.expression)
	p.expect(")")
	return all
}

// isBracketedList reports whether the next token opens a parenthesis that directly contains
// a comma.
func (p *parser) isBracketedList() bool {
	if !p.is("(") {
		return false
	}
	for i, depth := p.next, 0; i < len(p.tokens); i++ {
		switch p.tokens[i].upper {
		case "(", "[":
			depth++
		case ")", "]":
			if depth--; depth == 0 {
				return false
			}
		case ",":
			if depth == 1 {
				return true
			}
		}
	}
	return false
}

// partitionBy reads PARTITION BY ... if it is next.
func (p *parser) partitionBy(s *Select) {
	if s.PartitionBy != nil || !p.is("PARTITION") {
		return
	}
	s.PartitionByAt = p.expect("PARTITION", "BY").at
	s.PartitionBy = p.grouping()
}
