package exec_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/processors/state"
)

var update = flag.Bool("update", false, "write the forms in testdata/forms again")

// stateful is a script, one of whose stages has a state, and records that make one.
type stateful struct {
	script string
	stage  int // in Plan.Stages
	input  []string
}

const (
	wideTrades = `CREATE STREAM trades (symbol STRING, quantity INT, price DOUBLE, amount DECIMAL(12, 2), wide DECIMAL(30, 4), raw BYTES, tags ARRAY<STRING>) WITH (kafka_topic='trades', value_format='JSON');
CREATE STREAM quotes (symbol STRING, bid DOUBLE) WITH (kafka_topic='quotes', value_format='JSON');
CREATE TABLE rates (id STRING PRIMARY KEY, symbol STRING, quantity INT, price DOUBLE) WITH (kafka_topic='rates', value_format='JSON', key_format='KAFKA');
CREATE TABLE names (id STRING PRIMARY KEY, name STRING) WITH (kafka_topic='names', value_format='JSON', key_format='KAFKA');
`
	sizedAggregates = `COUNT(*) AS n, COUNT(quantity) AS n1, SUM(quantity) AS s1, SUM(price) AS s2, AVG(amount) AS s3, SUM(wide) AS s4, MIN(symbol) AS m1, MAX(price) AS m2,
MIN(wide) AS m3, MAX(quantity) AS m4, MAX(raw) AS m5, STDDEV_SAMP(quantity) AS v1, VAR_POP(wide) AS v2, VAR_SAMP(price) AS v3`
	otherAggregates = `COUNT(DISTINCT symbol) AS c1, COLLECT_LIST(price) AS c2, COLLECT_SET(tags) AS c3, HISTOGRAM(symbol) AS c4, STRING_AGG(symbol, '-') AS c5, TOPK(price, 2) AS t1,
TOPK(quantity, symbol, 3) AS t2, TOPKDISTINCT(quantity, 2) AS t3, APPROX_COUNT_DISTINCT(price) AS a1, MEDIAN(price) AS a2, CORRELATION(price, quantity) AS a3,
EARLIEST_BY_OFFSET(quantity, 2) AS e1, LATEST_BY_OFFSET(price, 2) AS e2, LATEST_BY_OFFSET(symbol) AS e3, FIRST_VALUE(tags) AS e4`
)

var trade = []string{
	`trades 1000 {"symbol":"A","quantity":3,"price":1.5,"amount":12.34,"wide":123456789012345678901234.5678,"raw":"AQI=","tags":["x",null]}`,
	`trades 1100 {"symbol":"B","quantity":-4,"price":-0.0,"amount":-0.01,"wide":-1,"raw":"","tags":[]}`,
	`trades 1200 {"symbol":"A","quantity":null,"price":1e300,"amount":null,"wide":null,"raw":null,"tags":null}`,
	`trades 1350 {"symbol":"A","quantity":7,"price":2.25,"amount":99999.99,"wide":1.0001,"raw":"/w==","tags":["x",null]}`,
	`trades 1400 {"symbol":"C"}`,
	`trades 1900 {"symbol":"B","quantity":5,"price":0.25,"amount":1,"wide":2,"raw":"AA==","tags":["y"]}`,
	`trades 2100 {"symbol":null,"quantity":6,"price":4,"amount":5,"wide":6,"raw":"AA==","tags":["z"]}`,
	`trades 2200 {"symbol":"A","quantity":8,"price":-3,"amount":-7,"wide":-8,"raw":"AA==","tags":["x"]}`,
}

var rates = []string{
	`rates 1000 "k1" -> {"symbol":"A","quantity":3,"price":1.5}`, `rates 1020 "k2" -> {"symbol":"B","quantity":4,"price":-0.0}`, `rates 1030 "k3" -> {"symbol":"A","quantity":5,"price":2.5}`,
	`rates 1050 "k3" -> {"symbol":"A","quantity":null,"price":7.5}`, `rates 1060 "k2" -> null`, `rates 1070 "k5" -> {"symbol":"B","quantity":9,"price":null}`,
}

var names = []string{`names 1080 "k1" -> {"name":"one"}`, `names 1090 "k4" -> {"name":"four"}`, `names 1100 "k5" -> {"name":null}`}

