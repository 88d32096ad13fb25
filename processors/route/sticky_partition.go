package route

import "parallax/processors/row"

// stickyPartition sends each source topic-partition to one partition. It relies on the
// producers to write equal keys as equal bytes into one topic-partition. Records without a
// key can be in all of them, so they all go to partition 0, where they share state.
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
		rec := b.Record(i)
		if rec.Key == nil && r.key != nil && r.forced == "" {
			return 0
		}
		return bySource(r, rec.Partition)
	},
	place: func(r *Router, _ uint64, source int32) int { return bySource(r, source) },
}

// bySource returns the partition for a source topic-partition, 0 if there is none.
func bySource(r *Router, partition int32) int { return int(uint32(max(partition, 0)) % uint32(r.n)) }
