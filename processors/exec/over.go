package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// over makes one row of each record that WHERE lets through: of the record, and
// of those of its partition that came before it. Time does nothing to it, and
// partitions live forever.
type over struct {
	query  uint16
	source int

	where       condition
	partitionBy []keyPart
	arguments   []overArgument // of calls, and their defaults
	slides      []slide
	refolds     []*refold // of frames that keep all rows
	layout      overLayout
	calls       []overCall
	// Items of the record alone, and those that wait for its partition.
	before, after []overItem
	// key makes the sink's key where that is not the partition's: where there is one
	// partition. rowKey is the record's.
	key    *rowKey
	rowKey []row.Value
	window rowWindow
	// staged says that some item looks at calls through env.
	staged bool

	opt        Options
	partitions keyTable[overState, *overState]
	written    int // partitions of which is kept what was written of their key
	out        *Result
	env        expression.Env
	// scratch of the record that acts
	tuple    []row.Value
	operands []aggregate.Operand
}

// overState is the state of one partition of OVER.
type overState struct {
	rows int64 // so far
	// time is the last row's event time; rank is the number of the first of the
	// rows before it that have it too, dense how many such runs there were.
	time, rank, dense int64
	// partition is the number of the source topic-partition of its first record.
	partition int32
	entryMark
	words   []uint64 // of slides
	texts   []string
	deques  []deque
	rings   []ring // one for each argument
	written *row.Written
}

// overLayout is how much of each a partition's slides have.
type overLayout struct{ words, texts, deques int }

// overItem is a column of the row: a column of the partition's key, a call, a column of the record
// or an expression.
type overItem struct {
	at                int
	key, call, column int // -1 where it is not that
	f                 expression.Eval
}

func newOver(q *plan.Query, opt Options) (*over, error) {
	o := &over{query: uint16(q.Index), source: q.Source, window: rowWindowOf(q), opt: opt, tuple: make([]row.Value, len(q.Over.PartitionBy))}
	var err error
	if o.where, err = compileCondition(q.Where); err != nil {
		return nil, err
	}
	if o.partitionBy, err = compileKey(expression.AllRooted(q.Over.PartitionBy)); err != nil {
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
	o.operands = make([]aggregate.Operand, len(o.arguments))
	o.env.Aggregates, o.env.Failures = make([]row.Value, len(o.calls)), make([]error, len(o.calls))
	for i, e := range q.Items {
		item := overItem{at: i, key: -1, call: -1, column: -1}
		if from := q.Sink.FromKey; from != nil {
			item.key = from[i]
		}
		if err := o.place(item, e, q.Over.After[i]); err != nil {
			return nil, err
		}
	}
	if len(o.partitionBy) == 0 {
		key, err := compileRowKey(q)
		if err != nil {
			return nil, err
		}
		o.key = &key
	}
	return o, nil
}

// place compiles an item and puts it before or after.
func (o *over) place(item overItem, e plan.Expr, after bool) error {
	if v, ok := e.(*plan.OverValue); ok {
		item.call = v.Index
	} else if c, ok := e.(*plan.Column); ok {
		item.column = c.Index
	} else {
		var err error
		if item.f, err = expression.Compile(e); err != nil {
			return err
		}
		o.staged = o.staged || after
	}
	if after || item.key >= 0 {
		o.after = append(o.after, item)
	} else {
		o.before = append(o.before, item)
	}
	return nil
}

// argument returns the number of an expression among the arguments; keep is how
// many of its values are to be kept, the record's own among them.
func (o *over) argument(e plan.Expr, known map[string]int, keep int64) (int, error) {
	text := e.Type().String() + " " + e.String()
	i, ok := known[text]
	if !ok {
		arg, err := aggregate.CompileArgument(expression.Rooted(e))
		if err != nil {
			return 0, err
		}
		i = len(o.arguments)
		known[text] = i
		o.arguments = append(o.arguments, overArgument{Argument: arg, narrow: fitsWord(e.Type())})
	}
	a := &o.arguments[i]
	a.Uses++
	a.keep = max(a.keep, keep)
	return i, nil
}

func (o *over) begin(b *row.Batch, out *Result) {
	o.out = out
	o.env.Batch, o.env.Table = b, b.Table(o.source)
}

func (o *over) nextClose() int64          { return never }
func (o *over) advance(int, int64, int64) {}
func (o *over) keys() int64               { return int64(o.partitions.Len()) }

// act takes a record into its partition and emits its row. What is of the record
// alone is evaluated before any state is touched.
func (o *over) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	o.env.At(i)
	if o.env.Record.State == row.NullValue {
		return o.pass(i, position)
	}
	if d, ok := o.where.admits(&o.env, o.opt, o.out, i); !ok {
		return d
	}
	if err := o.evaluateKey(); err != nil {
		return o.out.refuse(i, err)
	}
	if err := o.evaluateArguments(); err != nil {
		return o.out.refuse(i, err)
	}
	values := o.out.values.take(len(o.before) + len(o.after))
	if err := o.evaluate(values); err != nil {
		return o.out.refuse(i, err)
	}
	if !hashed {
		hash = row.Hash(o.tuple)
	}
	k := o.partitions.Find(hash, o.tuple)
	if k == nil {
		k = o.partitions.Add(hash, o.tuple)
		o.begun(&k.Data)
	}
	o.partitions.touch(k)
	o.take(&k.Data)
	o.complete(k, values)
	c := o.change(i, position)
	c.Values = values
	if c.Key = k.Values; o.key != nil {
		c.Key = o.rowKey
	} else {
		c.Written = k.Data.written
	}
	return row.Output
}

