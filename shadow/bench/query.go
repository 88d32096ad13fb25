package bench

import (
	"errors"
	"fmt"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// query is a compiled script. Its paths end the windows that are open at the end
// of the input.
type query struct{ plan *plan.Plan }

func newQuery(sql string) (*query, error) {
	p, err := plan.Compile(sql, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		return nil, err
	}
	if len(p.Sources) != 1 {
		return nil, fmt.Errorf("the benchmark feeds one source, and this script has %d", len(p.Sources))
	}
	if p.Chained() {
		return nil, errors.New("the benchmark runs one engine a query, and this script has queries that are several stages: LIMIT, a join, or a query over another one's rows")
	}
	return &query{plan: p}, nil
}

// encoders are those of the plan's queries.
func (q *query) encoders() []*codec.Encoder {
	var list []*codec.Encoder
	for _, one := range q.plan.Queries {
		list = append(list, codec.NewEncoder(one.Sink))
	}
	return list
}

// cutter decodes the input into batches. It is for one goroutine; the memory of
// released batches comes back from any.
type cutter struct {
	q       *query
	in      *Input
	decoder *codec.Decoder
	free    chan batchMemory
}

type batchMemory struct {
	records []row.Record
	tables  []*row.Table
}

// spareBatches is how many are kept: more than are ever on their way.
const spareBatches = 32

func (q *query) cutter(in *Input) *cutter {
	return &cutter{q: q, in: in, decoder: q.decoder(), free: make(chan batchMemory, spareBatches)}
}

// another is a cutter for another goroutine, which shares c's memory.
func (c *cutter) another() *cutter {
	return &cutter{q: c.q, in: c.in, decoder: c.q.decoder(), free: c.free}
}

func (q *query) decoder() *codec.Decoder {
	return codec.NewDecoder(q.plan.Sources[0], 0, codec.DecodeOptions{})
}

// decode makes the batch of records [from, to), but for its watermarks.
func (c *cutter) decode(seq int64, from, to int) *row.Batch {
	m := c.memory(to - from)
	for i := range m.records {
		c.in.record(&m.records[i], from+i)
	}
	c.decoder.DecodeAll(m.records, m.tables[0])
	b := row.NewBatch(seq, int64(from), m.records, m.tables)
	b.OnRelease(func(records []row.Record, tables []*row.Table) {
		select {
		case c.free <- batchMemory{records, tables}:
		default:
		}
	})
	return b
}

func (c *cutter) memory(n int) batchMemory {
	select {
	case m := <-c.free:
		if cap(m.records) >= n {
			m.records = m.records[:n]
			m.tables[0].Reset()
			return m
		}
	default:
	}
	return batchMemory{make([]row.Record, n), []*row.Table{row.NewTable(c.q.plan.Sources[0], n)}}
}

// clock sets the watermarks of batches, in order.
type clock struct{ watermark int64 }

func (k *clock) tick(b *row.Batch) {
	for i := range b.Len() {
		r := b.Record(i)
		if r.State != row.Undecodable {
			k.watermark = max(k.watermark, r.EventTime)
		}
		r.Watermark = k.watermark
	}
}

func newClock() *clock { return &clock{watermark: row.NoWatermark} }

// encode gives the rows of changes to out.
func encode(encoders []*codec.Encoder, changes []row.Change, key, value []byte, out *output) (_, _ []byte) {
	for i := range changes {
		c := &changes[i]
		e := encoders[c.Query]
		key, value = key[:0], value[:0]
		if e.HasKey() {
			key, _ = e.AppendKey(key, c)
		}
		if !c.Deleted() {
			value = e.AppendValue(value, c)
		}
		out.row(key, value)
	}
	return key, value
}
