package route

// alwaysHash sends equal keys to the same partition.
var alwaysHash = strategy{
	name: "always_hash", aliases: []Strategy{"hash"},
	why:   "by the hash of the key, so that records that share state are in one partition",
	needs: "a key that keeps each piece of state whole",
	refuse: func(n Need) string {
		if n.Key == nil {
			return "the query has none"
		}
		return ""
	},
	place:  func(r *Router, hash uint64, _ int32) int { return r.hashed(hash) },
	hashes: true,
}