// pass passes a deletion on, under its partition's key. It is no row of it, and
// WHERE has nothing to decide by.
func (o *over) pass(i int, position int64) row.Disposition {
	if o.where.holds != nil {
		return row.Filtered
	}
	if err := o.evaluateKey(); err != nil {
		return o.out.refuse(i, err)
	}
	c := o.change(i, position)
	if o.key != nil {
		c.Key = o.rowKey
	} else {
		c.Key = o.out.values.take(len(o.tuple))
		copy(c.Key, o.tuple)
	}
	return row.Output
}

// change appends a change of record i, to be filled in.
func (o *over) change(i int, position int64) *row.Change {
	n := len(o.out.Changes)
	if n < cap(o.out.Changes) {
		o.out.Changes = o.out.Changes[:n+1]
	} else {
		o.out.Changes = append(o.out.Changes, row.Change{})
	}
	c := &o.out.Changes[n]
	*c = row.Change{
		Position: position, Phase: 1, Step: 1, Query: o.query, Cause: int32(i), Timestamp: o.env.Record.EventTime,
	}
	o.window.give(c, o.env.Table, o.env.Row)
	return c
}

// failed counts what became NULL by an error, unless the record is refused for it.
func (o *over) failed(err error, times int64) error {
	if o.opt.ErrorsToDeadLetter {
		return err
	}
	o.out.ExpressionErrors += times
	return nil
}

// evaluateKey computes the record's partition and the key of its row.
func (o *over) evaluateKey() (err error) {
	if o.key != nil {
		o.rowKey, err = o.key.evaluate(&o.env, o.opt, o.out)
		return err
	}
	for i := range o.partitionBy {
		k := &o.partitionBy[i]
		if k.column >= 0 {
			o.tuple[i] = o.env.Table.Columns[k.column].Value(o.env.Row)
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
		a, op := &o.arguments[i], &o.operands[i]
		if a.narrow && a.Column >= 0 {
			c := o.env.Table.Columns[a.Column]
			if op.Valid = c.Valid(o.env.Row); op.Valid {
				op.Set(c.Int64(o.env.Row))
			}
			continue
		}
		if bad := a.Read(&o.env, op); bad > expression.IsNull {
			if err := o.failed(bad.Err(), a.Uses); err != nil {
				return err
			}
		} else if a.narrow {
			op.Set(int64(op.Lo))
		}
	}
	return nil
}

// evaluate computes the columns that are of the record alone.
func (o *over) evaluate(values []row.Value) error {
	for i := range o.before {
		it := &o.before[i]
		if it.column >= 0 {
			values[it.at] = o.env.Table.Columns[it.column].Value(o.env.Row)
			continue
		}
		v, err := it.f(&o.env)
		if err != nil {
			if v, err = (row.Value{}), o.failed(err, 1); err != nil {
				return err
			}
		}
		values[it.at] = v
	}
	return nil
}

// complete computes the other columns; what fails is NULL and counted.
func (o *over) complete(k *row.Key[overState], values []row.Value) {
	if o.staged {
		for i, call := range o.calls {
			o.env.Aggregates[i], o.env.Failures[i] = call(&k.Data)
		}
	}
	for i := range o.after {
		it := &o.after[i]
		if it.key >= 0 {
			values[it.at] = k.Values[it.key]
			continue
		}
		var v row.Value
		var err error
		if it.call >= 0 {
			v, err = o.calls[it.call](&k.Data)
		} else {
			v, err = it.f(&o.env)
		}
		if err != nil {
			v = row.Value{}
			o.out.ExpressionErrors++
		}
		values[it.at] = v
	}
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
