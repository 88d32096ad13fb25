package plan

import "parallax/processors/sql"

// Constructs that the parser accepts and no engine runs yet. The planner refuses them with
// their position. To support one, remove it here.

// unsupported refuses a construct at its position.
func (b *builder) unsupported(at sql.Pos, what string) error {
	return b.errorf(at, "%s is not supported yet", what)
}
