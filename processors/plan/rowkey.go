package plan

import (
	"fmt"
	"strconv"
	"strings"

	"parallax/processors/sql"
)

// joinKeyName is the name of the key of a join's rows if it is not a selected column.
const joinKeyName = "ROWKEY"

// keyName is the default name of column i of a join's key: ROWKEY, or ROWKEY_1, ROWKEY_2
// and so on if the key has several columns. If sources have columns with such names,
// numbering starts after the largest of their numbers, as in ksqlDB.
func (j Join) keyName(i int) string {
	if len(j.Left) == 1 && j.taken == 0 {
		return joinKeyName
	}
	return fmt.Sprintf("%s_%d", joinKeyName, max(j.taken, 1)+i)
}

// keyNamed is the index of the join key's column with a keyName, -1 if there is none.
func (j Join) keyNamed(name string) int {
	for i := range j.Left {
		if j.keyName(i) == name {
			return i
		}
	}
	return -1
}

// takenKeyNames is one more than the largest number of a source's column named ROWKEY,
// which counts as 0, or ROWKEY_n; 0 if there is none.
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

// maxTakenNumber limits n in the ROWKEY_n that sources may use, so that larger numbers
// remain.
const maxTakenNumber = 1_000_000_000

// isSynthetic reports whether column i of the key of the join's rows is not a column of a
// source: it comes from either side, or both sides of its equality are expressions.
func (j Join) isSynthetic(i int) bool {
	_, left := j.Left[i].(*Column)
	_, right := j.Right[i].(*Column)
	return j.Kind == sql.FullJoin || !left && !right
}

// rowKey resolves ROWKEY after joins: it is the key of the last join whose key is not a
// column of a source. It returns nil if there is no such join.
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

// keyColumn is the source's column that is column i of the key, if the key is not
// synthetic.
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
