package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// over makes one row of each record that WHERE lets through: of the record, and
// of those of its partition that came before it. Time does nothing to it, and
// partitions live forever.
type over struct {
	query  uint16
	source int

	where       wholeFunc // nil where there is none
	partitionBy []keyPart
	arguments   []argument // of calls, and their defaults
	kept        []int64    // how many values of each argument are kept, 0 for none
	slides      []slide
	layout      overLayout
	calls       []overCall
	items       []overItem
	// key makes the sink's key where that is not the partition's.
	key []eval
	// staged says that some item looks at calls through env.
	staged bool

	opt        Options
	partitions row.KeyTable[overState]
	written    int // partitions of which is kept what was written of their key
	out        *Result
	env        env
	// scratch of the record that acts
	tuple    []row.Value
	operands []operand
}

// overState is what is kept of one partition.
type overState struct {
	rows int64 // so far
	// time is the last row's event time; rank is the number of the first of the
	// rows before it that have it too, dense how many such runs there were.
	time, rank, dense int64
	// partition is the number of the source topic-partition of its first record.
	partition int32
	words     []uint64 // of slides
	texts     []string
	deques    []deque
	rings     []ring // one for each argument
	written   *row.Written
}

// overLayout is how much of each a partition's slides have.
type overLayout struct{ words, texts, deques int }

// overItem is a column of the row: a column of the partition's key, a call or a
// column of the record, as it is, or an expression; sees says that of calls.
type overItem struct {
	key, call, column int // -1 where it is not that
	f                 eval
	sees              bool
}

func newOver(q *plan.Query, opt Options) (*over, error) {
	o := &over{query: uint16(q.Index), source: q.Source, opt: opt, tuple: make([]row.Value, len(q.Over.PartitionBy))}
	var err error
	if q.Where != nil {
		if o.where, err = compileWhole(q.Where); err != nil {
			return nil, err
		}
	}
	if o.partitionBy, err = compileKey(q.Over.PartitionBy); err != nil {
		return nil, err
	}
	known := map[string]int{}
	for _, c := range q.Over.Calls {
		call, err := o.compileCall(c, known)
		if err != nil {
			return nil, err
		}
		o.calls = append(o.calls, call)
	}
	o.operands = make([]operand, len(o.arguments))
	o.env.aggregates, o.env.failures = make([]row.Value, len(o.calls)), make([]error, len(o.calls))
	for i, e := range q.Items {
		item, err := compileOverItem(e, q.Over.After[i])
		if err != nil {
			return nil, err
		}
		if from := q.Sink.FromKey; from != nil {
			item.key = from[i]
		}
		o.staged = o.staged || item.sees
		o.items = append(o.items, item)
	}
	if len(o.partitionBy) == 0 {
		o.key, err = compileAll(q.Key)
	}
	return o, err
}

func compileOverItem(e plan.Expr, after bool) (overItem, error) {
	item := overItem{key: -1, call: -1, column: -1}
	switch e := e.(type) {
	case *plan.OverValue:
		item.call = e.Index
		return item, nil
	case *plan.Column:
		item.column = e.Index
		return item, nil
	}
	item.sees = after
	var err error
	item.f, err = compile(e)
	return item, err
}

// argument returns the number of an expression among the arguments; keep is how
// many of its values are to be kept, the record's own among them.
func (o *over) argument(e plan.Expr, known map[string]int, keep int64) (int, error) {
	text := e.Type().String() + " " + e.String()
	i, ok := known[text]
	if !ok {
		arg, err := compileArgument(e)
		if err != nil {
			return 0, err
		}
		i = len(o.arguments)
		known[text] = i
		o.arguments, o.kept = append(o.arguments, arg), append(o.kept, 0)
	}
	o.arguments[i].uses++
	o.kept[i] = max(o.kept[i], keep)
	return i, nil
}

func (o *over) begin(b *row.Batch, out *Result) {
	o.out = out
	o.env.batch, o.env.table = b, b.Table(o.source)
}

func (o *over) nextClose() int64          { return never }
func (o *over) advance(int, int64, int64) {}
func (o *over) keys() int64               { return int64(o.partitions.Len()) }

