package tables

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parallax/diff"
)

// Options of a comparison.
type Options struct {
	// Key are the names of the key's columns; without them the record's key is taken.
	Key []string
	// WindowStart and WindowEnd are value columns, for sides whose keys have no window.
	WindowStart, WindowEnd string
	// WindowSize is the length of windows whose end is not in the data; 0: unknown.
	WindowSize time.Duration
	// KeyFormat is how each side's keys are written; nil: it is derived.
	KeyFormat [2]*KeyFormat
	// Rename has the names of left columns by those of the right.
	Rename map[string]string
	// Overlap: columns that only one side has are not compared.
	Overlap bool
	// Timestamps: the records' timestamps are compared.
	Timestamps bool
	Rules      []diff.Rule
	// Memory limits what is kept of identities and rows, in bytes.
	Memory int64
	// Mapped is called with the mappings before the topics are read.
	Mapped func(Probe)
	// Progress counts the records that were read, of each side; may be nil.
	Progress *[2]atomic.Int64
}

// probeRecords is how many records of each side the mapping is derived from.
const probeRecords = 100

// Probe has the properties that were derived from the first records of each side.
type Probe struct {
	Mapping [2]Mapping
	// Records is how many of each side were looked at, Paired how many identities of the
	// left ones were among the right ones, of Identities.
	Records            [2]int
	Identities, Paired int
	// Only are the columns that only one side has, among these records.
	Only [2][]string
	// Keys are the keys of the first records of each side, for messages.
	Keys [2][]string
	// columns are the names of the columns as they are written, by folded name.
	columns map[string]string
}

// errEnough ends the reading of a probe.
var errEnough = errors.New("enough records")

// Compare compares two sides. The sides are read at the same time, and once more for rows
// that differ.
func Compare(ctx context.Context, left, right Source, opt Options) (*Result, error) {
	c := &comparison{sources: [2]Source{left, right}, opt: opt}
	probe, err := c.probe(ctx)
	if err != nil {
		return nil, err
	}
	if opt.Mapped != nil {
		opt.Mapped(probe)
	}
	c.result.Probe = probe
	c.opt.Rules = slices.Clone(opt.Rules)
	for i := range c.opt.Rules { // a rule may name the topic of either side
		if c.opt.Rules[i].Topic == right.Topic() {
			c.opt.Rules[i].Topic = left.Topic()
		}
	}
	if err := c.index(ctx); err != nil {
		return nil, err
	}
	if err := c.checkRenamed(); err != nil {
		return nil, err
	}
	if err := c.judge(ctx); err != nil {
		return nil, err
	}
	return &c.result, nil
}

// comparison is one comparison of two sides.
type comparison struct {
	sources  [2]Source
	opt      Options
	decoders [2]decoder
	asBag    bool // the rows have no key
	table    *table
	result   Result
	// valueBytes and records of all values, for an estimate of the memory of a row.
	valueBytes, records [2]int64
}

