package processortest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"parallax/processors/functions/aggregates"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Trade is one record of the trades stream. A negative Quantity is NULL.
type Trade struct {
	Trader, Symbol string
	Quantity       int64
	Time           int64 // event time in ms
	// Garbled: the record is undecodable. Null: its value is null.
	Garbled, Null bool
}

// Columns of the trades stream.
const (
	trader = iota
	symbol
	quantity
)

// Source returns the declaration of the trades stream.
func Source() *row.Source {
	return &row.Source{
		Name: "TRADES", Topic: "trades", Format: row.FormatJSON, Timestamp: -1,
		Columns: []row.Column{
			trader:   {Name: "TRADER", Type: row.Of(row.String)},
			symbol:   {Name: "SYMBOL", Type: row.Of(row.String)},
			quantity: {Name: "QUANTITY", Type: row.Of(row.Bigint)},
		},
		Key:    make([]bool, 3),
		Needed: []bool{true, true, true},
	}
}

func column(i int) plan.Expr {
	c := Source().Columns[i]
	return &plan.Column{Index: i, Name: c.Name, T: c.Type}
}

// Totals is COUNT(*) and SUM(quantity) by trader and symbol, in windows of a
// minute with ten seconds of grace.
func Totals(emit plan.Emit) *plan.Query {
	by := []plan.Expr{column(trader), column(symbol)}
	columns := Source().Columns
	count, sum := row.Of(row.Bigint), row.Of(row.Bigint)
	return &plan.Query{
		Aggregation: &plan.Aggregation{
			GroupBy: by,
			Aggregates: []plan.AggregateCall{
				{Func: aggregates.Count, Type: count},
				{Func: aggregates.Sum, Args: []plan.Expr{column(quantity)}, Type: sum},
			},
			Window: &plan.Window{Kind: plan.Tumbling, Size: 60_000, Advance: 60_000, Grace: 10_000},
			Emit:   emit,
		},
		Items: []plan.Expr{
			&plan.Group{Index: 0, Name: "TRADER", T: by[0].Type()},
			&plan.Group{Index: 1, Name: "SYMBOL", T: by[1].Type()},
			&plan.Aggregate{Index: 0, Text: "COUNT(*)", T: count},
			&plan.Aggregate{Index: 1, Text: "SUM(QUANTITY)", T: sum},
		},
		Key: []plan.Expr{
			&plan.Group{Index: 0, Name: "TRADER", T: by[0].Type()},
			&plan.Group{Index: 1, Name: "SYMBOL", T: by[1].Type()},
		},
		Sink: &row.Sink{
			Name: "TOTALS", Topic: "totals", Table: true, Windowed: true,
			Key:    columns[:2],
			Values: []row.Column{columns[trader], columns[symbol], {Name: "N", Type: count}, {Name: "TOTAL", Type: sum}},
		},
		Split: plan.Split{By: by, Reason: "GROUP BY"},
	}
}

// WindowTotals is Totals with emit_scope='window'.
func WindowTotals() *plan.Query {
	q := Totals(plan.EmitChanges)
	q.Aggregation.WindowScope = true
	q.Sink.WindowScope = true
	return q
}

// Running is COUNT(*) by symbol, without a window.
func Running() *plan.Query {
	by := []plan.Expr{column(symbol)}
	group := &plan.Group{Index: 0, Name: "SYMBOL", T: by[0].Type()}
	count := row.Of(row.Bigint)
	return &plan.Query{
		Aggregation: &plan.Aggregation{GroupBy: by, Aggregates: []plan.AggregateCall{{Func: aggregates.Count, Type: count}}},
		Items:       []plan.Expr{group, &plan.Aggregate{Index: 0, Text: "COUNT(*)", T: count}},
		Key:         []plan.Expr{group},
		Sink: &row.Sink{
			Name: "RUNNING", Topic: "running", Table: true,
			Key:    Source().Columns[symbol : symbol+1],
			Values: []row.Column{Source().Columns[symbol], {Name: "N", Type: count}},
		},
		Split: plan.Split{By: by, Reason: "GROUP BY"},
	}
}

// Moving is ROW_NUMBER() and SUM(quantity) over the last ten records of a symbol.
func Moving() *plan.Query {
	by := []plan.Expr{column(symbol)}
	number, total := row.Of(row.Bigint), row.Of(row.Bigint)
	return &plan.Query{
		Over: &plan.Over{PartitionBy: by, Calls: []plan.OverCall{
			{Func: plan.RowNumber, Type: number},
			{Func: plan.OverAggregate, Aggregate: aggregates.Sum, Arg: column(quantity), Frame: plan.Frame{Preceding: 9}, Type: total},
		}, After: []bool{false, true, true}},
		Items: []plan.Expr{
			by[0],
			&plan.OverValue{Index: 0, Text: "ROW_NUMBER()", T: number},
			&plan.OverValue{Index: 1, Text: "SUM(QUANTITY)", T: total},
		},
		Key: by,
		Sink: &row.Sink{
			Name: "MOVING", Topic: "moving",
			Key:    Source().Columns[symbol : symbol+1],
			Values: []row.Column{Source().Columns[symbol], {Name: "NUMBER", Type: number}, {Name: "TOTAL", Type: total}},
		},
		Split: plan.Split{By: by, Reason: "PARTITION BY"},
	}
}

