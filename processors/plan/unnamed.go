package plan

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// unnamed is what a column without a name is called: KSQL_COL_n for the first n, from a
// number on, that no column of the query's sources is called by, selected or not, and
// none of others. next is n + 1.
func (sc *scope) unnamed(n int, others ...row.Column) (name string, next int) {
	for ; ; n++ {
		name = fmt.Sprintf("KSQL_COL_%d", n)
		is := func(c row.Column) bool { return c.Name == name }
		if !slices.ContainsFunc(others, is) && !slices.ContainsFunc(sc.from, func(f from) bool { return slices.ContainsFunc(f.src.Columns, is) }) {
			return name, n + 1
		}
	}
}

// unnamedKey is what a key column without a name is called.
func (sc *scope) unnamedKey(s *row.Sink) string {
	name, _ := sc.unnamed(0, slices.Concat(s.Values, s.Key)...)
	return name
}
