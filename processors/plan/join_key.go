package plan

import (
	"slices"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// Keys are, for each column of the key of the join's rows, expressions over the
// sources of which each is that column: of the side that there is.
func (j Join) Keys() [][]Expr {
	keys := make([][]Expr, len(j.Left))
	for i, l := range j.Left {
		r := j.Right[i]
		switch j.Kind {
		case sql.LeftJoin:
			keys[i] = []Expr{l}
		case sql.RightJoin:
			keys[i] = []Expr{r}
		case sql.FullJoin:
			keys[i] = []Expr{&Call{Func: "COALESCE", Args: []Expr{l, r}, T: l.Type()}}
		default:
			keys[i] = []Expr{l, r}
		}
	}
	return keys
}

// KeyOf is which column of the key of the join's rows an expression is, -1 if it is
// none.
func (j Join) KeyOf(e Expr) int {
	return slices.IndexFunc(j.Keys(), func(same []Expr) bool { return anySame(same, e) })
}

func anySame(list []Expr, e Expr) bool {
	return slices.ContainsFunc(list, func(other Expr) bool { return Same(other, e) })
}

// isKey reports whether a key is that of the join's rows, column by column.
func (j Join) isKey(key []Expr) bool {
	return slices.EqualFunc(j.Keys(), key, anySame)
}

// joinKey keys the rows of a join that is projected: by the last join's key, each
// column under the name by which it is selected, else by that of its other side, else
// by its keyName. An expression that is two columns of the key names the first of them.
func (b *builder) joinKey(q *Query, s *sql.CreateAs) error {
	last := q.Joins[len(q.Joins)-1]
	if last.Windowed {
		joinedWindow(q.Sink, q.From)
	}
	for i, same := range last.Keys() {
		selected := slices.IndexFunc(same, func(e Expr) bool { return anySame(q.Items, e) && !anySame(q.Key, e) })
		switch {
		case selected >= 0:
			if err := b.addKey(q, same[selected], "", s.At); err != nil {
				return err
			}
		case anySame(q.Key, same[0]):
			q.Key = append(q.Key, same[0])
			q.Sink.Key = append(q.Sink.Key, row.Column{Name: last.keyName(i), Type: same[0].Type()})
		default:
			name := last.keyName(i)
			if item := q.otherSide(last, i); item >= 0 {
				name = q.Sink.Values[item].Name
				q.names = append(q.names, naming{item: item, key: len(q.Key)})
			}
			if err := b.addKey(q, same[0], name, s.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// naming says that a selected column gives its name to a column of the key, though it
// is NULL where the key is not: of a LEFT JOIN ON l.a = r.a it is r.a.
type naming struct{ item, key int }

// isNaming reports whether a selected column names the key without being it.
func (q *Query) isNaming(item int) bool {
	return slices.ContainsFunc(q.names, func(n naming) bool { return n.item == item })
}

// namedOutside is the selected column that names column k of the key and stands in the
// key alone, not in the value; -1 where there is none.
func (q *Query) namedOutside(s *row.Sink, k int) int {
	for _, n := range q.names {
		if n.key == k && s.InValue != nil && !s.InValue[n.item] {
			return n.item
		}
	}
	return -1
}

// otherSide is the first selected column that a LEFT or RIGHT join compares with its
// own side's column i of the key and that is not selected by another name yet, -1 for
// none.
func (q *Query) otherSide(j Join, i int) int {
	var other Expr
	switch j.Kind {
	case sql.LeftJoin:
		other = j.Right[i]
	case sql.RightJoin:
		other = j.Left[i]
	default:
		return -1
	}
	for item, e := range q.Items {
		if Same(e, other) && !q.isNaming(item) {
			return item
		}
	}
	return -1
}

// joinTables refuses a join with a table by anything but its whole primary key; of a
// table on the left, which what stands before is that was joined of tables, too.
func (b *builder) joinTables(out Join, sc *scope, leftTable bool, before Join) error {
	own := sc.from[len(sc.from)-1].src
	if !own.Table {
		return nil
	}
	if err := b.wholeKey(out, out.Right, primaryKey(own), own.Name); err != nil || !leftTable {
		return err
	}
	if len(sc.from) == 2 {
		return b.wholeKey(out, out.Left, primaryKey(sc.first()), sc.first().Name)
	}
	return b.wholeKey(out, out.Left, primary{before.KeyOf, before.keyTexts()}, "what stands before "+own.Name)
}

// primary is a primary key: which of its columns an expression is, -1 for none, and
// what its columns are called.
type primary struct {
	of    func(Expr) int
	names []string
}

// primaryKey is that of a source, its window apart, which is compared by itself.
func primaryKey(src *row.Source) primary {
	var names []string
	at := make([]int, len(src.Columns))
	for i, c := range src.Columns {
		at[i] = -1
		if src.Key[i] && !(src.Windowed && i >= len(src.Columns)-2) {
			at[i] = len(names)
			names = append(names, c.Name)
		}
	}
	return primary{names: names, of: func(e Expr) int {
		if c, ok := e.(*Column); ok {
			return at[c.Index]
		}
		return -1
	}}
}

func (j Join) keyTexts() (texts []string) {
	for _, same := range j.Keys() {
		texts = append(texts, same[0].String())
	}
	return texts
}

// wholeKey refuses what is not each column of a primary key once, in whatever order.
func (b *builder) wholeKey(j Join, list []Expr, key primary, of string) error {
	rest := slices.Clone(key.names)
	for i, e := range list {
		k := key.of(e)
		switch {
		case k < 0:
			return b.errorf(j.at[i], "a table is joined by its primary key, and %s is not that of %s", e, of)
		case rest[k] == "":
			return b.errorf(j.at[i], "a table is joined by each column of its primary key once, and %s equals two", e)
		}
		rest[k] = ""
	}
	rest = slices.DeleteFunc(rest, func(name string) bool { return name == "" })
	if len(rest) > 0 {
		return b.errorf(j.at[0], "a table is joined by its whole primary key, and ON leaves out %s of %s", strings.Join(rest, ", "), of)
	}
	return nil
}