// states are the operators that keep something.
var states = map[string]stateful{
	"aggregation":         {wideTrades + `SELECT symbol, ` + sizedAggregates + ` FROM trades GROUP BY symbol HAVING COUNT(*) < 3;`, 0, trade},
	"aggregation_tallies": {wideTrades + `SELECT symbol, ` + otherAggregates + ` FROM trades GROUP BY symbol;`, 0, trade},
	"tumbling":            {wideTrades + `SELECT symbol, quantity, price, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol, quantity, price;`, 0, trade},
	"hopping":             {wideTrades + `SELECT symbol, SUM(price) AS n FROM trades WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 SECOND) GROUP BY symbol EMIT FINAL;`, 0, trade},
	"session":             {wideTrades + `SELECT symbol, ` + sizedAggregates + ` FROM trades WINDOW SESSION (300 MILLISECONDS, GRACE PERIOD 1 HOUR) GROUP BY symbol;`, 0, trade},
	"session_tallies":     {wideTrades + `SELECT symbol, ` + otherAggregates + ` FROM trades WINDOW SESSION (300 MILLISECONDS, GRACE PERIOD 1 HOUR) GROUP BY symbol EMIT FINAL;`, 0, trade},
	"over": {wideTrades + `SELECT symbol, SUM(quantity) OVER (PARTITION BY symbol ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS a, AVG(wide) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS b,
MAX(price) OVER (PARTITION BY symbol ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS c, MIN(symbol) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS d, MAX(wide) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS d2,
LAG(raw, 3) OVER (PARTITION BY symbol) AS e, FIRST_VALUE(quantity) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS f, SUM(price) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS g, COUNT(amount) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS h,
STDDEV_SAMP(quantity) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS i, COLLECT_LIST(amount) OVER (PARTITION BY symbol ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS j, SUM(wide) OVER (PARTITION BY symbol ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS k,
SUM(amount) OVER (PARTITION BY symbol ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS l, RANK() OVER (PARTITION BY symbol ORDER BY ROWTIME) AS m FROM trades;`, 0, trade},
	"join": {
		wideTrades + `SELECT t.symbol AS symbol, t.price AS price, q.bid AS bid, t.tags AS tags FROM trades t FULL JOIN quotes q WITHIN 1 SECOND GRACE PERIOD 1 HOUR ON t.symbol = q.symbol;`, 0,
		append([]string{`quotes 900 {"symbol":"A","bid":1.25}`, `quotes 950 {"symbol":"D","bid":null}`, `quotes 940 {"symbol":"A","bid":-0.0}`}, trade...),
	},
	"join_table": {
		wideTrades + `SELECT t.symbol AS symbol, t.price AS price, r.quantity AS quantity, r.price AS rate FROM trades t LEFT JOIN rates r ON t.symbol = r.id;`, 0,
		append(slices.Clone(rates), `rates 1090 "A" -> {"symbol":"A","quantity":3,"price":1.5}`),
	},
	"join_tables": {wideTrades + `CREATE TABLE both AS SELECT r.id AS id, r.price AS price, n.name AS name FROM rates r LEFT JOIN names n ON r.id = n.id;`, 0, slices.Concat(rates, names)},
	"distinct":    {wideTrades + `SELECT DISTINCT symbol, price, tags FROM trades;`, 0, trade},
	"replaced":    {wideTrades + `CREATE TABLE byname AS SELECT symbol, COUNT(*) AS n, SUM(price) AS p FROM rates GROUP BY symbol;`, 0, rates},
	"regroup":     {wideTrades + `CREATE TABLE byname AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS q, SUM(price) AS p, COUNT(DISTINCT quantity) AS c, COLLECT_LIST(quantity) AS l, HISTOGRAM(symbol) AS h, CORRELATION(price, quantity) AS r FROM rates GROUP BY symbol;`, 1, rates},
	"current":     {wideTrades + `CREATE TABLE some AS SELECT id, price FROM rates WHERE quantity > 3 OR quantity IS NULL;`, 0, rates},
	"limit":       {wideTrades + `SELECT symbol FROM trades LIMIT 3;`, 1, trade},
}

// stored is the stage of a script and its state.
type stored struct {
	plan    *plan.Plan
	stage   *plan.Query
	codec   state.Codec
	batches []*row.Batch
	entries []state.Entry
	forms   [][]byte
}

func storedState(tb testing.TB, s stateful) *stored {
	tb.Helper()
	fail := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	p, err := plan.Compile(s.script, plan.BuildOptions{DefaultTopic: "OUT"})
	fail(err)
	text, err := processortest.Lines(strings.Join(s.input, "\n"))
	fail(err)
	o := &stored{plan: p, stage: p.Stages[s.stage]}
	o.batches, err = processortest.ReadBatches(p, text, 3, false)
	fail(err)
	v1, err := pipeline.New(p, processors.Options{})
	fail(err)
	_, err = processortest.Run(v1, o.batches)
	fail(err)
	o.codec, err = exec.NewCodec(o.stage)
	fail(err)
	snapshot, err := v1.Snapshot()
	fail(err)
	for _, e := range snapshot.Queries[s.stage] {
		o.entries, o.forms = append(o.entries, e), append(o.forms, o.codec.Append(nil, e))
	}
	if len(o.forms) == 0 {
		tb.Fatal("the input leaves no state")
	}
	return o
}

