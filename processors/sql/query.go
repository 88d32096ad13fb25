package sql

import (
	"math"
	"math/big"
	"slices"
)

// query reads SELECT ... up to the end of the statement.
func (p *parser) query() *Select {
	s := &Select{At: p.expect("SELECT").at, Distinct: -1}
	if p.is("DISTINCT") {
		s.Distinct = p.advance().at
	}
	for {
		s.Items = append(s.Items, p.item())
		if !p.accept(",") {
			break
		}
	}
	p.expect("FROM")
	s.From = p.from()
	for p.isJoin() {
		s.Joins = append(s.Joins, p.join())
	}
	p.clauses(s)
	return s
}

// clauses reads what follows the sources. The window clause may stand before
// WHERE (ksqlDB) and after GROUP BY or HAVING (Velostream).
func (p *parser) clauses(s *Select) {
	p.windowClause(s)
	if p.accept("WHERE") {
		s.Where = p.expression()
	}
	if p.accept("GROUP", "BY") {
		s.GroupBy = p.expressions()
	}
	p.windowClause(s)
	if p.accept("HAVING") {
		s.Having = p.expression()
	}
	p.windowClause(s)
	if p.is("PARTITION") {
		s.PartitionByAt = p.expect("PARTITION", "BY").at
		s.PartitionBy = p.expressions()
	}
	if p.is("EMIT") {
		s.EmitAt = p.advance().at
		switch {
		case p.accept("CHANGES"):
			s.Emit = EmitChanges
		case p.accept("FINAL"):
			s.Emit = EmitFinal
		default:
			p.unexpected("CHANGES or FINAL")
		}
	}
	if p.is("LIMIT") {
		s.LimitAt = p.advance().at
		if p.peek().kind != number {
			p.unexpected("a number of rows")
		}
		s.Limit = p.advance().text
	}
	if p.peek().kind != end && !p.is(";") {
		p.unexpected("the end of the statement")
	}
}

// item reads one selected expression.
func (p *parser) item() Item {
	it := Item{At: p.peek().at}
	if p.accept("*") {
		it.Star = true
		return it
	}
	if t := p.peek(); (t.kind == word || t.kind == quoted) && p.peekAt(1).text == "." && p.peekAt(2).text == "*" && p.peekAt(2).kind == symbol {
		it.Qualifier = p.name("a source")
		p.expect(".", "*")
		it.Star = true
		return it
	}
	it.Expr = p.expression()
	if p.accept("AS") {
		it.Alias = p.name("an alias")
	} else if t := p.peek(); t.kind == quoted || t.kind == word && !slices.Contains(reserved, t.upper()) {
		it.Alias = p.name("an alias")
	}
	return it
}

func (p *parser) from() From {
	if p.is("(") {
		p.fail(p.peek().at, "a query in FROM is not supported: name the inner query with CREATE STREAM ... AS and read that")
	}
	f := From{Source: p.name("a source")}
	if p.accept("AS") {
		f.Alias = p.name("an alias")
	} else if t := p.peek(); t.kind == quoted || t.kind == word && !slices.Contains(reserved, t.upper()) && !p.is("ORDER", "BY") {
		f.Alias = p.name("an alias")
	}
	return f
}

func (p *parser) isJoin() bool {
	for _, w := range []string{"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS"} {
		if p.is(w) {
			return true
		}
	}
	return p.is(",")
}

// join passes a join by, up to the clause after it: the planner refuses it
// where it stands.
func (p *parser) join() Join {
	j := Join{At: p.advance().at}
	for depth := 0; ; {
		t := p.peek()
		if t.kind == end || depth == 0 && (t.text == ";" || slices.Contains([]string{"WHERE", "GROUP", "WINDOW", "HAVING", "PARTITION", "EMIT", "LIMIT"}, t.upper())) {
			return j
		}
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		}
		p.advance()
	}
}

// windowClause reads WINDOW ... if it is next. A query has one.
func (p *parser) windowClause(s *Select) {
	if !p.is("WINDOW") {
		return
	}
	at := p.advance().at
	if s.Window != nil {
		p.fail(at, "a query has one WINDOW clause")
	}
	w := &Window{At: p.peek().at, Grace: -1}
	t := p.peek()
	if w.Kind = t.upper(); !slices.Contains([]string{"TUMBLING", "HOPPING", "SLIDING", "SESSION"}, w.Kind) || t.kind != word {
		p.unexpected("TUMBLING, HOPPING, SLIDING or SESSION")
	}
	p.advance()
	brackets := p.accept("(")
	p.windowBounds(w)
	for brackets && p.accept(",") {
		switch {
		case p.accept("GRACE", "PERIOD"):
			w.Grace = p.duration(true)
		case p.accept("RETENTION"):
			p.duration(true) // state is kept as long as it is needed
		default:
			p.unexpected("GRACE PERIOD")
		}
	}
	if brackets {
		p.expect(")")
	} else if p.accept("GRACE", "PERIOD") {
		w.Grace = p.duration(true)
	}
	s.Window = w
}

// windowBounds reads SIZE d [, ADVANCE BY d], or [column,] d [, d].
func (p *parser) windowBounds(w *Window) {
	if t := p.peek(); (t.kind == quoted || t.kind == word && !p.is("SIZE") && !p.is("INTERVAL")) && p.peekAt(1).text == "," {
		w.Column = p.name("a time column")
		p.expect(",")
	}
	p.accept("SIZE")
	w.Size = p.duration(false)
	if w.Kind != "HOPPING" && w.Kind != "SLIDING" {
		return
	}
	p.expect(",")
	p.accept("ADVANCE", "BY")
	w.Advance = p.duration(false)
}

// units are the units of time, in ms. The one-letter and short forms are
// Velostream's.
var units = map[string]int64{
	"MILLISECOND": 1, "MILLISECONDS": 1, "MS": 1,
	"SECOND": 1000, "SECONDS": 1000, "S": 1000,
	"MINUTE": 60_000, "MINUTES": 60_000, "M": 60_000,
	"HOUR": 3_600_000, "HOURS": 3_600_000, "H": 3_600_000,
	"DAY": 86_400_000, "DAYS": 86_400_000, "D": 86_400_000,
}

// duration reads 1 MINUTE, 1m, INTERVAL '1' MINUTE, in ms.
func (p *parser) duration(zero bool) int64 {
	p.accept("INTERVAL")
	t := p.peek()
	if t.kind != number && t.kind != text {
		p.unexpected("a duration such as 1 MINUTE")
	}
	p.advance()
	unit := p.peek()
	size, ok := units[unit.upper()]
	if unit.kind != word || !ok {
		p.unexpected("a unit of time (MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS)")
	}
	p.advance()
	n, ok := new(big.Int).SetString(t.text, 10)
	if !ok {
		p.fail(t.at, "expected a whole number of %s, found %s", unit.text, t.text)
		return 1
	}
	n.Mul(n, big.NewInt(size))
	if n.Sign() < 0 || n.Sign() == 0 && !zero || n.Cmp(big.NewInt(math.MaxInt64/4)) > 0 {
		p.fail(t.at, "%s %s is no length of time that can be used here", t.text, unit.text)
	}
	return n.Int64()
}
