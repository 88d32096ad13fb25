package exec_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestEqualStatesHaveEqualForms has two histories for each query, after which every result to
// come is the same.
func TestEqualStatesHaveEqualForms(t *testing.T) {
	for name, c := range map[string]struct {
		query      string
		stage      int
		one, other []string
	}{
		"a set of which values were removed and added again": {
			`CREATE TABLE c AS SELECT symbol, COUNT(*) AS n, COUNT(DISTINCT quantity) AS d FROM rates GROUP BY symbol;`, 1,
			[]string{
				`rates 1000 "k1" -> {"symbol":"A","quantity":1}`, `rates 1000 "k2" -> {"symbol":"A","quantity":2}`, `rates 1000 "k3" -> {"symbol":"A","quantity":3}`,
				`rates 1000 "k1" -> null`, `rates 1000 "k1" -> {"symbol":"A","quantity":1}`,
			},
			[]string{
				`rates 1000 "k3" -> {"symbol":"A","quantity":3}`, `rates 1000 "k1" -> {"symbol":"A","quantity":1}`, `rates 1000 "k2" -> {"symbol":"A","quantity":2}`,
			},
		},
		"a sum of values that have all left": {
			`CREATE TABLE c AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS s, COUNT(DISTINCT quantity) AS d FROM rates GROUP BY symbol;`, 1,
			[]string{`rates 1000 "k1" -> {"symbol":"A","quantity":5}`, `rates 1000 "k1" -> {"symbol":"A","quantity":null}`},
			[]string{`rates 1000 "k1" -> {"symbol":"A","quantity":null}`},
		},
		"values that are no longer in a frame": {
			`SELECT LAG(quantity) OVER (PARTITION BY symbol) AS a, MIN(price) OVER (PARTITION BY symbol ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS b, LAG(raw, 2) OVER (PARTITION BY symbol) AS c FROM trades;`, 0,
			[]string{
				`trades 1000 {"symbol":"A","quantity":5,"price":1,"raw":"AQ=="}`, `trades 1000 {"symbol":"A","quantity":6,"price":2,"raw":"Ag=="}`,
				`trades 1000 {"symbol":"A"}`, `trades 1000 {"symbol":"A","price":7}`, `trades 1000 {"symbol":"A","price":8}`, `trades 1000 {"symbol":"A"}`,
			},
			[]string{
				`trades 1000 {"symbol":"A"}`, `trades 1000 {"symbol":"A","quantity":4,"price":9}`, `trades 1000 {"symbol":"A","raw":"BA=="}`,
				`trades 1000 {"symbol":"A","price":9}`, `trades 1000 {"symbol":"A","price":8}`, `trades 1000 {"symbol":"A"}`,
			},
		},
		"values before the last ones": {
			`SELECT symbol, LATEST_BY_OFFSET(quantity, 2) AS l FROM trades GROUP BY symbol;`, 0,
			[]string{`trades 1000 {"symbol":"A","quantity":1}`, `trades 1000 {"symbol":"A","quantity":2}`, `trades 1000 {"symbol":"A","quantity":3}`},
			[]string{`trades 1000 {"symbol":"A","quantity":2}`, `trades 1000 {"symbol":"A","quantity":3}`},
		},
		"groups that came in another order": {
			`SELECT symbol, COLLECT_LIST(quantity) AS l, TOPKDISTINCT(quantity, 1) AS k FROM trades WHERE quantity > 0 GROUP BY symbol;`, 0,
			[]string{`trades 1000 {"symbol":"A","quantity":1}`, `trades 1000 {"symbol":"B","quantity":0}`, `trades 1000 {"symbol":"C","quantity":2}`},
			[]string{`trades 1000 {"symbol":"A","quantity":1}`, `trades 1000 {"symbol":"D","quantity":0}`, `trades 1000 {"symbol":"C","quantity":2}`},
		},
		"an aggregate that passed NULLs over": {
			`SELECT COUNT(*) AS n, LATEST_BY_OFFSET(quantity) AS l, TOPK(quantity, 2) AS k FROM trades;`, 0,
			[]string{`trades 1000 {"symbol":"A"}`},
			[]string{`trades 1000 {"symbol":"B","quantity":null}`},
		},
		"a key that had no rows for a while": {
			`SELECT t.symbol AS symbol FROM trades t JOIN quotes q WITHIN 1 SECOND GRACE PERIOD 0 SECONDS ON t.symbol = q.symbol;`, 0,
			[]string{`trades p0 1000 "x" -> {"symbol":"A"}`, `trades p0 100000 "x" -> {"symbol":"B"}`, `trades p1 100001 "x" -> {"symbol":"A"}`},
			[]string{`trades p0 1000 "x" -> {"symbol":"C"}`, `trades p0 100000 "x" -> {"symbol":"B"}`, `trades p1 100001 "x" -> {"symbol":"A"}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			one, other := formsOf(t, stateful{wideTrades + c.query, c.stage, c.one}), formsOf(t, stateful{wideTrades + c.query, c.stage, c.other})
			if !slices.Equal(one, other) {
				t.Errorf("the forms are\n%q\nand\n%q", one, other)
			}
		})
	}
}

// formsOf are the entries of a state with their home partitions, in order.
func formsOf(t *testing.T, s stateful) (list []string) {
	o := storedState(t, s)
	for i, form := range o.forms {
		list = append(list, fmt.Sprint(o.entries[i].Partition, " ", string(form)))
	}
	slices.Sort(list)
	return list
}

// TestAChangedFormIsRefusedOrAnotherState changes forms in one place, or two.
func TestAChangedFormIsRefusedOrAnotherState(t *testing.T) {
	for name, s := range states {
		t.Run(name, func(t *testing.T) {
			o := storedState(t, s)
			rapid.Check(t, func(t *rapid.T) {
				form := slices.Clone(rapid.SampledFrom(o.forms).Draw(t, "form"))
				for range rapid.IntRange(1, 2).Draw(t, "changes") {
					at := rapid.IntRange(0, len(form)-1).Draw(t, "at")
					one := rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{0, 1, 0x7f, 0x80, 0xff, form[at] + 1, form[at] - 1})).Draw(t, "byte")
					switch rapid.IntRange(0, 2).Draw(t, "change") {
					case 0:
						form[at] = one
					case 1:
						form = slices.Insert(form, at, one)
					default:
						form = append(slices.Delete(form, at, at+1), 0)
					}
				}
				o.readAnything(t, form)
			})
		})
	}
}
