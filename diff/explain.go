package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	"parallax/processors/row"
)

// pair is two rows that differ, of which one may be nil, and the one whose cause is
// named. They are a batch's, and gone with it.
type pair struct {
	sink            *row.Sink
	one, two, cause *row.Change
	// displaced is in what way they are one row at two places; nil where they are not.
	displaced *displacement
	// lost is the partition that a row which only V1 has belongs to, and one; 0 where it
	// is not known.
	lost int32
}

// partitions are those of V2 that the pair names.
func (p *pair) partitions() []int32 {
	switch {
	case p.two != nil:
		return []int32{p.two.Partition}
	case p.lost > 0:
		return []int32{p.lost - 1}
	}
	return nil
}

// of is the row that says which identity it is.
func (p *pair) of() *row.Change {
	if p.one != nil {
		return p.one
	}
	return p.two
}

// appendColumns appends the names of the columns that differ, each with a zero byte
// before it: those that example shows, which says where inside of them too.
func (p *pair) appendColumns(dst []byte) []byte {
	if p.one == nil || p.two == nil {
		return dst
	}
	add := func(name string) { dst = append(append(dst, 0), name...) }
	if p.displaced != nil {
		add(p.displaced.column(p.sink, p.one).Name)
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
				ex.Key[nameOf(p.sink.Key, i)] = valueText(k)
			}
		}
	}
	if p.sink.Windowed {
		ex.Window = []int64{of.WindowStart, of.WindowEnd}
	}
	ex.V1, ex.V2 = rowText(p.sink, p.one), rowText(p.sink, p.two)
	if p.displaced != nil {
		a, b := p.displaced.column(p.sink, p.one), p.displaced.column(p.sink, p.two)
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

// What columns are called that are none of the sink's.
const timestampColumn, deletedColumn, columnsColumn = "timestamp", "(deleted)", "(columns)"

// nameOf is what a column is called, or the number of one that the sink does not
// have.
func nameOf(columns []row.Column, i int) string {
	if i < len(columns) {
		return columns[i].Name
	}
	return fmt.Sprintf("(column %d)", i+1)
}

// rowText shows a row as JSON, "" for none.
func rowText(sink *row.Sink, c *row.Change) string {
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
		dst = row.AppendJSONString(dst, nameOf(sink.Values, i))
		dst = append(dst, ':')
		dst = appendValue(dst, v)
	}
	return string(append(dst, '}'))
}

// columns lists the columns in which two rows differ, and where inside of them. go-cmp walks the rows and
// a Reporter takes its paths: its own text is made for test failures and is not
// stable. It may panic on what it was not made for, and then the plain loop does.
func (d *Differ) columns(sink *row.Sink, one, two *row.Change) (out []ColumnDiff) {
	if one.Timestamp != two.Timestamp {
		out = append(out, ColumnDiff{timestampColumn, count(one.Timestamp), count(two.Timestamp), TimeColumn})
	}
	switch {
	case one.Deleted() && two.Deleted():
		return out
	case one.Deleted() || two.Deleted():
		return append(out, ColumnDiff{Name: deletedColumn, V1: rowText(sink, one), V2: rowText(sink, two)})
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
			out = appendInside(out, nameOf(sink.Values, i), one.Values[i], two.Values[i])
		}
	}
	return out
}

// insideMost bounds how many values of one column are shown that differ.
const insideMost = 8

// appendInside appends what differs in a column, each value inside of it by its path.
func appendInside(out []ColumnDiff, column string, a, b row.Value) []ColumnDiff {
	n := 0
	eachDifference(a, b, func(at path, x, y row.Value) bool {
		if n++; n <= insideMost {
			out = append(out, ColumnDiff{row.ShortenTo(column+strings.Join(at, ""), shownBytes), typed(x, y), typed(y, x), columnKind(x, y)})
		}
		return true
	})
	if n > insideMost {
		out = append(out, ColumnDiff{Name: fmt.Sprintf("%s (%d more)", column, n-insideMost), V1: "...", V2: "..."})
	}
	return out
}

// explainMost bounds how many mismatches of a batch go-cmp is asked about; it
// takes a thousand times as long as the plain loop.
const explainMost = 32

// explain asks go-cmp which columns differ; ok is false where it panicked or its
// budget is spent. The columns are given to it as a map: a slice it would align
// as a text, with elements that were put in and taken out.
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
