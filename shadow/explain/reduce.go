package explain

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"parallax/diff/reduce"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Progress says how far a reduction is.
type Progress struct {
	// Step is what is being done, Tries how many replays were made.
	Step  string
	Tries int
	// Records and Bytes are the size of the smallest input so far.
	Records, Bytes int
}

// limits bound a reduction: replays, and the records that all of them read.
type limits struct{ tries, records int }

// defaultLimits take some seconds.
var defaultLimits = limits{tries: 6_000, records: 20_000_000}

// reducer makes an input smaller that shows the target.
type reducer struct {
	plan  *plan.Plan
	shows func([]row.Record) bool
	left  limits
	stop  context.CancelFunc
	ctx   context.Context
	tries int
	// exhausted: a limit ended the reduction.
	exhausted bool
	progress  func(Progress)
	step      string
	smallest  []row.Record
}

// newReducer returns a reducer; shows reports whether records show the target.
func newReducer(ctx context.Context, p *plan.Plan, l limits, progress func(Progress), shows func([]row.Record) bool) *reducer {
	r := &reducer{plan: p, shows: shows, left: l, progress: progress}
	r.ctx, r.stop = context.WithCancel(ctx)
	return r
}

// fails replays records, as long as the limits last.
func (r *reducer) fails(records []row.Record) bool {
	if len(records) == 0 || r.ctx.Err() != nil {
		return false
	}
	if r.left.tries == 0 || r.left.records < len(records) {
		r.exhausted = true
		r.stop()
		return false
	}
	r.left.tries--
	r.left.records -= len(records)
	r.tries++
	shown := r.shows(records)
	if shown {
		r.smallest = records
	}
	if r.progress != nil {
		r.progress(Progress{Step: r.step, Tries: r.tries, Records: len(r.smallest), Bytes: r.size(r.smallest)})
	}
	return shown
}

// size is what is made smaller: bytes, and a record weighs more than what is in it.
func (r *reducer) size(records []row.Record) int {
	n := 0
	for i := range records {
		n += 64 + len(records[i].Key) + len(records[i].Value)
		if records[i].Timestamp != 0 {
			n += 8
		}
		if records[i].Partition != 0 {
			n++
		}
		for _, h := range records[i].Headers {
			n += 2 + len(h.Key) + len(h.Value)
		}
	}
	return n
}

// reduce returns the smallest input that was found.
func (r *reducer) reduce(records []row.Record) []row.Record {
	defer r.stop()
	r.smallest = records
	r.step = "leaving out records"
	records = reduce.List(r.ctx, records, r.fails)
	return reduce.Repeat(r.ctx, records, r.size,
		func(l []row.Record) []row.Record {
			r.step = "leaving out records"
			return reduce.List(r.ctx, l, r.fails)
		},
		r.fewerParts, r.fewerFields, r.simplerValues, r.shorterBytes,
	)
}

// try returns the changed records if they are smaller and still show the target.
func (r *reducer) try(records []row.Record, change func(*row.Record)) []row.Record {
	changed := slices.Clone(records)
	for i := range changed {
		change(&changed[i])
	}
	if r.size(changed) < r.size(records) && r.fails(changed) {
		return changed
	}
	return records
}

// one is a change of record i only.
func one(i int, change func(*row.Record)) func(*row.Record) {
	n := -1
	return func(rec *row.Record) {
		if n++; n == i {
			change(rec)
		}
	}
}

// fewerParts leaves out keys, headers and timestamps, and joins topic-partitions.
func (r *reducer) fewerParts(records []row.Record) []row.Record {
	r.step = "leaving out keys, headers and timestamps"
	for _, change := range []func(*row.Record){
		func(rec *row.Record) { rec.Headers = nil },
		func(rec *row.Record) { rec.Key = nil },
		func(rec *row.Record) { rec.Timestamp = 0 },
	} {
		before := records
		if records = r.try(records, change); len(records) > 0 && &records[0] != &before[0] {
			continue
		}
		for i := range records {
			records = r.try(records, one(i, change))
		}
	}
	return records
}

