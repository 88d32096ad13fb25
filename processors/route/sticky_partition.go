package route

import "parallax/processors/row"

// stickyPartition sends each source topic-partition to one partition.
var stickyPartition = strategy{
	name: "sticky_partition", aliases: []Strategy{"sticky"},
	why:   "by source topic-partition: records that share state come from one",
	needs: "a query without state, or a source whose KEY columns are part of the query's key",
	refuse: func(n Need) string {
		if n.Stateless || n.SourceKeyed {
			return ""
		}
		return "records of one key may come from several topic-partitions here"
	},
	pick: func(r *Router, b *row.Batch, i int, _ uint64) int {
		return bySource(r, b.Record(i).Partition)
	},
	place: func(r *Router, _ uint64, source int32) int { return bySource(r, source) },
}

func bySource(r *Router, partition int32) int { return int(uint32(partition) % uint32(r.n)) }
