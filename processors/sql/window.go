package sql

// windowClause parses WINDOW ... if it is next. A query has at most one.
func (p *parser) windowClause(s *Select) {
	if !p.is("WINDOW") {
		return
	}
	at := p.advance().at
	if s.Window != nil {
		p.fail(at, "a query has one WINDOW clause")
	}
	t := p.peek()
	w := &Window{At: t.at, Kind: t.upper, Grace: -1, Retention: -1}
	if !p.isAny("TUMBLING", "HOPPING", "SLIDING", "SESSION") {
		p.unexpected("TUMBLING, HOPPING, SLIDING or SESSION", "TUMBLING", "HOPPING", "SLIDING", "SESSION")
	}
	p.advance()
	p.expect("(")
	p.windowBounds(w)
	for p.accept(",") {
		switch {
		case p.is("GRACE") && w.Grace < 0:
			p.expect("GRACE", "PERIOD")
			w.Grace = p.duration(true)
		case p.is("RETENTION") && w.Retention < 0:
			p.advance()
			w.Retention = p.duration(true)
		default:
			p.unexpected("GRACE PERIOD", "GRACE", "RETENTION")
		}
	}
	p.expect(")")
	s.Window = w
}

// windowBounds reads [column,] SIZE d [, ADVANCE BY d], or [column,] d [, d].
func (p *parser) windowBounds(w *Window) {
	_, _, isDuration := splitDuration(p.peek())
	if !isDuration && p.isName() && (p.peekAt(1).upper == "," || p.peekAt(1).upper == "." && p.peekAt(3).upper == ",") {
		w.Column = p.ref()
		p.expect(",")
	}
	if w.Kind == "SESSION" {
		w.Size = p.duration(false)
		return
	}
	p.accept("SIZE")
	w.Size = p.duration(false)
	if w.Kind == "TUMBLING" {
		return
	}
	p.expect(",")
	if p.accept("ADVANCE") {
		p.expect("BY")
	}
	w.Advance = p.duration(false)
}
