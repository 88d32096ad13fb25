package exec_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/state"
)

// shortStates are scripts whose entries end soon.
var shortStates = map[string]string{
	"short windows":          `SELECT symbol, ` + otherAggregates + ` FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol EMIT FINAL;`,
	"short hopping windows":  `SELECT symbol, ` + otherAggregates + ` FROM trades WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 SECOND) GROUP BY symbol;`,
	"short sessions":         `SELECT symbol, SUM(price) AS s, COLLECT_LIST(quantity) AS l FROM trades WINDOW SESSION (1 SECOND) GROUP BY symbol;`,
	"short join":             `SELECT t.symbol AS symbol, t.price AS price, q.bid AS bid FROM trades t FULL JOIN quotes q WITHIN 1 SECOND GRACE PERIOD 1 SECOND ON t.symbol = q.symbol;`,
	"short inner join":       `SELECT t.symbol AS symbol, t.price AS price, q.bid AS bid FROM trades t JOIN quotes q WITHIN 1 SECOND GRACE PERIOD 1 SECOND ON t.symbol = q.symbol;`,
	"table in windows":       `CREATE TABLE w AS SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol; CREATE TABLE few AS SELECT * FROM w WHERE n < 3;`,
	"regrouped, EMIT FINAL":  `CREATE TABLE c AS SELECT symbol, ` + sizedOfRates + ` FROM rates GROUP BY symbol EMIT FINAL;`,
	"table of all its rates": `CREATE TABLE c AS SELECT symbol, COLLECT_LIST(quantity) AS l, HISTOGRAM(symbol) AS h FROM rates GROUP BY symbol;`,
}

const sizedOfRates = `COUNT(*) AS n, SUM(quantity) AS s, SUM(price) AS p`

// dropsKeys names the scripts that drop keys without rows once there are more than a thousand.
var dropsKeys = map[string]bool{"short sessions": true, "short join": true, "short inner join": true}

// drawnRecord draws a record of one of the topics, about so many ms after the others. Half of
// the tables' records are deletions.
func drawnRecord(t *rapid.T, topics []string, now *int64, symbols int) string {
	*now += rapid.Int64Range(0, 100).Draw(t, "pass")
	topic, at := rapid.SampledFrom(topics).Draw(t, "topic"), *now-rapid.Int64Range(0, 200).Draw(t, "behind")
	symbol := rapid.IntRange(0, symbols-1).Draw(t, "symbol")
	n := rapid.IntRange(-3, 9).Draw(t, "n")
	switch topic {
	case "trades":
		return fmt.Sprintf(`trades %d {"symbol":"S%d","quantity":%d,"price":%d.5,"amount":%d,"wide":%d,"raw":"AQI=","tags":["x%d"]}`, at, symbol, n, n, n, n, n%3)
	case "quotes":
		return fmt.Sprintf(`quotes %d {"symbol":"S%d","bid":%d.25}`, at, symbol, n)
	}
	value := "null"
	switch {
	case n < 2:
	case topic == "rates":
		value = fmt.Sprintf(`{"symbol":"S%d","quantity":%d,"price":%d.5}`, n%4, n, n)
	default:
		value = fmt.Sprintf(`{"name":"N%d"}`, n)
	}
	return fmt.Sprintf(`%s %d "S%d" -> %s`, topic, at, symbol, value)
}

// stateReader reads a frozen state on a goroutine of its own.
type stateReader struct {
	frozen *state.Frozen
	codecs []state.Codec
	want   []string
	// after says how many entries are read before it waits for the channel to be closed.
	after int
	wait  chan struct{}
	// leaves says that it stops there, and begins again from the first entry.
	leaves bool
}

func (r *stateReader) read() (list []string) {
	n := 0
	for i, entries := range r.frozen.Stages {
		for e := range entries {
			if n == r.after {
				if <-r.wait; r.leaves {
					r.leaves = false
					return r.read()
				}
			}
			list = append(list, formOf(i, r.codecs[i], e))
			n++
		}
	}
	slices.Sort(list)
	return list
}

