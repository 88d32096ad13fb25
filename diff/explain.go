package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	"parallax/processors/row"
)

// pair is two differing rows, of which one may be nil, and the row whose cause is named.
// The rows belong to a batch and are valid as long as it is.
type pair struct {
	sink            *row.Sink
	one, two, cause *row.Change
	// displaced is the way in which they are one row at two places; nil if they are not.
	displaced *displacement
	// lost is one more than the partition of a row that only V1 has; 0 if it is not known.
	lost int32
}

// partitions returns the V2 partitions of the pair's rows.
func (p *pair) partitions() []int32 {
	switch {
	case p.two != nil:
		return []int32{p.two.Partition}
	case p.lost > 0:
		return []int32{p.lost - 1}
	}
	return nil
}

// of is the row that identifies the pair.
func (p *pair) of() *row.Change {
	if p.one != nil {
		return p.one
	}
	return p.two
}

// appendColumns appends the names of the differing columns, each after a zero byte. They
// are the columns that the example shows, which also shows the paths inside of them.
func (p *pair) appendColumns(dst []byte) []byte {
	if p.one == nil || p.two == nil {
		return dst
	}
	add := func(name string) { dst = append(append(dst, 0), name...) }
	if p.displaced != nil {
		add(p.displaced.name)
	}
	if p.one.Timestamp != p.two.Timestamp {
		add(timestampColumn)
	}
	switch {
	case p.one.Deleted() != p.two.Deleted():
		add(deletedColumn)
	case !p.one.Deleted():
		if len(p.one.Values) != len(p.two.Values) {
			add(columnsColumn)
		}
		for i := range min(len(p.one.Values), len(p.two.Values)) {
			if !row.Equal(p.one.Values[i], p.two.Values[i]) {
				add(nameOf(p.sink.Values, i))
			}
		}
	}
	return dst
}

// example shows a pair.
func (d *Differ) example(p pair) Example {
	of := p.of()
	ex := Example{Topic: p.sink.Topic, Batch: d.batch.Seq}
	if len(of.Key) > 0 {
		ex.Key = map[string]string{}
		for i, k := range of.Key {
			if !isAbsent(k) {
				name := nameOf(p.sink.Key, i)
				ex.Key[name] = d.shown(p.sink, name, k)
			}
		}
	}
	if p.sink.Windowed {
		ex.Window = []int64{of.WindowStart, of.WindowEnd}
	}
	ex.V1, ex.V2 = d.rowText(p.sink, p.one), d.rowText(p.sink, p.two)
	if p.displaced != nil {
		a, b := p.displaced.column(d, p.sink, p.one), p.displaced.column(d, p.sink, p.two)
		ex.Columns = []ColumnDiff{{Name: a.Name, V1: a.V1, V2: b.V1, Kind: a.Kind}}
	}
	if p.one != nil && p.two != nil {
		ex.Columns = append(ex.Columns, d.columns(p.sink, p.one, p.two)...)
	}
	if p.cause != nil && p.cause.Cause >= 0 && int(p.cause.Cause) < d.batch.Len() {
		r := d.batch.Record(int(p.cause.Cause))
		ex.Causes = []Cause{{r.Topic, r.Partition, r.Offset}}
	}
	ex.Flush = p.cause != nil && p.cause.Cause < 0 && d.batch.Flush()
	ex.V2Partitions = p.partitions()
	return ex
}

// The names of differences that are not columns of the sink.
const timestampColumn, deletedColumn, columnsColumn = "timestamp", "(deleted)", "(columns)"

// nameOf is the name of a column, or its number if the sink does not have it.
func nameOf(columns []row.Column, i int) string {
	if i < len(columns) {
		return columns[i].Name
	}
	return fmt.Sprintf("(column %d)", i+1)
}

