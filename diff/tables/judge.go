package tables

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"parallax/diff"
	"parallax/processors/row"
)

// judge counts the identities that are equal, and examines the others.
func (c *comparison) judge(ctx context.Context) error {
	r := &c.result
	r.AsBag, r.Windowed = c.asBag, c.decoders[diff.V1].mapping.hasWindow
	r.SampledOneOf = 1 << c.table.sample.bits()
	closed := min(c.table.latest[diff.V1], c.table.latest[diff.V2])
	var differing []*entry
	c.table.all(func(e *entry) {
		for side := range r.Ledger {
			if e.isPresent(diff.Side(side)) {
				r.Identities[side]++
			}
			if e.count[side] > 0 {
				r.known[side]++
			}
			if e.count[side] > 0 && !c.asBag {
				r.Ledger[side].Superseded += int64(e.count[side]) - 1
			}
		}
		if e.isPresent(diff.V1) && e.isPresent(diff.V2) {
			r.Paired++
		}
		if e.count[diff.V1] > 0 && e.count[diff.V2] > 0 {
			r.knownBoth++
		}
		if c.isClosed(e, closed) && (e.isPresent(diff.V1) || e.isPresent(diff.V2)) {
			r.Closed++
		}
		if c.asBag {
			for side := range r.Ledger {
				r.Ledger[side].Matched += int64(min(e.count[diff.V1], e.count[diff.V2]))
			}
		}
		if !e.isEqual(c.asBag) {
			differing = append(differing, e)
			return
		}
		for side := range r.Ledger {
			if e.count[side] > 0 && !c.asBag {
				r.Ledger[side].Matched++
			}
		}
		if e.isPresent(diff.V1) {
			r.Equal++
		}
		if e.differsInSpelling() {
			r.Spelled++
		}
	})
	for side, source := range c.sources {
		r.Ledger[side].SampledOut = c.table.sampledOut[side]
		r.Ledger[side].WithoutRecord = source.Offsets() - c.records[side]
	}
	var err error
	if !r.IsEmpty() && r.Pairs() {
		err = c.examine(ctx, differing, closed)
	} else { // not examined: what does not pair would all be missing
		for _, e := range differing {
			c.countAlone(e)
		}
	}
	c.finish()
	return err
}

// isClosed reports whether both sides have rows of windows that begin at the end of the
// identity's window or later.
func (c *comparison) isClosed(e *entry, latest int64) bool {
	return c.result.Windowed && e.end <= latest
}

// finish completes the figures that need all others.
func (c *comparison) finish() {
	r := &c.result
	for i := range r.Found.Tolerated {
		r.Found.Tolerated[i].Of = r.Identities[diff.V1]
	}
	r.Found.LevelHeld = r.LevelHeld()
	r.Found.Outputs = []diff.Output{{
		Topic: c.sources[diff.V1].Topic(), LevelHeld: r.Found.LevelHeld, Root: r.Found.Root, Cascade: r.Found.Cascade,
		Rows: r.Identities[diff.V1], ToleratedRows: r.Tolerated,
	}}
}

// countAlone counts an identity that differs without being examined.
func (c *comparison) countAlone(e *entry) {
	for side := range c.result.Ledger {
		if e.count[side] > 0 {
			c.result.Ledger[side].Alone++
		}
		if e.isPresent(diff.Side(side)) {
			c.result.Alone[side]++
		}
	}
}

// batchSize is how many identities one Differ compares. It remembers each of them, so each
// batch has a new one.
const batchSize = 4096

// examine reads the rows of identities that differ again, as many at once as fit into the
// memory, and compares them.
func (c *comparison) examine(ctx context.Context, differing []*entry, closed int64) error {
	columns := columnTable{}
	for _, written := range c.result.Probe.columns {
		columns[written] = &diff.ColumnCounts{Topic: c.sources[diff.V1].Topic(), Name: written}
	}
	seen := map[string]bool{}
	round := c.roundSize()
	for len(differing) > 0 {
		now := differing[:min(round, len(differing))]
		differing = differing[len(now):]
		rows, err := c.readAgain(ctx, now)
		if err != nil {
			return err
		}
		for len(now) > 0 {
			n := min(batchSize, len(now))
			d, err := c.compareRows(now[:n], rows[:n], closed, seen)
			if err != nil {
				return err
			}
			if d != nil {
				c.result.merge(d, func(cause diff.Cause) string { return c.placeOf(cause, rows[:n]) })
				columns.add(d.Columns())
			}
			now, rows = now[n:], rows[n:]
		}
	}
	if !c.opt.Timestamps {
		delete(columns, "timestamp")
	}
	c.result.Columns = columns.list(c.result.Paired)
	return c.checkRules(seen)
}

