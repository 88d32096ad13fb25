package bench

import (
	"context"
	"slices"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// cutter decodes the input into batches. Use it on one goroutine; batches may be released
// on any goroutine.
type cutter struct {
	q  *query
	in *Input
	// sources are the plan's, of which each has a decoder; topic is the number that
	// its topic has in the input.
	sources []cutSource
	free    chan batchMemory
}

type cutSource struct {
	decoder *codec.Decoder
	topic   int
	records []row.Record // scratch for the records of one batch
}

type batchMemory struct {
	records []row.Record
	tables  []*row.Table
}

// spareBatches is the number of released batches to keep: more than are ever in flight.
const spareBatches = 32

func (q *query) cutter(in *Input) (*cutter, error) {
	return q.newCutter(in, make(chan batchMemory, spareBatches))
}

func (q *query) newCutter(in *Input, free chan batchMemory) (*cutter, error) {
	c := &cutter{q: q, in: in, free: free}
	for i, s := range q.plan.Sources {
		d, err := codec.NewDecoder(context.Background(), s, i, codec.DecodeOptions{})
		if err != nil {
			return nil, err
		}
		c.sources = append(c.sources, cutSource{decoder: d, topic: slices.Index(in.Topics, s.Topic)})
	}
	return c, nil
}

// decode decodes records [from, to) into a batch without watermarks.
func (c *cutter) decode(seq int64, from, to int) (*row.Batch, error) {
	m := c.memory(to - from)
	for i := range m.records {
		c.in.record(&m.records[i], from+i)
	}
	var err error
	if len(c.sources) == 1 {
		_, err = c.sources[0].decoder.DecodeAll(context.Background(), m.records, m.tables[0])
	} else {
		err = c.decodeApart(m, from)
	}
	if err != nil {
		return nil, err
	}
	b := row.NewBatch(seq, int64(from), m.records, m.tables)
	b.OnRelease(func(records []row.Record, tables []*row.Table) {
		select {
		case c.free <- batchMemory{records, tables}:
		default:
		}
	})
	return b, nil
}

// decodeApart decodes the records of each source separately, as a broker delivers them, and
// restores the input order.
func (c *cutter) decodeApart(m batchMemory, from int) error {
	for n := range c.sources {
		s := &c.sources[n]
		s.records = s.records[:0]
		for i := range m.records {
			if c.in.of(from+i) == s.topic {
				s.records = append(s.records, m.records[i])
			}
		}
		if _, err := s.decoder.DecodeAll(context.Background(), s.records, m.tables[n]); err != nil {
			return err
		}
		next := 0
		for i := range m.records {
			if c.in.of(from+i) == s.topic {
				m.records[i] = s.records[next]
				next++
			}
		}
	}
	return nil
}

func (c *cutter) memory(n int) batchMemory {
	select {
	case m := <-c.free:
		if cap(m.records) >= n {
			m.records = m.records[:n]
			for _, t := range m.tables {
				t.Reset()
			}
			return m
		}
	default:
	}
	room := n + n/4 // batches that are cut for the cache have different lengths
	m := batchMemory{records: make([]row.Record, n, room)}
	for _, s := range c.q.plan.Sources {
		m.tables = append(m.tables, row.NewTable(s, room))
	}
	return m
}
