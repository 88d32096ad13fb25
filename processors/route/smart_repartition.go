package route

// smartRepartition avoids hashing if it can. If the source is already keyed by the query's
// key, or the query has no state, it is smartSticky, which keeps neighbours together;
// otherwise it hashes. New chooses between the two.
var smartRepartition = strategy{
	name: "smart_repartition", aliases: []Strategy{"smart"},
	why:    "by the hash of the key, since the source is not keyed by it",
	needs:  alwaysHash.needs,
	refuse: alwaysHash.refuse,
	place:  alwaysHash.place,
	hashes: true,
}

// smartSticky is smartRepartition for queries that need no hashing.
var smartSticky = strategy{
	name:   smartRepartition.name,
	why:    "by source topic-partition, hashing nothing: records that share state come from one already",
	needs:  stickyPartition.needs,
	refuse: stickyPartition.refuse,
	pick:   stickyPartition.pick,
	place:  stickyPartition.place,
}
