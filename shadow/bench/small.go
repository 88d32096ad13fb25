package bench

import (
	"fmt"

	"parallax/processors/route"
	"parallax/processors/row"
)

// The seeds' small shape: 5,000 records of 20 groups in turn, all in one window that emits
// every group again for each record. A partition knows only its own groups, so V2 correctly
// emits fewer rows than V1.
const smallGroups = 20

// smallKey is group g's key.
func smallKey(g int) []row.Value { return []row.Value{row.NewString(fmt.Sprintf("GROUP%02d", g))} }

// smallEvenly deals the groups out to n partitions in turn.
func smallEvenly(n int) map[string]int {
	table := map[string]int{}
	for g := range smallGroups {
		table[string(row.AppendKey(nil, smallKey(g)...))] = g % n
	}
	return table
}

// smallRows is the expected number of rows of a path: a partition with n records of g
// groups in turn emits n·g - g(g-1)/2.
func smallRows(p *path, in *Input) int {
	n := max(p.partitions, 1)
	held := make([]int, n)
	for g := range smallGroups {
		if p.evenly {
			held[g%n]++
		} else {
			held[route.Hashed(row.Hash(smallKey(g)), n)]++
		}
	}
	rows := 0
	for _, g := range held {
		rows += in.Len()/smallGroups*g*g - g*(g-1)/2
	}
	return rows
}
