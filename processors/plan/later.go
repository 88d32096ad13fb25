package plan

import "parallax/processors/sql"

// What the dialect has, so that it is read, and no engine runs yet: it is
// refused where it stands. A construct that arrives leaves this page.

// unsupported refuses what stands here.
func (b *builder) unsupported(at sql.Pos, what string) error {
	return b.errorf(at, "%s is not supported yet", what)
}
