package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parallax/processors/functions/aggregates"
	"parallax/processors/functions/signature"
	"parallax/processors/row"
	"parallax/processors/sql"
	"parallax/processors/typing"
)

// overFunction describes a function that can be used with OVER.
type overFunction struct {
	fn OverFunc
	// aggregate is the aggregate function of an OverAggregate, else nil.
	aggregate *aggregates.Function
	// least and most limit the number of arguments of the other functions.
	least, most int
	// framed: the function reads the rows of the frame. ordered: it requires ORDER BY.
	// picks: its result is one of the values; otherwise the result is a BIGINT.
	framed, ordered, picks bool
}

// overFunctions are the functions other than aggregates, by name.
var overFunctions = map[string]overFunction{
	"FIRST_VALUE": {fn: FirstValue, least: 1, most: 1, framed: true, picks: true},
	"LAST_VALUE":  {fn: LastValue, least: 1, most: 1, framed: true, picks: true},
	"LAG":         {fn: Lag, least: 1, most: 3, picks: true},
	"LEAD":        {fn: Lag, least: 1, most: 3, picks: true},
	"ROW_NUMBER":  {fn: RowNumber},
	"RANK":        {fn: Rank, ordered: true},
	"DENSE_RANK":  {fn: DenseRank, ordered: true},
}

// overFunctionNamed finds a function or an aggregate that can be used with OVER.
func overFunctionNamed(name string) (f overFunction, known bool) {
	if f, known := overFunctions[name]; known {
		return f, true
	}
	if a := aggregates.Lookup(name); a != nil {
		return overFunction{fn: OverAggregate, aggregate: a, framed: true}, true
	}
	return f, false
}

// onlyOver are the functions that require OVER.
var onlyOver = []string{"LAG", "LEAD", "ROW_NUMBER", "RANK", "DENSE_RANK"}

// maxFrame limits how many rows a frame, or LAG, may reach back, because all of them are
// kept in state.
const maxFrame = 1_000_000

// overCall binds a function with OVER. Equal calls share one OverCall.
func (sc *scope) overCall(e *sql.Call) (Expr, error) {
	name, at := e.Name.Text, e.Over.At
	f, known := overFunctionNamed(name)
	switch {
	case sc.inOver:
		return nil, sc.b.errorf(at, "OVER cannot be nested: this one is inside another OVER")
	case sc.agg != nil:
		return nil, sc.b.unsupported(at, "OVER beside GROUP BY or an aggregate without OVER")
	case sc.over == nil:
		return nil, sc.b.errorf(at, "OVER can only be used in SELECT, which is computed after WHERE")
	case !known:
		return nil, sc.b.errorf(at, "%s cannot be used with OVER", name)
	case e.Distinct && f.aggregate == nil:
		return nil, sc.b.errorf(e.Name.At, "only COUNT takes DISTINCT, not %s", name)
	case e.Star && f.aggregate == nil:
		return nil, sc.b.errorf(e.Name.At, "only COUNT takes *")
	case f.aggregate == nil && (len(e.Args) < f.least || len(e.Args) > f.most):
		return nil, sc.b.errorf(e.Name.At, "%s takes %s, not %d", name, signature.CountArguments(f.least, f.most), len(e.Args))
	}
	if err := sc.partitionBy(e.Over); err != nil {
		return nil, err
	}
	if err := sc.orderBy(e, f.ordered); err != nil {
		return nil, err
	}
	call := OverCall{Func: f.fn, Type: row.Of(row.Bigint)}
	if err := sc.frame(e, f.framed, &call); err != nil {
		return nil, err
	}
	if err := sc.overArguments(e, f, &call); err != nil {
		return nil, err
	}
	call.text = sc.overText(name, e, f, call)
	return sc.shared(call), nil
}

// shared returns an expression for the value of the call. It adds the call to the query's
// list unless an equal one is there.
func (sc *scope) shared(call OverCall) Expr {
	same := func(a, b Expr) bool { return a == nil && b == nil || a != nil && b != nil && Same(a, b) }
	i := slices.IndexFunc(sc.over.Calls, func(o OverCall) bool {
		return o.text == call.text && o.Func == call.Func && o.Aggregate == call.Aggregate && same(o.Arg, call.Arg) && o.Offset == call.Offset &&
			same(o.Default, call.Default) && o.Frame == call.Frame && o.Type.Equal(call.Type)
	})
	if i < 0 {
		i = len(sc.over.Calls)
		sc.over.Calls = append(sc.over.Calls, call)
	}
	sc.sawOver = true
	return &OverValue{Index: i, Text: call.text, T: call.Type}
}

// ofRecord is the scope of expressions over the record alone.
func (sc *scope) ofRecord() *scope {
	return &scope{b: sc.b, from: sc.from, inOver: true}
}

