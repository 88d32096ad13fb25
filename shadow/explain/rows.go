package explain

import (
	"context"
	"strconv"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Difference is a row as both sides and the oracle have it.
type Difference struct {
	Topic string `json:"topic"`
	// Cause is the record that made the row, "" for the end of the input.
	Cause string `json:"cause"`
	// Columns are the names: of the key and the window, which are the first Keys, of the
	// value, and timestamp.
	Columns []string `json:"columns"`
	Keys    int      `json:"keys"`
	// V1, V2 and Oracle are the texts of the columns; nil if the side has no such row.
	V1     []string `json:"v1"`
	V2     []string `json:"v2"`
	Oracle []string `json:"oracle"`
	// Differ says which columns differ between V1 and V2; nil if a side has no such row.
	Differ []bool `json:"differ"`
}

// The names of columns that the sink does not have.
const windowColumn, timestampColumn = "window", "timestamp"

// mostDifferences is how many rows are shown.
const mostDifferences = 10

// view is a row of one side.
type view struct {
	topic, cause string
	// identity is topic, key and window; place adds the cause.
	identity string
	columns  []string
	keys     int
	texts    []string
	used     bool
}

// collector collects the rows of the sides and of the oracle.
type collector struct {
	sinks []*row.Sink
	lines *codec.Lines
	views [3][]view
	text  [3][]byte
}

// newCollector returns a collector for sinks.
func newCollector(ctx context.Context, sinks []*row.Sink) (*collector, error) {
	l, err := codec.NewLines(ctx, sinks)
	return &collector{sinks: sinks, lines: l}, err
}

// keep takes the outcomes of a batch.
func (c *collector) keep(v1, v2, oracle *row.Outcome) {
	for side, o := range [...]*row.Outcome{v1, v2, oracle} {
		if o == nil {
			continue
		}
		for i := range o.Changes {
			change := &o.Changes[i]
			if int(change.Query) >= len(c.sinks) {
				continue
			}
			if c.lines.Refused(change) == nil {
				c.text[side] = append(c.lines.Append(c.text[side], v1.Batch, change), '\n')
			}
			c.views[side] = append(c.views[side], viewOf(c.sinks[change.Query], v1.Batch, change))
		}
	}
}

// viewOf returns the texts of a row.
func viewOf(s *row.Sink, b *row.Batch, c *row.Change) view {
	v := view{topic: s.Topic}
	if c.Cause >= 0 && int(c.Cause) < b.Len() {
		v.cause = placeOf(b.Record(int(c.Cause)))
	}
	add := func(name, text string) {
		v.columns = append(v.columns, name)
		v.texts = append(v.texts, text)
	}
	for i, k := range c.Key {
		add(nameOf(s.Key, i), k.String())
	}
	if s.Windowed {
		add(windowColumn, "["+diff.TimeText(c.WindowStart)+", "+diff.TimeText(c.WindowEnd)+")")
	}
	v.keys = len(v.texts)
	v.identity = s.Topic
	for _, text := range v.texts {
		v.identity += "\x00" + text
	}
	if c.Deleted() {
		for i := range s.Values {
			add(nameOf(s.Values, i), "(deleted)")
		}
	}
	for i, value := range c.Values {
		add(nameOf(s.Values, i), value.String())
	}
	add(timestampColumn, strconv.FormatInt(c.Timestamp, 10))
	return v
}

func nameOf(columns []row.Column, i int) string {
	if i < len(columns) {
		return columns[i].Name
	}
	return "column " + strconv.Itoa(i+1)
}

// differences pairs the rows: those of one cause and identity first, then those of one
// identity, then those of one cause. It returns the first pairs that differ.
func (c *collector) differences() []Difference {
	partner := make([]int, len(c.views[diff.V1])) // of V1's rows, -1 for none
	for i := range partner {
		partner[i] = -1
	}
	for _, same := range []func(a, b *view) bool{
		func(a, b *view) bool { return a.identity == b.identity && a.cause == b.cause },
		func(a, b *view) bool { return a.identity == b.identity },
		func(a, b *view) bool { return a.topic == b.topic && a.cause == b.cause },
	} {
		for i := range partner {
			if partner[i] < 0 {
				partner[i] = take(&c.views[diff.V1][i], c.views[diff.V2], same)
			}
		}
	}
	var list []Difference
	for i, k := range partner {
		one := &c.views[diff.V1][i]
		d := Difference{Topic: one.topic, Cause: one.cause, Columns: one.columns, Keys: one.keys, V1: one.texts, Oracle: c.oracle(one)}
		if k >= 0 {
			two := &c.views[diff.V2][k]
			d.V2, d.Differ = two.texts, differing(one, two)
			if d.Differ == nil && one.cause == two.cause {
				continue
			}
		}
		list = append(list, d)
	}
	for k := range c.views[diff.V2] {
		if two := &c.views[diff.V2][k]; !two.used {
			list = append(list, Difference{Topic: two.topic, Cause: two.cause, Columns: two.columns, Keys: two.keys, V2: two.texts, Oracle: c.oracle(two)})
		}
	}
	return list[:min(len(list), mostDifferences)]
}

// take returns the first unused row that is the same, which it marks as used; -1 for none.
func take(v *view, of []view, same func(a, b *view) bool) int {
	for k := range of {
		if !of[k].used && same(v, &of[k]) {
			of[k].used = true
			return k
		}
	}
	return -1
}

// oracle returns the oracle's row of one cause and identity; nil for none.
func (c *collector) oracle(v *view) []string {
	k := take(v, c.views[2], func(a, b *view) bool { return a.identity == b.identity && a.cause == b.cause })
	if k < 0 {
		return nil
	}
	return c.views[2][k].texts
}

// differing says which columns differ; nil if none does.
func differing(one, two *view) (list []bool) {
	different := false
	for i := range max(len(one.texts), len(two.texts)) {
		is := i >= len(one.texts) || i >= len(two.texts) || one.texts[i] != two.texts[i]
		list, different = append(list, is), different || is
	}
	if !different {
		return nil
	}
	return list
}
