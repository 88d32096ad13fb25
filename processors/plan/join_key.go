package plan

import (
	"slices"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// Keys returns, for each column of the key of the join's rows, the expressions over the
// sources that are equal to it where their side has a row.
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

// KeyOf is the index of the key column of the join's rows that an expression is, -1 if it
// is not one.
func (j Join) KeyOf(e Expr) int {
	return slices.IndexFunc(j.Keys(), func(same []Expr) bool { return anySame(same, e) })
}

func anySame(list []Expr, e Expr) bool {
	return slices.ContainsFunc(list, func(other Expr) bool { return Same(other, e) })
}

// isKey reports whether key is the key of the join's rows, column by column.
func (j Join) isKey(key []Expr) bool {
	return slices.EqualFunc(j.Keys(), key, anySame)
}

// joinKey sets the key of a projected join: the last join's key. A column of it has the
// name under which it is selected, else the name under which the column on the other side
// of its equality is selected, else its keyName. An expression that is two columns of the
// key gives its name to the first one.
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

// naming: a selected item gives its name to a column of the key, although the item may be
// NULL where the key is not. For LEFT JOIN ON l.a = r.a that item is r.a.
type naming struct{ item, key int }

// isNaming reports whether a selected column names the key without being it.
func (q *Query) isNaming(item int) bool {
	return slices.ContainsFunc(q.names, func(n naming) bool { return n.item == item })
}

// namedOutside is the selected item that names column k of the key and is in the key only,
// not in the value; -1 if there is none.
func (q *Query) namedOutside(s *row.Sink, k int) int {
	for _, n := range q.names {
		if n.key == k && s.InValue != nil && !s.InValue[n.item] {
			return n.item
		}
	}
	return -1
}

// otherSide is the first selected item that a LEFT or RIGHT join compares with column i of
// the key and that has no name yet, -1 for none.
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

// joinTables refuses a join with a table unless it compares the whole primary key. If the
// left side is a table, that holds for it as well; the left side may itself be a join of
// tables.
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
	return b.wholeKey(out, out.Left, primary{before.KeyOf, before.keyTexts()}, "the sources before "+own.Name)
}

// primary is a primary key: of gives the index of the key column that an expression is, -1
// if it is not one; names are the columns' names.
type primary struct {
	of    func(Expr) int
	names []string
}

// primaryKey is the primary key of a source without the bounds of its window, which are
// compared separately.
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

// wholeKey refuses a list that is not exactly the columns of a primary key, in any order.
func (b *builder) wholeKey(j Join, list []Expr, key primary, of string) error {
	rest := slices.Clone(key.names)
	for i, e := range list {
		k := key.of(e)
		switch {
		case k < 0:
			return b.errorf(j.at[i], "a table is joined by its primary key, and %s is not that of %s", e, of)
		case rest[k] == "":
			return b.errorf(j.at[i], "a join with a table compares each column of its primary key once, and %s is compared with two", e)
		}
		rest[k] = ""
	}
	rest = slices.DeleteFunc(rest, func(name string) bool { return name == "" })
	if len(rest) > 0 {
		return b.errorf(j.at[0], "a table is joined by its whole primary key, and ON leaves out %s of %s", strings.Join(rest, ", "), of)
	}
	return nil
}