// Pairs is DISTINCT trader and symbol.
func Pairs() *plan.Query {
	by, columns := []plan.Expr{column(trader), column(symbol)}, Source().Columns[:2]
	return &plan.Query{
		Distinct: true, Items: by, Key: by,
		Sink:  &row.Sink{Name: "PAIRS", Topic: "pairs", Key: columns, Values: columns},
		Split: plan.Split{By: by, Reason: "DISTINCT"},
	}
}

// Everything is COUNT(*) over all records: one piece of state that cannot be split.
func Everything() *plan.Query {
	count := row.Of(row.Bigint)
	return &plan.Query{
		Aggregation: &plan.Aggregation{Aggregates: []plan.AggregateCall{{Func: aggregates.Count, Type: count}}},
		Items:       []plan.Expr{&plan.Aggregate{Index: 0, Text: "COUNT(*)", T: count}},
		Sink:        &row.Sink{Name: "EVERYTHING", Topic: "everything", Values: []row.Column{{Name: "N", Type: count}}},
		Split:       plan.Split{Reason: "one group over everything"},
	}
}

// Large is a projection with a WHERE: it has no state.
func Large() *plan.Query {
	limit := &plan.Literal{Value: row.NewBigint(50), T: row.Of(row.Bigint)}
	return &plan.Query{
		Where: &plan.Comparison{Op: plan.Greater, L: column(quantity), R: limit},
		Items: []plan.Expr{column(symbol), column(quantity)},
		Sink:  &row.Sink{Name: "LARGE", Topic: "large", Values: Source().Columns[symbol : quantity+1]},
		Split: plan.Split{Stateless: true, Reason: "no state"},
	}
}

// Plan puts queries over the trades stream together.
func Plan(queries ...*plan.Query) *plan.Plan {
	for i, q := range queries {
		q.Index = i
	}
	for i, q := range queries {
		q.Stage, q.Logical, q.From = i, q, []plan.Input{{Stage: -1, Rows: Source()}}
	}
	return &plan.Plan{Sources: []*row.Source{Source()}, Queries: queries, Stages: queries}
}

// RandomTrades returns n trades, 20 in a second, of a few traders and symbols, up to 30
// seconds out of order (some are late), with some undecodable or null ones. The same seed
// gives the same trades.
func RandomTrades(seed uint64, n int) []Trade {
	rng := rand.New(rand.NewPCG(seed, 1))
	trades := make([]Trade, n)
	for i := range trades {
		trades[i] = Trade{
			Trader:   fmt.Sprintf("TRADER%d", rng.IntN(5)),
			Symbol:   fmt.Sprintf("SYM%d", rng.IntN(8)),
			Quantity: rng.Int64N(100) - 2,
			Time:     1_700_000_000_000 + int64(i)*50 - rng.Int64N(30_000),
			Garbled:  rng.IntN(40) == 0,
			Null:     rng.IntN(60) == 0,
		}
	}
	return trades
}

// Batches makes batches of at most size records, in the given order, over three
// topic-partitions. The watermark is the largest event time so far. With flush, the last
// batch is a flush.
func Batches(trades []Trade, size int, flush bool) []*row.Batch {
	return BatchesFrom(0, 0, row.NoWatermark, trades, size, flush)
}

// BatchesFrom is Batches for the middle of an input: from a batch number, a
// position and a watermark on.
func BatchesFrom(seq, first, watermark int64, trades []Trade, size int, flush bool) []*row.Batch {
	var batches []*row.Batch
	for low := 0; low < len(trades); low += size {
		part := trades[low:min(low+size, len(trades))]
		table := row.NewTable(Source(), len(part))
		records := make([]row.Record, len(part))
		for i, t := range part {
			position := first + int64(low+i)
			r := &records[i]
			*r = row.Record{
				TopicPartition: row.TopicPartition{Topic: "trades", Partition: int32(position % 3)},
				Offset:         position / 3, Timestamp: t.Time, EventTime: t.Time,
			}
			switch {
			case t.Garbled:
				r.State, r.Err, r.Source, r.Row, r.EventTime = row.Undecodable, errors.New("no JSON object"), -1, -1, -1
			case t.Null:
				r.State = row.NullValue
				r.Row = int32(table.EndRow())
			default:
				table.Columns[trader].AppendStr(t.Trader)
				table.Columns[symbol].AppendStr(t.Symbol)
				if t.Quantity >= 0 {
					table.Columns[quantity].AppendInt64(t.Quantity)
				}
				r.Row = int32(table.EndRow())
			}
			if r.State != row.Undecodable {
				watermark = max(watermark, r.EventTime)
			}
			r.Watermark = watermark
		}
		batches = append(batches, row.NewBatch(seq, first+int64(low), records, []*row.Table{table}))
		seq++
	}
	if flush {
		batches = append(batches, row.NewFlush(seq, first+int64(len(trades)), 1))
	}
	return batches
}