// TestTheFormOfAStateIsThatOfItsVersion compares forms with those in testdata, which other
// versions of the program have to read: one that differs needs another formID.
func TestTheFormOfAStateIsThatOfItsVersion(t *testing.T) {
	for name, s := range states {
		t.Run(name, func(t *testing.T) {
			o := storedState(t, s)
			var b strings.Builder
			for i, form := range o.forms {
				fmt.Fprintf(&b, "%d %q\n", o.entries[i].Partition, form)
			}
			path := filepath.Join("testdata", "forms", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := processortest.DiffLines(string(want), b.String()); d != "" {
				t.Errorf("the form has changed (- was, + is): raise its formID, and run this test with -update\n%s", d)
			}
		})
	}
}

// TestAFormThatIsCutOffIsRefused cuts each form at each byte.
func TestAFormThatIsCutOffIsRefused(t *testing.T) {
	for name, s := range states {
		t.Run(name, func(t *testing.T) {
			o := storedState(t, s)
			for _, form := range o.forms {
				for n := range form {
					if e, err := o.codec.Read(form[:n]); err == nil {
						t.Fatalf("%d of %d bytes of %x were read as %v", n, len(form), form, e)
					} else if !strings.Contains(err.Error(), ": byte ") {
						t.Fatalf("the error does not say where: %v", err)
					}
				}
				if _, err := o.codec.Read(append(bytes.Clone(form), 0)); err == nil {
					t.Fatalf("a byte after %x was not refused", form)
				}
			}
		})
	}
}

func TestTheFormOfAnotherOperatorIsRefused(t *testing.T) {
	groups, sessions := storedState(t, states["aggregation"]), storedState(t, states["session"])
	_, err := groups.codec.Read(sessions.forms[0])
	if want := "read the state of a group: byte 0: form 0x21, want 0x11"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	p := compile(t, trades+`SELECT symbol FROM trades;`)
	none, err := exec.NewCodec(p.Stages[0])
	if err != nil {
		t.Fatal(err)
	}
	if e, err := none.Read([]byte{1}); err == nil {
		t.Errorf("a projection has the state %v", e)
	}
}

// failer is a test, or a part of one that draws values.
type failer interface {
	Fatalf(format string, args ...any)
}

// readAnything reads any bytes. What is read is written as the same bytes, also after it was
// restored into an engine, which then takes records.
func (o *stored) readAnything(t failer, src []byte) {
	e, err := o.codec.Read(src)
	if err != nil {
		return
	}
	if again := o.codec.Append(nil, e); !bytes.Equal(again, src) {
		t.Fatalf("%q was read, and is written as %q", src, again)
	}
	engine, err := exec.NewStage(o.stage, exec.Options{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	e.Partition = 3
	engine.Restore([]state.Entry{e})
	if back := engine.Snapshot(); len(back) != 1 || !bytes.Equal(o.codec.Append(nil, back[0]), src) {
		t.Fatalf("%q was restored, and %d entries are there: %q", src, len(back), o.codec.Append(nil, back[0]))
	}
	if home := engine.Snapshot()[0].Partition; home != e.Partition && o.stage.Limit == nil {
		t.Fatalf("an entry of partition %d was restored, and is of partition %d", e.Partition, home)
	}
	if o.stage.Inputs == nil {
		through(engine, o.batches...)
	}
}

// fuzzCodec reads any bytes.
func fuzzCodec(f *testing.F, names ...string) {
	var all []*stored
	for _, name := range names {
		o := storedState(f, states[name])
		all = append(all, o)
		for _, form := range o.forms {
			f.Add(form)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, o := range all {
			o.readAnything(t, src)
		}
	})
}

func FuzzAggregation(f *testing.F) { fuzzCodec(f, "aggregation", "aggregation_tallies") }
func FuzzWindows(f *testing.F)     { fuzzCodec(f, "tumbling", "hopping") }
func FuzzSession(f *testing.F)     { fuzzCodec(f, "session", "session_tallies") }
func FuzzOver(f *testing.F)        { fuzzCodec(f, "over") }
func FuzzJoin(f *testing.F)        { fuzzCodec(f, "join") }
func FuzzTableJoin(f *testing.F)   { fuzzCodec(f, "join_table", "join_tables") }
func FuzzDistinct(f *testing.F)    { fuzzCodec(f, "distinct") }
func FuzzRegroup(f *testing.F)     { fuzzCodec(f, "regroup") }
func FuzzTable(f *testing.F)       { fuzzCodec(f, "replaced", "current") }
func FuzzLimit(f *testing.F)       { fuzzCodec(f, "limit") }