// rowText returns a row as JSON, "" for none.
func (d *Differ) rowText(sink *row.Sink, c *row.Change) string {
	switch {
	case c == nil:
		return ""
	case c.Deleted():
		return "null"
	}
	dst := []byte{'{'}
	for i, v := range c.Values {
		if isAbsent(v) {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		name := nameOf(sink.Values, i)
		dst = append(row.AppendJSONString(dst, name), ':')
		if d.redacts(sink, name) && !v.IsNull() {
			dst = row.AppendJSONString(dst, d.shown(sink, name, v))
		} else {
			dst = appendValue(dst, v)
		}
	}
	return string(append(dst, '}'))
}

// columns lists the columns in which two rows differ, with the paths inside of them. go-cmp
// walks the rows, and a Reporter collects the paths, because go-cmp's own text is for test
// failures and not stable. go-cmp may panic on values that it does not support; then a
// plain loop compares the rows.
func (d *Differ) columns(sink *row.Sink, one, two *row.Change) (out []ColumnDiff) {
	if one.Timestamp != two.Timestamp {
		out = append(out, ColumnDiff{timestampColumn, count(one.Timestamp), count(two.Timestamp), TimeColumn})
	}
	switch {
	case one.Deleted() && two.Deleted():
		return out
	case one.Deleted() || two.Deleted():
		return append(out, ColumnDiff{Name: deletedColumn, V1: d.rowText(sink, one), V2: d.rowText(sink, two)})
	}
	if n, m := len(one.Values), len(two.Values); n != m {
		out = append(out, ColumnDiff{Name: columnsColumn, V1: strconv.Itoa(n), V2: strconv.Itoa(m)})
	}
	differing, ok := d.explain(one.Values, two.Values)
	if !ok {
		differing = differing[:0]
		for i := range one.Values {
			if i >= len(two.Values) || !row.Equal(one.Values[i], two.Values[i]) {
				differing = append(differing, i)
			}
		}
	}
	for _, i := range differing {
		if i < len(one.Values) && i < len(two.Values) {
			out = d.appendColumn(out, sink, nameOf(sink.Values, i), one.Values[i], two.Values[i])
		}
	}
	return out
}

// appendColumn appends the differences in a column. Of one that is redacted no paths are shown:
// they contain the keys of MAPs.
func (d *Differ) appendColumn(out []ColumnDiff, sink *row.Sink, name string, a, b row.Value) []ColumnDiff {
	if !d.redacts(sink, name) {
		return appendInside(out, name, a, b)
	}
	return append(out, ColumnDiff{name, typed(d.shown(sink, name, a), a, b), typed(d.shown(sink, name, b), b, a), ValueColumn})
}

// insideMost limits how many differing values of one column are shown.
const insideMost = 8

// appendInside appends the differences in a column, each nested value with its path.
func appendInside(out []ColumnDiff, column string, a, b row.Value) []ColumnDiff {
	n := 0
	eachDifference(a, b, func(at path, x, y row.Value) bool {
		if n++; n <= insideMost {
			out = append(out, ColumnDiff{row.ShortenTo(column+strings.Join(at, ""), shownBytes), typed(valueText(x), x, y), typed(valueText(y), y, x), columnKind(x, y)})
		}
		return true
	})
	if n > insideMost {
		out = append(out, ColumnDiff{Name: fmt.Sprintf("%s (%d more)", column, n-insideMost), V1: "...", V2: "..."})
	}
	return out
}

// explainMost limits how many differences of a batch go-cmp examines; it takes a thousand
// times as long as the plain loop.
const explainMost = 32

// explain uses go-cmp to find the columns that differ; ok is false if it panicked or its
// limit is reached. The columns are passed as a map, because go-cmp would align a slice
// like a text, with inserted and removed elements.
func (d *Differ) explain(one, two []row.Value) (indexes []int, ok bool) {
	if d.explained++; d.explained > explainMost {
		return nil, false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	r := reporter{}
	cmp.Equal(byIndex(one), byIndex(two), cmp.Comparer(row.Equal), cmp.Reporter(&r))
	slices.Sort(r.indexes)
	return r.indexes, true
}

func byIndex(values []row.Value) map[int]row.Value {
	m := make(map[int]row.Value, len(values))
	for i, v := range values {
		m[i] = v
	}
	return m
}

// reporter notes the index of each column that differs.
type reporter struct {
	path    cmp.Path
	indexes []int
}

func (r *reporter) PushStep(s cmp.PathStep) { r.path = append(r.path, s) }
func (r *reporter) PopStep()                { r.path = r.path[:len(r.path)-1] }

func (r *reporter) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	for _, step := range r.path {
		if s, ok := step.(cmp.MapIndex); ok {
			r.indexes = append(r.indexes, int(s.Key().Int()))
		}
	}
}
