package partitions

import (
	"fmt"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/recycle"
	"parallax/processors/route"
	"parallax/processors/row"
)

// Locator finds the V2 partition that corresponds to a row of V1: the one to which V2's
// router sends the record that caused the row or, for a row that was caused by time or by
// another stage, the row's key. It has its own routers and is not safe for concurrent use.
type Locator struct{ queries []located }

// located is the routing of one query.
type located struct {
	// byRecord routes the records of source; nil if the query's rows do not come from one
	// source's records.
	byRecord *route.Router
	source   int32
	// byKey places rows by their key; nil if the router does not route by it.
	byKey *route.Router
	// batch is the Seq plus one of the batch for which which and hashes are set.
	batch  int64
	which  []int32
	hashes []uint64
}

// NewLocator returns a Locator for a plan and a configuration of V2.
func NewLocator(p *plan.Plan, cfg processors.Config) (*Locator, error) {
	cfg.Partitions = cfg.Count()
	l := &Locator{}
	for _, q := range p.Queries {
		r, err := newRouter(q, 0, q.Source, cfg, Hooks{})
		if err != nil {
			return nil, fmt.Errorf("query %d (%s): %w", q.Index, q.Sink.Name, err)
		}
		one := located{source: int32(q.Source)}
		if q.Inputs == nil && len(q.Joins) == 0 {
			one.byRecord = r
		}
		_, placed := r.Place(0, 0)
		if r.Strategy() == "fan_in" || placed && r.Hashes() && hasSplitKey(q) {
			one.byKey = r
		}
		l.queries = append(l.queries, one)
	}
	return l, nil
}

// PartitionOf returns the partition that a row of a batch belongs to, or -1 if the
// routing does not determine it.
func (l *Locator) PartitionOf(b *row.Batch, c *row.Change) int32 {
	if int(c.Query) >= len(l.queries) {
		return -1
	}
	q := &l.queries[c.Query]
	if i := int(c.Cause); q.byRecord != nil && c.Phase != 0 && i >= 0 && i < b.Len() {
		if q.batch != b.Seq+1 {
			q.batch, q.which, q.hashes = b.Seq+1, recycle.Sized(q.which, b.Len()), recycle.Sized(q.hashes, b.Len())
			q.byRecord.Route(b, q.source, q.which, q.hashes)
		}
		return q.which[i]
	}
	if q.byKey != nil {
		if partition, ok := q.byKey.Place(row.Hash(c.Key), 0); ok {
			return int32(partition)
		}
	}
	return -1
}
