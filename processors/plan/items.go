package plan

import (
	"fmt"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// items binds the select list into q's items and columns.
func (b *builder) items(q *Query, sel *sql.Select, sc *scope) error {
	l := &selectList{q: q, sc: sc}
	b.itemsAt = b.itemsAt[:0]
	for _, it := range sel.Items {
		sc.sawOver = false
		var err error
		switch {
		case it.Star && it.Expr != nil:
			err = l.fields(it)
		case it.Star:
			err = l.star(it)
		default:
			err = l.item(it)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// selectList is a select list that is being bound.
type selectList struct {
	q       *Query
	sc      *scope
	unnamed int // the number that is next
}

// star adds all columns of all sources, or of one source for alias.*. After a join their
// names are ALIAS_COL.
func (l *selectList) star(it sql.Item) error {
	first, last := 0, len(l.sc.from)-1
	if it.Qualifier.Text != "" {
		side, err := l.sc.side(it.Qualifier)
		if err != nil {
			return err
		}
		first, last = side, side
	}
	for side := first; side <= last; side++ {
		f := l.sc.from[side]
		for i, c := range f.src.Columns {
			if f.src.Windowed && isSystemName(c.Name) {
				continue
			}
			e, err := l.sc.star(side, i, it.At)
			if err != nil {
				return err
			}
			name := c.Name
			if l.sc.joined() {
				name = f.name + "_" + name
			}
			if err := l.add(e, name, it.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// fields adds all fields of a STRUCT: x->*.
func (l *selectList) fields(it sql.Item) error {
	x, err := l.sc.bind(it.Expr)
	if err != nil {
		return err
	}
	if x.Type().Kind != row.Struct {
		return l.sc.b.errorf(it.At, "%s is %s: only a STRUCT has fields", x, x.Type())
	}
	for _, f := range x.Type().Fields {
		e, err := l.sc.field(x, sql.Name{Text: f.Name, At: it.At})
		if err != nil {
			return err
		}
		if err := l.add(e, f.Name, it.At); err != nil {
			return err
		}
	}
	return nil
}

// free is a name, or that with _1, _2 and so on where columns have it.
func (l *selectList) free(name string) string {
	free := name
	for n := 1; l.has(free); n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	return free
}

func (l *selectList) item(it sql.Item) error {
	e, err := l.sc.bind(it.Expr)
	if err != nil {
		return err
	}
	e = l.sc.constantGroup(e, l.q.Items)
	if it.Alias.Text != "" {
		return l.add(e, it.Alias.Text, it.Alias.At)
	}
	return l.add(e, l.nameOf(it.Expr), it.At)
}

// nameOf returns the name of an item without alias. A column keeps its name, or is
// ALIAS_COL if several sources have it. A field keeps its name, with _1 appended if that is
// taken. Any other expression is KSQL_COL_n, where n counts such expressions and skips
// names that sources have.
func (l *selectList) nameOf(e sql.Expr) string {
	switch e := e.(type) {
	case *sql.Ref:
		if e.Qualifier.Text != "" && l.sc.several(e.Name.Text) {
			return e.Qualifier.Text + "_" + e.Name.Text
		}
		return e.Name.Text
	case *sql.Field:
		return l.free(e.Name.Text)
	}
	var name string
	name, l.unnamed = l.sc.unnamed(l.unnamed)
	return name
}

// columnName is the name of a column that is not selected: its own, or ALIAS_COL if several
// sources have it.
func (sc *scope) columnName(c *Column) string {
	if sc.several(c.Name) {
		return c.Qualifier + "_" + c.Name
	}
	return c.Name
}

// several reports whether more than one source has a column with this name.
func (sc *scope) several(name string) bool {
	_, system := systemNames[name]
	n := 0
	for _, f := range sc.from {
		if system || columnIndex(f.src, name) >= 0 {
			n++
		}
	}
	return n > 1
}

func (l *selectList) has(name string) bool {
	for _, c := range l.q.Sink.Values {
		if c.Name == name {
			return true
		}
	}
	return false
}

func (l *selectList) add(e Expr, name string, at sql.Pos) error {
	if isSystemName(name) {
		return l.sc.b.errorf(at, "%s is a reserved name: give it an alias", name)
	}
	if l.has(name) {
		return l.sc.b.errorf(at, "two columns are named %s: give one an alias", name)
	}
	if e.Type().Kind == row.Null {
		e = &Literal{T: row.Of(row.String)}
	}
	l.q.Items = append(l.q.Items, e)
	l.sc.b.itemsAt = append(l.sc.b.itemsAt, at)
	if o := l.sc.over; o != nil {
		o.After = append(o.After, l.sc.sawOver)
	}
	l.q.Sink.Values = append(l.q.Sink.Values, row.Column{Name: name, Type: e.Type()})
	return nil
}
