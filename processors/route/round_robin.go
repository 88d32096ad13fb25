package route

import "parallax/processors/row"

// roundRobin distributes records by position.
var roundRobin = strategy{
	name: "round_robin", aliases: []Strategy{"rr"},
	why:   "in turn: the query has no state, so any routing will do",
	needs: "a query without state",
	refuse: func(n Need) string {
		if n.Stateless {
			return ""
		}
		return "this one keeps state"
	},
	pick: func(r *Router, b *row.Batch, i int, _ uint64) int {
		return int(uint64(b.First+int64(i)) / neighbours % uint64(r.n))
	},
}

// neighbours is how many consecutive records go to the same partition, so that merge copies
// their rows together.
const neighbours = 16
