package exec

import (
	"iter"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// firsts lets each row that WHERE lets through out once. Time does nothing to it,
// and rows are kept forever.
type firsts struct {
	query  uint16
	source int
	where  condition
	items  []expression.Eval
	opt    Options
	env    expression.Env
	out    *Result
	tuple  []row.Value // scratch
	seen   keyTable[firstSeen, *firstSeen]
}

// firstSeen is the number of the source topic-partition of a row's first record.
type firstSeen struct {
	partition int32
	entryMark
}

func newDistinct(q *plan.Query, opt Options) (*firsts, error) {
	d := &firsts{query: uint16(q.Index), source: q.Source, opt: opt, tuple: make([]row.Value, len(q.Items))}
	var err error
	if d.where, err = compileCondition(q.Where); err != nil {
		return nil, err
	}
	d.items, err = expression.CompileAll(q.Items)
	return d, err
}

func (d *firsts) begin(b *row.Batch, out *Result) {
	d.out = out
	d.env.Batch, d.env.Table = b, b.Table(d.source)
}

func (d *firsts) nextClose() int64          { return never }
func (d *firsts) advance(int, int64, int64) {}
func (d *firsts) keys() int64               { return int64(d.seen.Len()) }

func (d *firsts) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	d.env.At(i)
	record := d.env.Record
	if record.State == row.NullValue {
		return row.Filtered // it has no columns to tell apart
	}
	if dropped, ok := d.where.admits(&d.env, d.opt, d.out, i); !ok {
		return dropped
	}
	for j, f := range d.items {
		v, err := f(&d.env)
		if err != nil {
			if d.opt.ErrorsToDeadLetter {
				return d.out.refuse(i, err)
			}
			d.out.ExpressionErrors++
			v = row.Value{}
		}
		d.tuple[j] = v
	}
	if !hashed {
		hash = row.Hash(d.tuple)
	}
	if d.seen.Find(hash, d.tuple) != nil {
		return row.Filtered
	}
	k := d.seen.Add(hash, d.tuple)
	k.Data.partition = homeOf(record)
	d.out.Changes = append(d.out.Changes, row.Change{
		Position: position, Phase: 1, Step: 1, Query: d.query, Cause: int32(i), Timestamp: record.EventTime,
		Key: k.Values, Values: k.Values,
	})
	return row.Output
}

// distinctEntry is a tuple outside an engine.
type distinctEntry struct{ tuple []row.Value }

// snapshot lists all tuples, in order.
func (d *firsts) snapshot() []state.Entry { return d.seen.inOrder(distinctEntries) }

func (d *firsts) freeze() iter.Seq[state.Entry] { return d.seen.freeze(distinctEntries) }

func distinctEntries(entries []state.Entry, k *row.Key[firstSeen]) []state.Entry {
	return append(entries, state.Entry{Hash: k.Hash, Partition: k.Data.partition, State: distinctEntry{k.Values}})
}

func (d *firsts) restore(entries []state.Entry) {
	d.seen = keyTable[firstSeen, *firstSeen]{}
	for _, e := range entries {
		tuple := e.State.(distinctEntry).tuple
		d.seen.Add(row.Hash(tuple), tuple).Data.partition = e.Partition
	}
}