// partitionBy binds PARTITION BY of a clause. All clauses of a query must have the same
// one.
func (sc *scope) partitionBy(o *sql.Over) error {
	var by []Expr
	for _, x := range o.PartitionBy {
		e, err := sc.ofRecord().bind(x)
		if err != nil {
			return err
		}
		if err := sc.b.notNull(e, x.Pos(), "PARTITION BY", "without PARTITION BY all records are one partition"); err != nil {
			return err
		}
		by = append(by, e)
	}
	if len(sc.over.Calls) == 0 {
		sc.over.PartitionBy = by
		return nil
	}
	if !slices.EqualFunc(by, sc.over.PartitionBy, Same) {
		return sc.b.errorf(o.At, "the OVER clauses of a query have one PARTITION BY, which keys its rows and by which V2 splits it; here are %s and %s",
			partitionText(sc.over.PartitionBy), partitionText(by)).WithHint("write a query for each")
	}
	return nil
}

func partitionText(by []Expr) string {
	if len(by) == 0 {
		return "none"
	}
	return "PARTITION BY " + list(by)
}

// orderBy refuses every ORDER BY except ascending event time.
func (sc *scope) orderBy(e *sql.Call, wanted bool) error {
	o := e.Over
	if len(o.OrderBy) == 0 {
		if wanted {
			err := sc.b.errorf(o.At, "%s requires ORDER BY: without it the rows have no order", e.Name.Text)
			if sc.streams() > 1 {
				return err.WithHint("write the joined rows with CREATE STREAM ... AS SELECT, and use %s on those, ORDER BY ROWTIME", e.Name.Text)
			}
			return err.WithHint("add ORDER BY %s", sc.eventTime())
		}
		return nil
	}
	if sc.streams() > 1 {
		return sc.b.errorf(o.OrderBy[0].X.Pos(), "ORDER BY in OVER requires event time, and rows joined from two streams have no column with it").
			WithHint("leave it out to use the order in which the rows are made; or write them with CREATE STREAM ... AS SELECT, and use OVER on those, ORDER BY ROWTIME")
	}
	for i, by := range o.OrderBy {
		x, err := sc.ofRecord().bind(by.X)
		if err != nil {
			return err
		}
		if i > 0 || by.Descending || !sc.isEventTime(x, 0) {
			return sc.b.errorf(by.X.Pos(), "ORDER BY in OVER must be event time, ascending, and nothing else: each row is emitted when its record arrives").
				WithHint("write ORDER BY %s", sc.eventTime())
		}
	}
	return nil
}

// eventTime is the column name of the rows' event time. In a join of a stream with a table
// it is the stream's.
func (sc *scope) eventTime() string {
	name := "ROWTIME"
	if t := sc.first().Timestamp; t >= 0 {
		name = sc.first().Columns[t].Name
	}
	if sc.joined() {
		name = sc.from[0].name + "." + name
	}
	return name
}

// frame binds the frame of a clause.
func (sc *scope) frame(e *sql.Call, framed bool, call *OverCall) error {
	o := e.Over
	buffer := Frame{Unbounded: true}
	if o.Buffer != "" {
		n, err := sc.frameRows(o.Buffer, o.BufferAt)
		switch {
		case err != nil:
			return err
		case n == 0:
			return sc.b.errorf(o.BufferAt, "a buffer must hold 1 row or more: it includes the record itself")
		}
		buffer = Frame{Preceding: n - 1} // the current record is one of the n rows
	}
	frame := buffer
	if o.Frame != nil {
		var err error
		if frame, err = sc.frameOf(o.Frame); err != nil {
			return err
		}
		if !buffer.Unbounded && (frame.Unbounded || frame.Preceding > buffer.Preceding) {
			return sc.b.errorf(o.Frame.At, "the frame reaches back further than the buffer, which holds %s rows", o.Buffer)
		}
	}
	switch {
	case framed && o.Buffer == "" && o.Frame == nil:
		return sc.b.errorf(o.At, "%s OVER requires a frame: without one it would include rows that have not arrived yet", e.Name.Text).
			WithHint("add ROWS BETWEEN 9 PRECEDING AND CURRENT ROW, or UNBOUNDED PRECEDING for all rows so far")
	case framed:
		call.Frame = frame
	}
	return nil
}

func (sc *scope) frameRows(digits string, at sql.Pos) (int64, error) {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > maxFrame {
		return 0, sc.b.errorf(at, "%s rows are too many: the limit is %d", digits, maxFrame)
	}
	return n, nil
}

func (sc *scope) frameOf(f *sql.Frame) (Frame, error) {
	switch {
	case f.Unit != "ROWS":
		return Frame{}, sc.b.errorf(f.At, "a %s frame is not supported", f.Unit).WithHint("count rows: ROWS BETWEEN 9 PRECEDING AND CURRENT ROW")
	case f.End.Kind == sql.Following || f.Start.Kind == sql.Following:
		at := f.End.At
		if f.Start.Kind == sql.Following {
			at = f.Start.At
		}
		return Frame{}, sc.b.errorf(at, "a frame must end at CURRENT ROW: later rows have not arrived when the record's row is emitted")
	case f.End.Kind != sql.CurrentRow:
		return Frame{}, sc.b.unsupported(f.End.At, "a frame that ends before CURRENT ROW")
	case f.Start.Kind == sql.CurrentRow:
		return Frame{}, nil
	case f.Start.Rows == "":
		return Frame{Unbounded: true}, nil
	}
	n, err := sc.frameRows(f.Start.Rows, f.Start.At)
	return Frame{Preceding: n}, err
}

