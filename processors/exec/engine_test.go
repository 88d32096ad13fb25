package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/exec"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

const trades = `CREATE STREAM trades (symbol STRING, quantity INT) WITH (kafka_topic='trades', value_format='JSON');`

// show writes a result's rows as "position.phase cause: window key = values".
func show(changes []row.Change) []string {
	lines := []string{}
	for i := range changes {
		c := &changes[i]
		values := fmt.Sprint(c.Values)
		if c.Deleted() {
			values = fmt.Sprintf("deleted in step %d", c.Step)
		}
		lines = append(lines, fmt.Sprintf("%d.%d cause %d: %d %v = %s at %d", c.Position, c.Phase, c.Cause, c.WindowStart, c.Key, values, c.Timestamp))
	}
	return lines
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  got  %s\n  want %s", what, strings.Join(got, "\n       "), strings.Join(want, "\n       "))
	}
}

// lines writes short records as "records in".
func lines(t *testing.T, short ...string) string {
	t.Helper()
	text, err := processortest.Lines(strings.Join(short, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestWindowsCloseAtTheSamePositionWhoeverOwnsTheRecords(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY symbol EMIT FINAL;`)
	b := read(t, p, lines(t,
		`100 {"symbol":"A"}`,
		`200 {"symbol":"B"}`,
		`1999 {"symbol":"A"}`, // the first window still has grace
		`2000 no record`,      // undecodable: it moves nothing
		`2000 {"symbol":"C"}`, // closes [0, 1000)
		`9000 {"symbol":"C"}`, // closes the rest
	), 10, false)[0]

	share := func(mine ...int32) *exec.Result {
		out := &exec.Result{Dispositions: make([]row.Disposition, b.Len())}
		engine(t, p, exec.Options{}).Run(b, mine, nil, out)
		return out
	}
	of := func(e *exec.Result) []string { return show(e.Changes) }
	expect(t, "A's share", of(share(0, 2)), "4.0 cause 4: 0 [A] = [A 1] at 100", "5.0 cause 5: 1000 [A] = [A 1] at 1999")
	expect(t, "B's share", of(share(1)), "4.0 cause 4: 0 [B] = [B 1] at 200")
	expect(t, "C's share", of(share(4, 5)), "5.0 cause 5: 2000 [C] = [C 1] at 2000")
	expect(t, "nobody's share", of(share()))
	expect(t, "everybody's", of(run(t, p, exec.Options{}, b)),
		"4.0 cause 4: 0 [A] = [A 1] at 100", "4.0 cause 4: 0 [B] = [B 1] at 200",
		"5.0 cause 5: 1000 [A] = [A 1] at 1999", "5.0 cause 5: 2000 [C] = [C 1] at 2000")

	if got := share(0, 2).Dispositions; !slices.Equal(got, []row.Disposition{row.StateOnly, 0, row.StateOnly, 0, 0, 0}) {
		t.Errorf("an engine wrote the dispositions of records that are not its own: %v", got)
	}
}

func TestAnEngineWithoutRecordsInABatchClosesItsWindowsInIt(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol EMIT FINAL;`)
	batches := read(t, p, lines(t, `100 {"symbol":"A"}`, `5000 {"symbol":"B"}`, `5001 {"symbol":"B"}`), 1, true)
	e := engine(t, p, exec.Options{})
	for i, want := range [][]string{{}, {"1.0 cause 0: 0 [A] = [A 1] at 100"}, {}, {}} {
		out := &exec.Result{Dispositions: make([]row.Disposition, batches[i].Len())}
		if i == 0 {
			e.Run(batches[i], []int32{0}, nil, out)
		} else {
			e.Run(batches[i], nil, nil, out)
		}
		expect(t, fmt.Sprintf("batch %d", i), show(out.Changes), want...)
	}
	if e.Keys() != 0 {
		t.Errorf("%d groups are left after the flush", e.Keys())
	}
}

func TestTheFlushClosesEverythingAtThePositionAfterTheLast(t *testing.T) {
	script := map[string][]string{
		`SELECT symbol, SUM(quantity) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 9 DAYS) GROUP BY symbol EMIT FINAL;`: {
			"3.0 cause -1: 0 [A] = [A 1] at 100", "3.0 cause -1: 0 [B] = [B 2] at 200", "3.0 cause -1: 1000 [A] = [A 4] at 1100",
		},
		`SELECT symbol, SUM(quantity) AS n FROM trades GROUP BY symbol EMIT FINAL;`: {
			"3.0 cause -1: 0 [A] = [A 5] at 1100", "3.0 cause -1: 0 [B] = [B 2] at 200",
		},
		`SELECT SUM(quantity) AS n FROM trades EMIT FINAL;`: {"3.0 cause -1: 0 [] = [7] at 1100"},
	}
	for query, want := range script {
		p := compile(t, trades+query)
		batches := read(t, p, lines(t, `200 {"symbol":"B","quantity":2}`, `100 {"symbol":"A","quantity":1}`, `1100 {"symbol":"A","quantity":4}`), 2, true)
		expect(t, query, show(run(t, p, exec.Options{}, batches...).Changes), want...)
	}
}

func TestARecordThatIsRefusedChangesNothing(t *testing.T) {
	input := []string{
		`100 {"symbol":"A","quantity":5}`,
		`200 {"symbol":"A","quantity":0}`, // 10 / 0
		`300 {"symbol":"A","quantity":2}`,
	}
	for _, query := range []string{
		`SELECT symbol, COUNT(*) AS n, SUM(10 / quantity) AS s FROM trades GROUP BY symbol;`,
		`SELECT symbol, COUNT(*) AS n, SUM(10 / quantity) AS s FROM trades WHERE 10 / quantity > 0 GROUP BY symbol;`,
	} {
		p := compile(t, trades+query)
		out := run(t, p, exec.Options{ErrorsToDeadLetter: true}, read(t, p, lines(t, input...), 10, false)...)
		expect(t, query, show(out.Changes), "0.1 cause 0: 0 [A] = [A 1 2] at 100", "2.1 cause 2: 0 [A] = [A 2 7] at 300")
		if !slices.Equal(out.Dispositions, []row.Disposition{row.Output, row.Failed, row.Output}) {
			t.Errorf("%s: dispositions are %v", query, out.Dispositions)
		}
		if want := []row.DeadLetter{{Record: 1, Reason: "division by zero"}}; !slices.Equal(out.DeadLetters, want) {
			t.Errorf("%s: dead letters are %v, want %v", query, out.DeadLetters, want)
		}
		if out.ExpressionErrors != 1 {
			t.Errorf("%s: %d errors were counted", query, out.ExpressionErrors)
		}
	}
}

func TestAProjectionThatIsRefusedCountsOneError(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, 1 / quantity AS a, 1 % quantity AS b FROM trades;`)
	out := run(t, p, exec.Options{ErrorsToDeadLetter: true}, read(t, p, lines(t, `100 {"symbol":"A","quantity":0}`), 10, false)...)
	expect(t, "rows", show(out.Changes))
	if out.ExpressionErrors != 1 || len(out.DeadLetters) != 1 || out.Dispositions[0] != row.Failed {
		t.Errorf("errors %d, dead letters %v, disposition %s", out.ExpressionErrors, out.DeadLetters, out.Dispositions[0])
	}
}

func TestEachColumnThatFailsCountsOnce(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, 1 / quantity AS a, 1 % quantity AS b, quantity AS c FROM trades WHERE 1 / quantity = 1 OR symbol = 'B';`)
	out := run(t, p, exec.Options{}, read(t, p, lines(t, `100 {"symbol":"A","quantity":0}`), 10, false)...)
	expect(t, "an error in WHERE is not true", show(out.Changes))
	if out.ExpressionErrors != 1 || len(out.DeadLetters) != 0 || out.Dispositions[0] != row.Filtered {
		t.Errorf("errors %d, dead letters %v, disposition %s", out.ExpressionErrors, out.DeadLetters, out.Dispositions[0])
	}

	p = compile(t, trades+`SELECT symbol, 1 / quantity AS a, 1 % quantity AS b, quantity AS c FROM trades;`)
	out = run(t, p, exec.Options{}, read(t, p, lines(t, `100 {"symbol":"A","quantity":0}`), 10, false)...)
	expect(t, "two columns failed", show(out.Changes), "0.1 cause 0: 0 [] = [A NULL NULL 0] at 100")
	if out.ExpressionErrors != 2 {
		t.Errorf("%d errors were counted, want 2", out.ExpressionErrors)
	}
}

func TestHavingThatStopsHoldingTakesTheRowBackOnceWithTheGroupsTime(t *testing.T) {
	input := []string{
		`200 {"symbol":"B","quantity":6}`,
		`900 {"symbol":"A","quantity":9}`,
		`300 {"symbol":"A","quantity":-8}`, // B stands after the row that is taken back
		`400 {"symbol":"A","quantity":-1}`,
		`500 {"symbol":"C","quantity":1}`,
	}
	p := compile(t, trades+`SELECT symbol, SUM(quantity) AS s FROM trades GROUP BY symbol HAVING SUM(quantity) > 5;`)
	out := run(t, p, exec.Options{}, read(t, p, lines(t, input...), 10, false)...)
	expect(t, "a group at a time", show(out.Changes),
		"0.1 cause 0: 0 [B] = [B 6] at 200", "1.1 cause 1: 0 [A] = [A 9] at 900", "2.1 cause 2: 0 [A] = deleted in step 0 at 900")
	if !slices.Equal(out.Dispositions, []row.Disposition{row.Output, row.Output, row.Output, row.StateOnly, row.StateOnly}) {
		t.Errorf("dispositions are %v", out.Dispositions)
	}

	p = compile(t, trades+`CREATE TABLE o WITH (emit_scope='window') AS SELECT symbol, SUM(quantity) AS s FROM trades
		WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY symbol HAVING SUM(quantity) > 5;`)
	out = run(t, p, exec.Options{}, read(t, p, lines(t, input...), 10, false)...)
	expect(t, "all groups of the window", show(out.Changes),
		"0.1 cause 0: 0 [B] = [B 6] at 200",
		"1.1 cause 1: 0 [A] = [A 9] at 900", "1.1 cause 1: 0 [B] = [B 6] at 200",
		"2.1 cause 2: 0 [A] = deleted in step 0 at 900", "2.1 cause 2: 0 [B] = [B 6] at 200",
		"3.1 cause 3: 0 [B] = [B 6] at 200", "4.1 cause 4: 0 [B] = [B 6] at 200")
}

func TestALateRecordIsCountedAndMayBeADeadLetter(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY symbol;`)
	batches := read(t, p, lines(t,
		`p0 100 {"symbol":"A"}`,
		`p0 1999 {"symbol":"A"}`,
		`p0 999 {"symbol":"A"}`, // 1000 + 1000 > 1999
		`p0 2000 {"symbol":"A"}`,
		`p0 999 {"symbol":"A"}`, // 1000 + 1000 = 2000: late
	), 10, false)
	for _, dlq := range []bool{false, true} {
		out := run(t, p, exec.Options{LateToDeadLetter: dlq}, batches...)
		expect(t, "rows", show(out.Changes), "0.1 cause 0: 0 [A] = [A 1] at 100", "1.1 cause 1: 1000 [A] = [A 1] at 1999",
			"2.1 cause 2: 0 [A] = [A 2] at 999", "3.1 cause 3: 2000 [A] = [A 1] at 2000")
		if out.Late != 1 || out.ClosedWindows != 1 || out.Dispositions[4] != row.Late {
			t.Errorf("late %d, closed %d, disposition %s", out.Late, out.ClosedWindows, out.Dispositions[4])
		}
		if got := len(out.DeadLetters); got == 1 != dlq || dlq && out.DeadLetters[0].Record != 4 {
			t.Errorf("late: dlq is %v: dead letters are %v", dlq, out.DeadLetters)
		}
	}
}

// queries are of every shape that an engine runs.
var queries = []string{
	`SELECT symbol, quantity * 2 AS q FROM trades WHERE quantity <> 3;`,
	`SELECT symbol, COUNT(*) AS n, SUM(10 / quantity) AS s, MIN(quantity) AS low FROM trades GROUP BY symbol;`,
	`SELECT symbol, SUM(quantity) AS s FROM trades GROUP BY symbol HAVING SUM(quantity) > 10;`,
	`SELECT symbol, SUM(quantity) AS s FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 2 SECONDS) GROUP BY symbol;`,
	`SELECT symbol, AVG(quantity) AS s FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol EMIT FINAL;`,
	`CREATE TABLE o WITH (emit_scope='window') AS SELECT symbol, SUM(quantity) AS s FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol HAVING SUM(quantity) > 2;`,
	`SELECT MAX(quantity) AS most FROM trades;`,
}

// randomLines draws records of few symbols that come out of order, some NULL,
// null or not decodable.
func randomLines(t *rapid.T) []string {
	now := int64(0)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		now += rapid.Int64Range(0, 700).Draw(t, "step")
		at := max(0, now-rapid.Int64Range(0, 2500).Draw(t, "delay"))
		value := fmt.Sprintf(`{"symbol":"%s","quantity":%d}`, rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "symbol"), rapid.IntRange(-2, 6).Draw(t, "quantity"))
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			value = "null"
		case 1:
			value = "{broken"
		case 2:
			value = `{"quantity":1}`
		}
		return fmt.Sprintf("%d %s", at, value)
	}), 1, 40).Draw(t, "records")
}

func TestACutAnywhereChangesNothing(t *testing.T) {
	for _, query := range queries {
		t.Run(query, func(t *testing.T) {
			p := compile(t, trades+query)
			rapid.Check(t, func(rt *rapid.T) {
				input := lines(t, randomLines(rt)...)
				size := rapid.IntRange(1, 40).Draw(rt, "size")
				opt := exec.Options{ErrorsToDeadLetter: rapid.Bool().Draw(rt, "on_error: dlq"), LateToDeadLetter: true}
				want := run(t, p, opt, read(t, p, input, 100, true)...)
				got := run(t, p, opt, read(t, p, input, size, true)...)
				if !slices.Equal(show(got.Changes), show(want.Changes)) || !slices.Equal(got.Dispositions, want.Dispositions) ||
					!slices.Equal(got.DeadLetters, want.DeadLetters) ||
					got.ExpressionErrors != want.ExpressionErrors || got.Late != want.Late || got.ClosedWindows != want.ClosedWindows {
					rt.Fatalf("in batches of %d:\n%+v\nin one:\n%+v", size, got, want)
				}
				if !slices.IsSortedFunc(want.Changes, func(a, b row.Change) int { return row.CompareOrder(&a, &b) }) {
					rt.Fatalf("not in order: %q", show(want.Changes))
				}
			})
		})
	}
}