func formOf(stage int, c state.Codec, e state.Entry) string {
	return fmt.Sprintf("%d %x %d %x", stage, e.Hash, e.Partition, c.Append(nil, e))
}

// TestAFrozenStateIsThatOfItsMoment: V1 is frozen between two batches and continues, while
// goroutines read what was frozen: at once or later, in parts, again, or not at all.
func TestAFrozenStateIsThatOfItsMoment(t *testing.T) {
	scripts := maps.Clone(shortStates)
	for name, s := range states {
		scripts[name] = strings.TrimPrefix(s.script, wideTrades)
	}
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Compile(wideTrades+scripts[name], plan.BuildOptions{DefaultTopic: "OUT"})
			if err != nil {
				t.Fatal(err)
			}
			codecs, err := exec.Codecs(p)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) { checkFrozen(t, p, codecs, dropsKeys[name]) })
		})
	}
}

func checkFrozen(t *rapid.T, p *plan.Plan, codecs []state.Codec, drops bool) {
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var topics, lines []string
	for _, src := range p.Sources {
		topics = append(topics, src.Topic)
	}
	now := int64(10_000)
	symbols := rapid.SampledFrom([]int{2, 8, 30}).Draw(t, "symbols")
	for range rapid.IntRange(1, 120).Draw(t, "records") {
		lines = append(lines, drawnRecord(t, topics, &now, symbols))
	}
	if drops && rapid.IntRange(0, 19).Draw(t, "many") == 0 {
		for i := range 1300 {
			lines = append(lines, fmt.Sprintf(`trades %d {"symbol":"S%d","quantity":1}`, now, i))
		}
		now += 20_000
		for range 40 {
			lines = append(lines, drawnRecord(t, topics, &now, symbols))
		}
	}
	text, err := processortest.Lines(strings.Join(lines, "\n"))
	fail(err)
	batches, err := processortest.ReadBatches(p, text, rapid.SampledFrom([]int{5, 20, 200}).Draw(t, "batch"), rapid.Bool().Draw(t, "flush"))
	fail(err)
	v1, err := pipeline.New(p, processors.Options{})
	fail(err)
	later := make(chan struct{})
	atOnce := make(chan struct{})
	close(atOnce)
	var readers sync.WaitGroup
	wrong := make(chan string, 3*len(batches))
	freezes := rapid.IntRange(1, 4).Draw(t, "freezes")
	for i, b := range batches {
		for rapid.IntRange(0, len(batches)-1).Draw(t, "freeze") < freezes && len(wrong) == 0 {
			r := &stateReader{codecs: codecs, after: rapid.IntRange(0, 20).Draw(t, "after"), leaves: rapid.Bool().Draw(t, "leaves")}
			snapshot, err := v1.Snapshot()
			fail(err)
			for i, entries := range snapshot.Queries {
				for _, e := range entries {
					r.want = append(r.want, formOf(i, codecs[i], e))
				}
			}
			slices.Sort(r.want)
			r.frozen, err = v1.Freeze()
			fail(err)
			if r.wait = atOnce; rapid.Bool().Draw(t, "later") {
				r.wait = later
			}
			if rapid.IntRange(0, 3).Draw(t, "reads") == 0 {
				break
			}
			readers.Go(func() {
				for range 2 {
					if got := r.read(); !slices.Equal(got, r.want) {
						wrong <- fmt.Sprintf("frozen before batch %d:\n%q\nwant\n%q", i, got, r.want)
						return
					}
				}
			})
			break
		}
		if rapid.IntRange(0, 19).Draw(t, "restore") == 0 {
			snapshot, err := v1.Snapshot()
			fail(err)
			fail(v1.Restore(snapshot))
		}
		o, err := v1.Process(t.Context(), b)
		fail(err)
		o.Release()
	}
	close(later)
	readers.Wait()
	close(wrong)
	for text := range wrong {
		t.Fatal(text)
	}
}