// roundSize is how many identities' rows fit into a quarter of the memory. A value takes
// many times the memory of its text.
func (c *comparison) roundSize() int {
	bytes := int64(0)
	for side := range c.records {
		bytes += 512 + 16*c.valueBytes[side]/max(c.records[side], 1)
	}
	return int(max(c.opt.Memory/4/bytes, 1000))
}

// checkRules refuses a rule for a column that no row has.
func (c *comparison) checkRules(seen map[string]bool) error {
	sink := c.sink(nil)
	for name := range seen {
		sink.Values = append(sink.Values, row.Column{Name: name})
	}
	for _, name := range c.result.Probe.columns {
		sink.Values = append(sink.Values, row.Column{Name: name})
	}
	return diff.CheckRules(c.opt.Rules, []*row.Sink{sink})
}

// placeOf says where both rows of a pair are, by the place that its example has.
func (c *comparison) placeOf(cause diff.Cause, rows [][2]kept) string {
	is := func(r *row.Record) bool {
		return r.Topic == cause.Topic && r.Partition == cause.Partition && r.Offset == cause.Offset
	}
	for i := range rows {
		if !is(&rows[i][diff.V1].place) && (rows[i][diff.V1].found || !is(&rows[i][diff.V2].place)) {
			continue
		}
		var parts []string
		for side, name := range sideNames {
			if k := &rows[i][side]; k.found {
				parts = append(parts, fmt.Sprintf("%s %s/%d@%d", name, k.place.Topic, k.place.Partition, k.place.Offset))
			}
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

// kept is a row that was read again.
type kept struct {
	row   decoded
	place row.Record
	found bool
}

// place is the place of a row in its source.
type place struct {
	part   int32
	offset int64
}

// readAgain reads the last rows of identities, of both sides.
func (c *comparison) readAgain(ctx context.Context, entries []*entry) ([][2]kept, error) {
	rows := make([][2]kept, len(entries))
	for side, source := range c.sources {
		wanted := map[place]int{}
		for i, e := range entries {
			if e.isPresent(diff.Side(side)) {
				wanted[place{e.part[side], e.offset[side]}] = i
			}
		}
		if len(wanted) == 0 {
			continue
		}
		d := &c.decoders[side]
		err := source.Read(ctx, func(r *Record) error {
			i, ok := wanted[place{r.Partition, r.Offset}]
			if !ok {
				return nil
			}
			k := &rows[i][side]
			if err := d.decode(r, &k.row); err == nil && k.row.value == entries[i].value[side] {
				k.found = true
				k.place = row.Record{TopicPartition: row.TopicPartition{Topic: source.Topic(), Partition: r.Partition}, Offset: r.Offset, Watermark: row.NoWatermark}
			}
			delete(wanted, place{r.Partition, r.Offset})
			if len(wanted) == 0 {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	return rows, nil
}

// sink describes the rows of identities with the given columns.
func (c *comparison) sink(columns []string) *row.Sink {
	m := &c.decoders[diff.V1].mapping
	s := &row.Sink{Topic: c.sources[diff.V1].Topic(), Grace: math.MaxInt64 / 4, AnyPartition: true, Windowed: m.hasWindow}
	for _, col := range m.Columns {
		s.Key = append(s.Key, row.Column{Name: col.Name})
	}
	for _, name := range columns {
		if written, ok := c.result.Probe.columns[name]; ok {
			name = written
		}
		s.Values = append(s.Values, row.Column{Name: name})
	}
	return s
}

// compareRows compares the rows of identities that differ: those of closed windows, and the
// others. It returns nil if there are none.
func (c *comparison) compareRows(entries []*entry, rows [][2]kept, closed int64, seen map[string]bool) (*diff.Differ, error) {
	places := map[string]int{}
	var columns []string
	for i := range rows {
		for side := range rows[i] {
			for _, name := range rows[i][side].row.names {
				if _, ok := places[name]; !ok && rows[i][side].found {
					places[name] = len(columns)
					columns = append(columns, name)
				}
			}
		}
	}
	const mostColumns = 4096
	if len(columns) > mostColumns {
		return nil, fmt.Errorf("the values have more than %d different columns: fields whose names are data have to be inside one column", mostColumns)
	}
	sink := c.sink(columns)
	for _, col := range sink.Values {
		seen[col.Name] = true
	}
	require := diff.E6
	if c.asBag {
		require = diff.Ze
	}
	d := diff.New([]*row.Sink{sink}, diff.Options{Require: require, Rules: c.opt.Rules})
	for _, isClosed := range []bool{true, false} {
		b := newPairBatch(c, sink, places)
		for i, e := range entries {
			if c.isClosed(e, closed) == isClosed {
				b.add(e, &rows[i])
			}
		}
		if b.compare(d); isClosed {
			c.result.ClosedDiffering += b.differing
		}
	}
	return d, nil
}