// act takes a record into its partition and emits its row. What is of the record
// alone is evaluated before any state is touched.
func (o *over) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	o.env.at(i)
	record := o.env.record
	c := row.Change{
		Position: position, Phase: 1, Step: 1, Query: o.query, Cause: int32(i), Timestamp: record.EventTime,
	}
	if record.State == row.NullValue {
		if o.where != nil {
			return row.Filtered
		}
		// A deletion is passed on under its partition's key. It is no row of it.
		if err := o.evaluateKey(); err != nil {
			return o.refuse(i, err)
		}
		c.Key = o.keyOf(nil)
		o.out.Changes = append(o.out.Changes, c)
		return row.Output
	}
	if o.where != nil {
		v, bad := o.where(&o.env)
		if bad > isNull {
			if o.opt.ErrorsToDeadLetter {
				return o.refuse(i, bad.err())
			}
			o.out.ExpressionErrors++
		}
		if bad != sound || v == 0 {
			return row.Filtered
		}
	}
	if err := o.evaluateKey(); err != nil {
		return o.refuse(i, err)
	}
	if err := o.evaluateArguments(); err != nil {
		return o.refuse(i, err)
	}
	values := o.out.values.take(len(o.items))
	if err := o.evaluateItems(values); err != nil {
		return o.refuse(i, err)
	}
	if !hashed {
		hash = row.Hash(o.tuple)
	}
	k := o.partitions.Find(hash, o.tuple)
	if k == nil {
		k = o.partitions.Add(hash, o.tuple)
		o.begun(&k.Data)
	}
	o.take(&k.Data)
	o.complete(k, values)
	c.Key, c.Values = o.keyOf(k), values
	if o.key == nil {
		c.Written = k.Data.written
	}
	o.out.Changes = append(o.out.Changes, c)
	return row.Output
}

// refuse sends a record to the dead-letter topic; it changes nothing.
func (o *over) refuse(i int, err error) row.Disposition {
	o.out.ExpressionErrors++
	o.out.DeadLetters = append(o.out.DeadLetters, row.DeadLetter{Record: i, Reason: err.Error()})
	return row.Failed
}

// failed counts what became NULL by an error, unless the record is refused for it.
func (o *over) failed(err error, times int64) error {
	if o.opt.ErrorsToDeadLetter {
		return err
	}
	o.out.ExpressionErrors += times
	return nil
}

func (o *over) evaluateKey() error {
	for i := range o.partitionBy {
		k := &o.partitionBy[i]
		if k.column >= 0 {
			o.tuple[i] = o.env.table.Columns[k.column].Value(o.env.row)
			continue
		}
		v, err := k.f(&o.env)
		if err != nil {
			if v, err = (row.Value{}), o.failed(err, 1); err != nil {
				return err
			}
		}
		o.tuple[i] = v
	}
	return nil
}

func (o *over) evaluateArguments() error {
	for i := range o.arguments {
		a := &o.arguments[i]
		if bad := a.read(&o.env, &o.operands[i]); bad > isNull {
			if err := o.failed(bad.err(), a.uses); err != nil {
				return err
			}
		}
	}
	return nil
}

// evaluateItems computes the columns that see no call.
func (o *over) evaluateItems(values []row.Value) error {
	for i := range o.items {
		switch it := &o.items[i]; {
		case it.key >= 0 || it.call >= 0 || it.sees:
		case it.column >= 0:
			values[i] = o.env.table.Columns[it.column].Value(o.env.row)
		default:
			v, err := it.f(&o.env)
			if err != nil {
				if v, err = (row.Value{}), o.failed(err, 1); err != nil {
					return err
				}
			}
			values[i] = v
		}
	}
	return nil
}

// complete computes the other columns; what fails is NULL and counted.
func (o *over) complete(k *row.Key[overState], values []row.Value) {
	if o.staged {
		for i, call := range o.calls {
			o.env.aggregates[i], o.env.failures[i] = call(&k.Data)
		}
	}
	for i := range o.items {
		var err error
		switch it := &o.items[i]; {
		case it.key >= 0:
			values[i] = k.Values[it.key]
		case it.call >= 0:
			values[i], err = o.calls[it.call](&k.Data)
		case it.sees:
			values[i], err = it.f(&o.env)
		}
		if err != nil {
			values[i] = row.Value{}
			o.out.ExpressionErrors++
		}
	}
}

// keyOf makes the sink's key of the record; k is its partition, nil where the
// record is not taken into one.
func (o *over) keyOf(k *row.Key[overState]) []row.Value {
	switch {
	case o.key != nil:
		return tuple(o.key, &o.env, o.out)
	case k != nil:
		return k.Values
	}
	key := o.out.values.take(len(o.tuple))
	copy(key, o.tuple)
	return key
}

// mostWritten is of how many keys is kept what was written of them: of so many
// that it pays, not so many that it costs more than the state.
const mostWritten = 1 << 14

// keepWritten gives a partition room for what is written of its key.
func (o *over) keepWritten(s *overState) {
	if o.written < mostWritten {
		o.written++
		s.written = new(row.Written)
	}
}
