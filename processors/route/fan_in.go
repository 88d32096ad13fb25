package route

import "parallax/processors/row"

// fanIn sends everything to partition 0.
var fanIn = strategy{
	name: "fan_in", aliases: []Strategy{"fanin"},
	why:    "all records to one partition, which is right for every query and the only way without a key",
	needs:  "nothing",
	refuse: func(Need) string { return "" },
	pick:   func(*Router, *row.Batch, int, uint64) int { return 0 },
	place:  func(*Router, uint64, int32) int { return 0 },
}
