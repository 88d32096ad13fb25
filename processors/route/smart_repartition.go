package route

// smartRepartition is sticky where the source is already keyed by the query's
// key, or there is no state, which keeps neighbours together and hashes nothing,
// and hashes otherwise.
// Which of the two it is, New has to know, so it stands for either.
var smartRepartition = strategy{
	name: "smart_repartition", aliases: []Strategy{"smart"},
	why:    "by the hash of the key, since the source is not keyed by it",
	needs:  alwaysHash.needs,
	refuse: alwaysHash.refuse,
	place:  alwaysHash.place,
	hashes: true,
}

// smartSticky is smartRepartition where nothing has to be hashed.
var smartSticky = strategy{
	name:   smartRepartition.name,
	why:    "by source topic-partition, hashing nothing: records that share state come from one already",
	needs:  stickyPartition.needs,
	refuse: stickyPartition.refuse,
	pick:   stickyPartition.pick,
	place:  stickyPartition.place,
}
