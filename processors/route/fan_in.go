package route

import "parallax/processors/row"

// fanIn sends everything to partition 0.
var fanIn = strategy{
	name: "fan_in", aliases: []Strategy{"fanin"},
	why:    "all to one partition: what has no key cannot be split, and this is right for anything",
	needs:  "nothing",
	refuse: func(Need) string { return "" },
	pick:   func(*Router, *row.Batch, int, uint64) int { return 0 },
	place:  func(*Router, uint64, int32) int { return 0 },
}
