package plan

import "parallax/processors/sql"

// What the dialect has, so that it is read, and no engine runs yet: it is
// refused where it stands. A construct that arrives leaves this page.

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

// unsupported refuses what stands here.
func (b *builder) unsupported(at sql.Pos, what string) error {
	return b.errorf(at, "%s is not supported yet", what)
}
