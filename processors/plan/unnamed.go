package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// unnamed returns the name for a column without one: KSQL_COL_n for the first number from n
// on such that no column of the query's sources, selected or not, and none of others has
// that name. next is that number plus 1.
func (sc *scope) unnamed(n int, others ...row.Column) (name string, next int) {
	for ; ; n++ {
		name = fmt.Sprintf("KSQL_COL_%d", n)
		is := func(c row.Column) bool { return c.Name == name }
		if !slices.ContainsFunc(others, is) && !slices.ContainsFunc(sc.from, func(f from) bool { return slices.ContainsFunc(f.src.Columns, is) }) {
			return name, n + 1
		}
	}
}

// unnamedKey is the name for a key column without one.
func (sc *scope) unnamedKey(s *row.Sink) string {
	name, _ := sc.unnamed(0, slices.Concat(s.Values, s.Key)...)
	return name
}
