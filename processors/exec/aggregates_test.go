package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/oracle"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

// last is the last row of a query over batches, by the engine and by the oracle.
func last(t *testing.T, p *plan.Plan, batches []*row.Batch) (engine, truth []row.Value) {
	t.Helper()
	out := run(t, p, exec.Options{}, batches...)
	o, err := oracle.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []row.Change
	for _, b := range batches {
		outcome, err := o.Process(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, outcome.Changes...)
	}
	return out.Changes[len(out.Changes)-1].Values, changes[len(changes)-1].Values
}

// many are records of n values, each twice, in two sessions of two seconds and a
// record between them, that comes last.
func many(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	for i := range 2 * n {
		fmt.Fprintf(&b, "%d {\"symbol\":\"S%d\",\"quantity\":%d}\n", 8000*(i%2)+i%2000, i%n*7919%n, i/2)
	}
	b.WriteString("5000 {\"symbol\":\"S0\",\"quantity\":0}\n")
	text, err := processortest.Lines(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Of many different values HISTOGRAM shows the first thousand, and HyperLogLog has
// gone over to all its registers: in one group, and in a session made of two.
func TestAggregatesOfManyValuesAreWhatTheOracleSays(t *testing.T) {
	const items = `SELECT HISTOGRAM(symbol) AS h, APPROX_COUNT_DISTINCT(symbol) AS a, COUNT(DISTINCT symbol) AS d, TOPK(quantity, 100) AS t, LATEST_BY_OFFSET(symbol, 70) AS l,
  EARLIEST_BY_OFFSET(symbol, 1500) AS e, MEDIAN(quantity) AS m, CORRELATION(quantity, quantity % 7) AS r, STDDEV(quantity) AS s FROM trades `
	const n = 1100
	for _, window := range []string{"EMIT FINAL", "WINDOW SESSION (4 SECONDS, GRACE PERIOD 1 HOUR) EMIT FINAL"} {
		p := compile(t, trades+items+window+";")
		got, want := last(t, p, read(t, p, many(t, n), 1000, true))
		if !slices.EqualFunc(got, want, row.Equal) {
			t.Errorf("%s gives\n%v\nwant\n%v", window, got, want)
		}
		if h := len(got[0].Names()); h != 1000 || got[2].Int64() != n {
			t.Errorf("%d texts are counted of %s", h, got[2])
		}
	}
}

// TestStatisticsAllocateNothingForARecord, once their groups are there.
func TestStatisticsAllocateNothingForARecord(t *testing.T) {
	p := compile(t, `CREATE STREAM trades (symbol STRING, n INT, p DECIMAL(10, 2), w DECIMAL(30, 2), f DOUBLE) WITH (kafka_topic='trades', value_format='JSON');
SELECT symbol, COUNT(n) AS c, STDDEV(n) AS sn, VAR_POP(p) AS vp, STDDEV_POP(w) AS sw, VARIANCE(f) AS vf, CORRELATION(f, n) AS r, MEDIAN(f) AS m, PERCENTILE(p, 0.9) AS q,
  APPROX_COUNT_DISTINCT(n) AS a, COUNT(DISTINCT n) AS d, FIRST_VALUE(n) AS first, LATEST_BY_OFFSET(symbol) AS l FROM trades GROUP BY symbol;`)
	var records []string
	for i := range 200 {
		records = append(records, fmt.Sprintf(`%d {"symbol":"S%d","n":%d,"p":%d.25,"w":%d,"f":%d.5}`, i, i%3, i, i%50, i, i%40))
	}
	b := read(t, p, lines(t, records...), 1000, false)[0]
	e, out := engine(t, p, exec.Options{}), &exec.Result{}
	dispositions := make([]row.Disposition, b.Len())
	again := func() {
		out.Reset(dispositions)
		e.RunAll(b, out)
	}
	again()
	again()
	if n := testing.AllocsPerRun(5, again); n > 0 {
		t.Errorf("%v allocations for %d records", n, b.Len())
	}
}
