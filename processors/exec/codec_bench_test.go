package exec_test

import (
	"fmt"
	"slices"
	"testing"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

const (
	benchTrades = `CREATE STREAM trades (symbol STRING, quantity BIGINT, price DOUBLE) WITH (kafka_topic='trades', value_format='JSON');
CREATE STREAM quotes (symbol STRING, price DOUBLE) WITH (kafka_topic='quotes', value_format='JSON');
CREATE TABLE rates (id STRING PRIMARY KEY, symbol STRING, quantity BIGINT, price DOUBLE) WITH (kafka_topic='rates', value_format='JSON');
CREATE TABLE names (id STRING PRIMARY KEY, price DOUBLE) WITH (kafka_topic='names', value_format='JSON');
`
	benchEntries   = 1_000_000
	benchBatchSize = 10_000
)

// benchStates are scripts that keep an entry for each symbol, and which of their stages does.
var benchStates = []struct {
	name, query string
	stage       int
}{
	{"aggregation", `SELECT symbol, COUNT(*) AS n, SUM(quantity) AS s, MAX(price) AS m FROM trades GROUP BY symbol;`, 0},
	{"tallies", `SELECT symbol, COLLECT_LIST(quantity) AS l, LATEST_BY_OFFSET(price) AS e FROM trades GROUP BY symbol;`, 0},
	{"tumbling", `SELECT symbol, COUNT(*) AS n, SUM(quantity) AS s FROM trades WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY symbol;`, 0},
	{"hopping", `SELECT symbol, COUNT(*) AS n, SUM(quantity) AS s FROM trades WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 1 HOUR) GROUP BY symbol;`, 0},
	{"session", `SELECT symbol, COUNT(*) AS n, SUM(price) AS s FROM trades WINDOW SESSION (1 HOUR) GROUP BY symbol;`, 0},
	{"over", `SELECT symbol, SUM(quantity) OVER (PARTITION BY symbol ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s, MAX(price) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS m FROM trades;`, 0},
	{"join", `SELECT t.symbol AS symbol, t.price AS price, q.price AS bid FROM trades t JOIN quotes q WITHIN 1 HOUR ON t.symbol = q.symbol;`, 0},
	{"join with a table", `SELECT t.symbol AS symbol, t.price AS price, r.price AS rate FROM trades t JOIN rates r ON t.symbol = r.id;`, 0},
	{"join of tables", `CREATE TABLE both AS SELECT r.id AS id, r.price AS price, n.price AS rate FROM rates r JOIN names n ON r.id = n.id;`, 0},
	{"distinct", `SELECT DISTINCT symbol FROM trades;`, 0},
	{"replaced", `CREATE TABLE c AS SELECT symbol, COUNT(*) AS n, SUM(price) AS p FROM rates GROUP BY symbol;`, 0},
	{"regroup", `CREATE TABLE c AS SELECT symbol, COUNT(*) AS n, SUM(price) AS p FROM rates GROUP BY symbol;`, 1},
	{"current", `CREATE TABLE some AS SELECT id, price FROM rates WHERE quantity >= 0;`, 0},
}

// benchBatch has a record of each source for each of so many symbols.
func benchBatch(p *plan.Plan, first, n int) *row.Batch {
	var tables []*row.Table
	var records []row.Record
	for s, src := range p.Sources {
		t := row.NewTable(src, n)
		tables = append(tables, t)
		for i := range n {
			at := int64(first + i)
			symbol := fmt.Sprintf("SYMBOL%010d", at)
			for c, column := range src.Columns {
				switch {
				case t.Columns[c] == nil:
				case column.Type.Kind == row.String:
					t.Columns[c].AppendValue(row.NewString(symbol))
				case column.Type.Kind == row.Bigint:
					t.Columns[c].AppendValue(row.NewBigint(at % 1000))
				default:
					t.Columns[c].AppendValue(row.NewDouble(float64(at%10_000) / 100))
				}
			}
			records = append(records, row.Record{
				TopicPartition: row.TopicPartition{Topic: src.Topic}, Offset: at, Key: []byte(symbol), Source: int32(s),
				Timestamp: 1000, EventTime: 1000, Watermark: 1000, Row: int32(t.EndRow()),
			})
		}
	}
	return row.NewBatch(0, int64(first*len(p.Sources)), records, tables)
}

// benchState runs a script over the batches and returns a stage's state.
func benchState(b *testing.B, query string, stage int) (*plan.Query, []state.Entry) {
	v1, p := benchV1(b, query)
	frozen, err := v1.Freeze()
	if err != nil {
		b.Fatal(err)
	}
	return p.Stages[stage], slices.Collect(frozen.Stages[stage])
}

// BenchmarkCodec writes, reads and restores a million entries of each operator.
func BenchmarkCodec(b *testing.B) {
	for _, s := range benchStates {
		b.Run(s.name, func(b *testing.B) {
			q, entries := benchState(b, s.query, s.stage)
			codec, err := exec.NewCodec(q)
			if err != nil {
				b.Fatal(err)
			}
			n := float64(len(entries))
			per := func(b *testing.B) {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
				b.ReportMetric(0, "ns/op")
			}
			var forms []byte
			var ends []int
			for _, e := range entries {
				forms = codec.Append(forms, e)
				ends = append(ends, len(forms))
			}
			b.Run("write", func(b *testing.B) {
				var form []byte
				for b.Loop() {
					for _, e := range entries {
						form = codec.Append(form[:0], e)
					}
				}
				per(b)
				b.ReportMetric(float64(len(forms))/n, "bytes/entry")
			})
			b.Run("digest", func(b *testing.B) {
				for b.Loop() {
					var d state.Digest
					from := 0
					for _, to := range ends {
						d.Add(forms[from:to])
						from = to
					}
				}
				per(b)
			})
			read := make([]state.Entry, len(entries))
			b.Run("read", func(b *testing.B) {
				for b.Loop() {
					from := 0
					for i, to := range ends {
						if read[i], err = codec.Read(forms[from:to]); err != nil {
							b.Fatal(err)
						}
						read[i].Hash, read[i].Partition = entries[i].Hash, entries[i].Partition
						from = to
					}
				}
				per(b)
			})
			b.Run("restore", func(b *testing.B) {
				engine, err := exec.NewStage(q, exec.Options{})
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					engine.Restore(read)
				}
				per(b)
			})
		})
	}
}
