package plan

import "parallax/processors/sql"

// What the dialect has, so that it is read, and no engine runs yet: it is
// refused where it stands. A construct that arrives leaves these lists.

// laterClauses are clauses of a query: what it is called, and where in a query
// it stands.
var laterClauses = []struct {
	what string
	find func(*sql.Select) (sql.Pos, bool)
}{
	{"LIMIT", func(s *sql.Select) (sql.Pos, bool) { return s.LimitAt, s.Limit != "" }},
}

// laterColumn names what a declared column has that cannot be read yet.
func laterColumn(c sql.ColumnDef) string {
	switch {
	case c.Headers:
		return "a HEADERS column"
	case c.Header != nil:
		return "a HEADER column"
	}
	return ""
}

// unsupported refuses what stands on one of these lists.
func (b *builder) unsupported(at sql.Pos, what string) error {
	return b.errorf(at, "%s is not supported yet", what)
}

// refuse points at the first clause that cannot be run yet. What is wrong anyway
// has been said before.
func (b *builder) refuse(s *sql.Select) error {
	if b.opt.ahead {
		return nil
	}
	for _, clause := range laterClauses {
		if at, found := clause.find(s); found {
			return b.unsupported(at, clause.what)
		}
	}
	return nil
}
