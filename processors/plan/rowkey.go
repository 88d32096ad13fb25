package plan

import (
	"fmt"
	"strconv"
	"strings"

	"parallax/processors/sql"
)

// joinKeyName is what the key of a join's rows is called where it is no selected
// column.
const joinKeyName = "ROWKEY"

// keyName is what column i of a join's key is called where it has no other name:
// ROWKEY, or of several ROWKEY_1, ROWKEY_2 and so on. Where sources have columns that
// are called so, as in ksqlDB, the number after the largest of theirs is the first.
func (j Join) keyName(i int) string {
	if len(j.Left) == 1 && j.taken == 0 {
		return joinKeyName
	}
	return fmt.Sprintf("%s_%d", joinKeyName, max(j.taken, 1)+i)
}

// keyNamed is the column of a join's key that has a keyName, -1 for none.
func (j Join) keyNamed(name string) int {
	for i := range j.Left {
		if j.keyName(i) == name {
			return i
		}
	}
	return -1
}

// takenKeyNames is the number after the largest one of columns that are called ROWKEY,
// which is 0, or ROWKEY_n; 0 where none is.
func takenKeyNames(sources []from) (next int) {
	for _, f := range sources {
		for _, c := range f.src.Columns {
			rest, ok := strings.CutPrefix(c.Name, joinKeyName)
			if !ok {
				continue
			}
			n := 0
			if rest != "" {
				digits, ok := strings.CutPrefix(rest, "_")
				var err error
				if n, err = strconv.Atoi(digits); !ok || err != nil || n < 0 || n >= maxTakenNumber {
					continue
				}
			}
			next = max(next, n+1)
		}
	}
	return next
}

// maxTakenNumber bounds the numbers of columns that are called ROWKEY_n, so that there
// is room after them.
const maxTakenNumber = 1_000_000_000

// isSynthetic reports whether column i of the key of the join's rows is no column of a
// source: it is one of either side, or both sides of its equality are expressions.
func (j Join) isSynthetic(i int) bool {
	_, left := j.Left[i].(*Column)
	_, right := j.Right[i].(*Column)
	return j.Kind == sql.FullJoin || !left && !right
}

// rowKey is what ROWKEY means after joins: the key of the last one of which it is no
// column of a source. It is nil where the name means nothing.
func (sc *scope) rowKey(r *sql.Ref) (Expr, error) {
	if r.Qualifier.Text != "" {
		return nil, nil
	}
	var wrong error
	for n := len(sc.from) - 1; n >= 0; n-- {
		j := sc.from[n].join
		if j == nil {
			continue
		}
		i := j.keyNamed(r.Name.Text)
		switch {
		case i < 0:
		case j.isSynthetic(i):
			return j.Keys()[i][0], nil
		case wrong == nil:
			wrong = sc.b.errorf(r.Name.At, "unknown column %s: the key of the join is a column of its own", r.Name.Text).WithHint("write %s", j.keyColumn(i))
		}
	}
	return nil, wrong
}

// keyColumn is the column that column i of the key is, where it is not synthetic.
func (j Join) keyColumn(i int) Expr {
	own, other := j.Left[i], j.Right[i]
	if j.Kind == sql.RightJoin {
		own, other = other, own
	}
	if _, ok := own.(*Column); ok {
		return own
	}
	return other
}