// probe derives the mappings.
func (c *comparison) probe(ctx context.Context) (p Probe, err error) {
	var samples [2]sample
	for side, source := range c.sources {
		err := source.Read(ctx, func(r *Record) error {
			switch {
			case len(samples[side].records) < probeRecords:
				samples[side].add(r)
			case c.opt.Overlap: // which columns both sides have depends on all rows
				samples[side].addNames(r)
			default:
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return p, err
		}
		p.Records[side] = len(samples[side].records)
	}
	for side, name := range sideNames {
		if p.Records[side] == 0 { // the result says that the side is empty
			continue
		}
		if p.Mapping[side], err = samples[side].derive(fmt.Sprintf("%s (%s)", name, c.sources[side].Name()), c.opt.KeyFormat[side], c.opt); err != nil {
			return p, err
		}
	}
	if p.Records[diff.V1] > 0 && p.Records[diff.V2] > 0 {
		if err := c.match(&p, &samples); err != nil {
			return p, err
		}
	}
	return p, nil
}

// keyText shows a row's key and window.
func keyText(row *decoded, hasWindow bool) string {
	text := strings.Join(row.key, ", ")
	if hasWindow {
		text += fmt.Sprintf(" [%s)", time.UnixMilli(row.window.Start).UTC().Format(time.RFC3339))
	}
	return text
}

var sideNames = [2]string{"left", "right"}

// match makes both sides' mappings fit each other.
func (c *comparison) match(p *Probe, samples *[2]sample) error {
	one, two := &p.Mapping[diff.V1], &p.Mapping[diff.V2]
	if len(one.Columns) != len(two.Columns) {
		return fmt.Errorf("the keys do not fit each other: left has %s; right has %s; name the columns of the key with --key", one, two)
	}
	if one.hasWindow != two.hasWindow {
		with, without := 0, 1
		if two.hasWindow {
			with, without = 1, 0
		}
		return fmt.Errorf("the %s side has windows (%s) and the %s side none: name the column that has their start there with --window-start", sideNames[with], p.Mapping[with], sideNames[without])
	}
	c.asBag = len(one.Columns) == 0 && !one.hasWindow
	ignored, repeats := map[string]bool{}, copies{key: map[string]int{}}
	for i, name := range c.opt.Key {
		repeats.key[fold(name)] = i
	}
	if one.hasWindow {
		repeats.start, repeats.end = fold(c.opt.WindowStart), fold(c.opt.WindowEnd)
	}
	if err := c.checkWindowColumns(samples, one.hasWindow); err != nil {
		return err
	}
	mayRepeat := func(name string) bool {
		_, isKey := repeats.key[name]
		return isKey || name == repeats.start || name == repeats.end
	}
	renamed := map[string]string{}
	for right, left := range c.opt.Rename {
		renamed[fold(right)] = fold(left)
	}
	for side := range c.decoders {
		c.decoders[side] = decoder{mapping: p.Mapping[side], withEnd: one.hasEnd && two.hasEnd, ignored: ignored, copies: repeats, timestamps: c.opt.Timestamps}
	}
	c.decoders[diff.V2].renamed, c.decoders[diff.V2].used = renamed, map[string]bool{}
	has := func(side diff.Side, name string) bool {
		_, ok := samples[side].names[name]
		return ok
	}
	for name, written := range samples[diff.V1].names {
		back := ""
		for right, left := range renamed {
			if left == name {
				back = right
			}
		}
		if !mayRepeat(name) && !has(diff.V2, name) && (back == "" || !has(diff.V2, back)) {
			p.Only[diff.V1] = append(p.Only[diff.V1], written)
		}
	}
	for name, written := range samples[diff.V2].names {
		to := name
		if left, ok := renamed[name]; ok {
			to = left
		}
		if !mayRepeat(to) && !has(diff.V1, to) {
			p.Only[diff.V2] = append(p.Only[diff.V2], written)
		}
	}
	for side := range p.Only {
		slices.Sort(p.Only[side])
		if c.opt.Overlap {
			for _, name := range p.Only[side] {
				ignored[fold(name)] = true
			}
		}
	}
	p.columns = map[string]string{}
	for _, s := range []*sample{&samples[diff.V2], &samples[diff.V1]} {
		for name, written := range s.names {
			if to, ok := renamed[name]; ok && s == &samples[diff.V2] {
				name = to
			}
			if !ignored[name] && !mayRepeat(name) {
				p.columns[name] = written
			}
		}
	}
	if c.opt.Overlap && len(p.columns) == 0 && len(p.Only[diff.V1])+len(p.Only[diff.V2]) > 0 {
		return fmt.Errorf("both sides have no column in common, so that nothing would be compared: left has %s; right has %s", listed(p.Only[diff.V1]), listed(p.Only[diff.V2]))
	}
	c.pairSamples(p, samples)
	return nil
}

// checkWindowColumns refuses columns of the window that no side has: without them rows of
// several windows would be one.
func (c *comparison) checkWindowColumns(samples *[2]sample, hasWindow bool) error {
	for _, o := range []struct{ option, name string }{{"--window-start", c.opt.WindowStart}, {"--window-end", c.opt.WindowEnd}} {
		if o.name == "" {
			continue
		}
		_, isLeft := samples[diff.V1].names[fold(o.name)]
		_, isRight := samples[diff.V2].names[fold(o.name)]
		if !isLeft && !isRight || !hasWindow {
			return fmt.Errorf("%s: neither side has the column %s in all of its first rows: left has %s; right has %s",
				o.option, o.name, listed(samples[diff.V1].written()), listed(samples[diff.V2].written()))
		}
	}
	return nil
}

// checkRenamed refuses a column that --rename names and no row of the right side has.
func (c *comparison) checkRenamed() error {
	d := &c.decoders[diff.V2]
	for name := range c.opt.Rename {
		if d.used != nil && !d.used[fold(name)] {
			return fmt.Errorf("--rename: no row of the right side has the column %s", name)
		}
	}
	return nil
}

// pairSamples counts how many of the left side's first identities are among the right's.
func (c *comparison) pairSamples(p *Probe, samples *[2]sample) {
	var ids [2]map[digest]bool
	for side := range samples {
		ids[side] = map[digest]bool{}
		d := c.decoders[side] // its memory of key bytes is dropped
		var row decoded
		for i := range samples[side].records {
			if err := d.decode(&samples[side].records[i], &row); err != nil || row.deleted {
				continue
			}
			ids[side][row.id] = true
			if len(p.Keys[side]) < 3 {
				p.Keys[side] = append(p.Keys[side], keyText(&row, p.Mapping[side].hasWindow))
			}
		}
	}
	p.Identities = len(ids[diff.V1])
	for id := range ids[diff.V1] {
		if ids[diff.V2][id] {
			p.Paired++
		}
	}
}

// index reads both sides, each on its own goroutine, into the table.
func (c *comparison) index(ctx context.Context) error {
	bytes := int64(entryBytes)
	for side := range c.decoders {
		if c.decoders[side].mapping.byKeyBytes {
			bytes += keyBytes
		}
	}
	c.table = newTable(c.opt.Memory*3/4, bytes, c.opt.WindowSize) // the rest is for rows that are read again
	for side := range c.decoders {
		c.decoders[side].sample = c.table.sample
	}
	var mu sync.Mutex
	return c.readBoth(ctx, func(side diff.Side, r *Record, row *decoded, err error) {
		c.records[side]++
		c.valueBytes[side] += int64(len(r.Value))
		if c.opt.Progress != nil {
			c.opt.Progress[side].Add(1)
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			c.result.undecodable(side, r, err)
			return
		}
		c.table.add(side, r, row)
	})
}

// readBoth reads and decodes both sides, each on its own goroutine. The row is valid during
// the visit.
func (c *comparison) readBoth(ctx context.Context, visit func(diff.Side, *Record, *decoded, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var errs [2]error
	var both sync.WaitGroup
	for side, source := range c.sources {
		both.Go(func() {
			var row decoded
			d := &c.decoders[side]
			errs[side] = source.Read(ctx, func(r *Record) error {
				err := d.decode(r, &row)
				visit(diff.Side(side), r, &row, err)
				return nil
			})
			if errs[side] != nil {
				cancel()
			}
		})
	}
	both.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs[:]...)
}
