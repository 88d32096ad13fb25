package plan

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// partitionBy sets the key of a projection's rows to PARTITION BY. Its expressions read the
// sources' columns, not the names that SELECT defines. PARTITION BY NULL leaves the rows
// without a key.
func (b *builder) partitionBy(q *Query, sel *sql.Select, sc *scope) error {
	at := sel.PartitionByAt
	switch {
	case sel.Distinct:
		return b.errorf(at, "PARTITION BY cannot be combined with DISTINCT: its columns are the key of its rows")
	case q.Over != nil && len(q.Over.PartitionBy) > 0:
		return b.errorf(at, "PARTITION BY cannot be combined with OVER: the PARTITION BY of OVER is the key of its rows")
	case !slices.ContainsFunc(sc.from, func(f from) bool { return !f.src.Table }):
		return b.errorf(at, "PARTITION BY is for streams: the rows of a table are kept by its primary key, and %s is a table", sc.first().Name)
	}
	q.Rekeyed = true
	if _, null := sel.PartitionBy[0].(*sql.Null); null && len(sel.PartitionBy) == 1 {
		return nil
	}
	plain := &scope{b: b, from: sc.from}
	for _, x := range sel.PartitionBy {
		e, err := plain.bind(x)
		if err != nil {
			return b.sourcesOnly(err, x, sel)
		}
		if err := b.notNull(e, x.Pos(), "PARTITION BY", "PARTITION BY NULL alone leaves the rows without a key"); err != nil {
			return err
		}
		name := sc.unnamedKey(q.Sink)
		if written := keyName(x, sc); written != "" {
			name = written
		}
		if err := b.addKey(q, e, name, x.Pos()); err != nil {
			return err
		}
		if err := b.nameOnce(q, x.Pos()); err != nil {
			return err
		}
	}
	return nil
}

// keyName is the name of a key column that is not selected, "" if it has no name of its
// own.
func keyName(x sql.Expr, sc *scope) string {
	switch x := x.(type) {
	case *sql.Ref:
		if isSystemName(x.Name.Text) {
			return ""
		}
		if x.Qualifier.Text != "" && sc.several(x.Name.Text) {
			return x.Qualifier.Text + "_" + x.Name.Text
		}
		return x.Name.Text
	case *sql.Field:
		return x.Name.Text
	}
	return ""
}

// nameOnce refuses the last key column if a different column of the value has the same
// name, because a reader of the rows would confuse them.
func (b *builder) nameOnce(q *Query, at sql.Pos) error {
	last := len(q.Key) - 1
	name := q.Sink.Key[last].Name
	i := slices.IndexFunc(q.Sink.Values, func(c row.Column) bool { return c.Name == name })
	if i < 0 || Same(q.Items[i], q.Key[last]) {
		return nil
	}
	return b.errorf(at, "the key is named %s, and SELECT gives that name to another expression", name).WithHint("select it, or give the other column another name")
}

// sourcesOnly improves the error for a name that only SELECT defines.
func (b *builder) sourcesOnly(err error, x sql.Expr, sel *sql.Select) error {
	name, ok := x.(*sql.Ref)
	if !ok || !slices.ContainsFunc(sel.Items, func(it sql.Item) bool { return it.Alias.Text != "" && it.Alias.Text == name.Name.Text }) {
		return err
	}
	return b.errorf(x.Pos(), "PARTITION BY can use columns of the source only, and %s is an alias from SELECT", name.Name.Text).
		WithHint("repeat the expression: the key column is named %s as well", name.Name.Text)
}
