package sql

func (p *parser) isJoin() bool {
	return p.isAny("JOIN", "INNER", "LEFT", "RIGHT", "FULL", ",") || p.is("CROSS", "JOIN")
}

// join reads [INNER|LEFT|RIGHT|FULL [OUTER]] JOIN x [WITHIN ...] ON condition.
func (p *parser) join() Join {
	j := Join{At: p.peek().at}
	outer := true
	switch {
	case p.accept("LEFT"):
		j.Kind = LeftJoin
	case p.accept("RIGHT"):
		j.Kind = RightJoin
	case p.accept("FULL"):
		j.Kind = FullJoin
	case p.is(","), p.is("CROSS"):
		p.fail(j.At, "a join without a condition is not part of this dialect: write JOIN ... ON ...")
	default:
		p.accept("INNER")
		outer = false
	}
	if outer {
		p.accept("OUTER")
	}
	p.expect("JOIN")
	j.From = p.from()
	if p.is("WITHIN") {
		j.Within = p.within()
	}
	if p.is("USING") {
		p.fail(p.peek().at, "USING is not part of this dialect: write ON a.k = b.k")
	}
	if !p.accept("ON") {
		p.unexpectedAfterAlias("WITHIN or ON", "WITHIN", "ON")
	}
	j.On = p.expression()
	return j
}

// within reads WITHIN d or WITHIN (before, after), and GRACE PERIOD d.
func (p *parser) within() *Within {
	p.expect("WITHIN")
	w := &Within{Grace: -1}
	if p.accept("(") {
		w.Before = p.duration(true)
		p.expect(",")
		w.After = p.duration(true)
		p.expect(")")
	} else {
		w.Before = p.duration(true)
		w.After = w.Before
	}
	if p.accept("GRACE") {
		p.expect("PERIOD")
		w.Grace = p.duration(true)
	}
	return w
}
