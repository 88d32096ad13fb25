package bench

import "parallax/processors/row"

// clock sets the watermarks of batches in order: the smallest event time reached by the
// topics that had a record. Each topic has one topic-partition.
type clock struct {
	// reached is a source's largest event time, NoWatermark before its first record. For a
	// table it is always NoWatermark, because tables do not hold time back.
	reached   []int64
	table     []bool
	watermark int64
}

func (q *query) clock() *clock {
	k := &clock{watermark: row.NoWatermark}
	for _, s := range q.plan.Sources {
		k.reached, k.table = append(k.reached, row.NoWatermark), append(k.table, s.Table)
	}
	return k
}

func (k *clock) tick(b *row.Batch) {
	for i := range b.Len() {
		r := b.Record(i)
		if r.State != row.Undecodable && r.EventTime > k.reached[r.Source] && !k.table[r.Source] {
			k.reached[r.Source] = r.EventTime
			k.advance()
		}
		r.Watermark = k.watermark
	}
}

// advance never decreases the watermark: the first record of a topic may be earlier than
// the others.
func (k *clock) advance() {
	lowest := int64(row.FinalWatermark)
	for _, t := range k.reached {
		if t != row.NoWatermark {
			lowest = min(lowest, t)
		}
	}
	k.watermark = max(k.watermark, lowest)
}