// overArguments binds a call's arguments.
func (sc *scope) overArguments(e *sql.Call, f overFunction, call *OverCall) error {
	if f.aggregate != nil {
		return sc.overAggregate(e, f.aggregate, call)
	}
	if len(e.Args) == 0 {
		return nil
	}
	x, err := sc.ofRecord().bind(e.Args[0])
	if err != nil {
		return err
	}
	if x.Type().Kind == row.Null {
		x = convert(x, row.Of(row.Int))
	}
	if err := sc.flat(e, 0, x); err != nil {
		return err
	}
	call.Arg = x
	if f.picks {
		call.Type = x.Type()
	}
	if f.fn == Lag {
		return sc.lag(e, call)
	}
	return nil
}

// overAggregate binds an aggregate's arguments.
func (sc *scope) overAggregate(e *sql.Call, f *aggregates.Function, call *OverCall) error {
	of, err := sc.ofRecord().aggregateCall(f, e)
	if err != nil {
		return err
	}
	for i, x := range of.Args {
		if err := sc.flat(e, i, x); err != nil {
			return err
		}
	}
	call.Aggregate, call.Type = of.Func, of.Type
	if len(of.Args) > 0 {
		call.Arg, call.Others = of.Args[0], of.Args[1:]
	}
	call.Constants = of.Constants
	return nil
}

// flat refuses an argument of a nested type, which a frame cannot keep.
func (sc *scope) flat(e *sql.Call, i int, x Expr) error {
	if x.Type().Kind.IsNested() {
		return sc.b.unsupported(e.Args[i].Pos(), fmt.Sprintf("%s OVER values of type %s", e.Name.Text, x.Type()))
	}
	return nil
}

// lag binds the offset and the default of LAG and LEAD.
func (sc *scope) lag(e *sql.Call, call *OverCall) error {
	name := e.Name.Text
	call.Offset = 1
	at := e.Name.At
	if len(e.Args) > 1 {
		n, ok := e.Args[1].(*sql.Number)
		if !ok || !sql.IsWhole(n.Text) {
			return sc.b.errorf(e.Args[1].Pos(), "the offset of %s is a whole number of rows, 0 or more, as digits", name)
		}
		at = n.At
		var err error
		if call.Offset, err = sc.frameRows(n.Text, n.At); err != nil {
			return err
		}
	}
	if name == "LEAD" && call.Offset > 0 {
		return sc.b.errorf(at, "LEAD reads a later row, which has not arrived when the record's row is emitted: only LEAD(%s, 0) is defined", call.Arg).
			WithHint("LAG looks back")
	}
	if o := e.Over; o.Buffer != "" {
		if n, _ := strconv.ParseInt(o.Buffer, 10, 64); call.Offset >= n {
			return sc.b.errorf(at, "%s looks back %d rows, and the buffer holds %s, including the record itself", name, call.Offset, o.Buffer)
		}
	}
	if len(e.Args) < 3 {
		return nil
	}
	d, err := sc.ofRecord().bind(e.Args[2])
	if err != nil {
		return err
	}
	t, ok := typing.Common(call.Arg.Type(), d.Type())
	if !ok {
		return sc.b.errorf(e.Args[2].Pos(), "%s, a %s, cannot be the default of %s, a %s", d, d.Type(), call.Arg, call.Arg.Type())
	}
	call.Arg, call.Default, call.Type = typedNull(call.Arg, t), typedNull(d, t), t
	return nil
}

// typedNull gives a literal NULL the type t. Other expressions are returned unchanged.
func typedNull(e Expr, t row.Type) Expr {
	if e.Type().Kind == row.Null {
		return convert(e, t)
	}
	return e
}

// overText is the call as SQL.
func (sc *scope) overText(name string, e *sql.Call, f overFunction, call OverCall) string {
	var args, over []string
	if call.Arg != nil {
		args = append(args, call.Arg.String())
	}
	if f.fn == Lag {
		args = append(args, strconv.FormatInt(call.Offset, 10))
	}
	if call.Default != nil {
		args = append(args, call.Default.String())
	}
	function := fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))
	if f.aggregate != nil {
		function = call.AggregateCall().text()
	}
	if len(sc.over.PartitionBy) > 0 {
		over = append(over, partitionText(sc.over.PartitionBy))
	}
	if f.ordered {
		over = append(over, "ORDER BY "+sc.eventTime())
	}
	if f.framed {
		over = append(over, call.Frame.String())
	}
	return fmt.Sprintf("%s OVER (%s)", function, strings.Join(over, " "))
}