// fewerFields leaves out fields of the values: of all records, then of single ones.
func (r *reducer) fewerFields(records []row.Record) []row.Record {
	r.step = "leaving out fields"
	paths := map[string]bool{}
	for i := range records {
		visit(&records[i], func(path string, _ *node) { paths[path] = true })
	}
	without := func(drop map[string]bool) func(*row.Record) {
		return func(rec *row.Record) {
			rewrite(rec, func(path string, n *node) *node {
				if drop[path] {
					return nil
				}
				return n
			})
		}
	}
	all := slices.Sorted(maps.Keys(paths))
	kept := reduce.List(r.ctx, all, func(keep []string) bool {
		drop := maps.Clone(paths)
		for _, path := range keep {
			delete(drop, path)
		}
		changed := slices.Clone(records)
		for i := range changed {
			without(drop)(&changed[i])
		}
		return r.size(changed) < r.size(records) && r.fails(changed)
	})
	if len(kept) < len(all) {
		drop := maps.Clone(paths)
		for _, path := range kept {
			delete(drop, path)
		}
		records = slices.Clone(records)
		for i := range records {
			without(drop)(&records[i])
		}
	}
	for i := range records {
		for _, path := range kept {
			records = r.try(records, one(i, without(map[string]bool{path: true})))
		}
	}
	return records
}

// simplerValues replaces values by simpler ones: equal values of a field together, so that
// records that belong to one key still do, then single ones.
func (r *reducer) simplerValues(records []row.Record) []row.Record {
	r.step = "simplifying values"
	type value struct{ path, text string }
	replace := func(v value, by string) func(*row.Record) {
		return func(rec *row.Record) {
			rewrite(rec, func(path string, n *node) *node {
				if path == v.path && n.kind == scalar && n.text == v.text {
					return &node{text: by}
				}
				return n
			})
		}
	}
	// seen are the values of all records, or of one.
	seen := func(of []row.Record) (list []value) {
		for i := range of {
			visit(&of[i], func(path string, n *node) {
				if v := (value{path, n.text}); n.kind == scalar && !slices.Contains(list, v) {
					list = append(list, v)
				}
			})
		}
		return list
	}
	lower := func(v value, apply func(func(*row.Record)) []row.Record) {
		for n := 0; r.ctx.Err() == nil; {
			candidates := simpler(v.text)
			if n >= len(candidates) {
				return
			}
			before := records
			if records = apply(replace(v, candidates[n])); &records[0] != &before[0] {
				v.text, n = candidates[n], 0
				continue
			}
			n++
		}
	}
	for _, v := range seen(records) {
		lower(v, func(change func(*row.Record)) []row.Record { return r.try(records, change) })
	}
	for i := range records {
		for _, v := range seen(records[i : i+1]) {
			lower(v, func(change func(*row.Record)) []row.Record { return r.try(records, one(i, change)) })
		}
	}
	return records
}

// shorterBytes shortens values that are not JSON.
func (r *reducer) shorterBytes(records []row.Record) []row.Record {
	r.step = "shortening what is not JSON"
	for i := range records {
		if _, isJSON := parseNode(records[i].Value); isJSON || len(records[i].Value) == 0 {
			continue
		}
		for _, by := range [][]byte{{}, []byte("x"), records[i].Value[:len(records[i].Value)/2]} {
			records = r.try(records, one(i, func(rec *row.Record) { rec.Value = by }))
		}
	}
	return records
}

// visit calls f for each value inside a record's JSON.
func visit(rec *row.Record, f func(path string, n *node)) {
	n, ok := parseNode(rec.Value)
	if !ok {
		return
	}
	n.rewrite("", func(path string, n *node) *node {
		if path != "" {
			f(path, n)
		}
		return n
	})
}

// rewrite changes a record's JSON, where it is JSON.
func rewrite(rec *row.Record, f func(path string, n *node) *node) {
	n, ok := parseNode(rec.Value)
	if !ok {
		return
	}
	changed := n.rewrite("", func(path string, n *node) *node {
		if path == "" {
			return n
		}
		return f(path, n)
	})
	if text := changed.append(nil); !bytes.Equal(text, rec.Value) {
		rec.Value = text
	}
}
