package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// joinedRows are the rows that a join makes of a batch, until they go out. They lie
// in a batch of their own, over which a projection does WHERE and SELECT many at a
// time.
type joinedRows struct {
	columns []joinedColumn
	project *projection
	out     *Result
	table   *row.Table
	tables  []*row.Table
	records []row.Record
	places  []joinPlace
	// group numbers the runs of rows that have one place and one key.
	group uint64
	// last is the group of the last row that went out, ordinal its number in it.
	last    uint64
	ordinal uint32
	verdict []row.Disposition // scratch
	// ofLeft says that a row has the time of its left side.
	ofLeft bool
	// least is NOW() at the least, in ms; below 0 for none.
	least int64
}

// joinedColumn is the origin of a column of the joined row: a value of a side, or of the key and its
// window.
type joinedColumn struct {
	side, value int
	kind        joinedKind
}

type joinedKind uint8

const (
	ofSide joinedKind = iota
	ofKey
	ofNow
)

// joinPlace is a row's place among all.
type joinPlace struct {
	position int64
	phase    uint8
	cause    int32
	group    uint64
}

func (r *joinedRows) compile(q *plan.Query, columns []plan.JoinedColumn) error {
	src := &row.Source{Timestamp: -1}
	r.least = -1
	var values [2]int
	for _, c := range columns {
		src.Columns, src.Needed = append(src.Columns, row.Column{Name: c.Name, Type: c.T}), append(src.Needed, true)
		switch {
		case c.Side != plan.EitherSide:
			r.columns = append(r.columns, joinedColumn{side: c.Side, value: values[c.Side]})
			values[c.Side]++
		case c.Of == nil:
			r.columns = append(r.columns, joinedColumn{kind: ofKey, value: len(r.columns)})
		default:
			r.columns = append(r.columns, joinedColumn{kind: ofNow})
		}
	}
	r.table = row.NewTable(src, chunkSize)
	r.tables = []*row.Table{r.table}
	r.records, r.places = make([]row.Record, 0, chunkSize), make([]joinPlace, 0, chunkSize)
	r.verdict = make([]row.Disposition, chunkSize)
	own := *q
	own.Source, own.Inputs, own.Joins = 0, nil, nil
	var err error
	if r.project, err = newProjection(&own, Options{}); err == nil && q.Joins[0].Windowed && q.Sink.Windowed {
		r.project.window = rowWindow{start: len(q.Joins[0].Left)} // after the key
	}
	return err
}

func (r *joinedRows) begin(out *Result) { r.out = out }

// alone adds the row of a side without a match.
func (r *joinedRows) alone(side int, key []row.Value, one *joinRow, at joinPlace) {
	var pair [2]*joinRow
	pair[side] = one
	r.add(key, pair, at)
}

// add adds the row of a pair, of which one may be nil. After the key are the bounds of
// its window, if it has one.
func (r *joinedRows) add(key []row.Value, pair [2]*joinRow, at joinPlace) {
	for i := range r.columns {
		c, column := &r.columns[i], r.table.Columns[i]
		switch {
		case c.kind == ofKey:
			column.AppendValue(key[c.value])
		case c.kind == ofNow:
			column.AppendValue(nowOf(pair, r.least))
		case pair[c.side] == nil:
			column.AppendNull()
		default:
			column.AppendValue(pair[c.side].values[c.value])
		}
	}
	time := int64(row.NoWatermark)
	for _, one := range pair {
		if one != nil {
			time = max(time, one.time)
		}
	}
	if r.ofLeft {
		time = pair[plan.LeftSide].time
	}
	at.group = r.group
	r.records = append(r.records, row.Record{Row: int32(r.table.EndRow()), EventTime: time})
	r.places = append(r.places, at)
	if len(r.records) == chunkSize {
		r.flush()
	}
}

// show lets the row of a pair out at once, and reports whether it came.
func (r *joinedRows) show(key []row.Value, pair [2]*joinRow, time int64, at joinPlace) bool {
	r.flush()
	before := len(r.out.Changes)
	r.add(key, pair, at)
	r.records[0].EventTime = time
	r.flush()
	return len(r.out.Changes) > before
}

// nowOf is NOW() of the later of a pair, now at the least: it never goes back.
func nowOf(pair [2]*joinRow, now int64) row.Value {
	for _, one := range pair {
		if one != nil {
			now = max(now, one.now)
		}
	}
	if now < 0 {
		return row.Value{}
	}
	return row.NewTimestamp(now)
}

// flush lets the rows out. A record one of whose rows comes out has output.
func (r *joinedRows) flush() {
	n := len(r.records)
	if n == 0 {
		return
	}
	own := r.out.Dispositions
	verdict := r.verdict[:n]
	clear(verdict)
	r.out.Dispositions = verdict
	first := len(r.out.Changes)
	r.project.begin(row.NewBatch(0, 0, r.records, r.tables), r.out)
	for list := inOrder[:n]; len(list) > 0; {
		list = list[r.project.run(list, nil):]
	}
	r.out.Dispositions = own
	for i := first; i < len(r.out.Changes); i++ {
		c := &r.out.Changes[i]
		at := &r.places[c.Cause]
		c.Position, c.Phase, c.Cause = at.position, at.phase, at.cause
		if at.group != r.last {
			r.last, r.ordinal = at.group, 0
		}
		c.Ordinal = r.ordinal
		r.ordinal++
		if at.phase == 1 {
			own[at.cause] = row.Output
		}
	}
	r.table.Reset()
	r.records, r.places = r.records[:0], r.places[:0]
}

// inOrder are the indexes of a chunk's records.
var inOrder = func() (list [chunkSize]int32) {
	for i := range list {
		list[i] = int32(i)
	}
	return list
}()
