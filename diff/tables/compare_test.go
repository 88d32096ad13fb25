package tables_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/diff"
	"parallax/diff/tables"
)

// memory is a source of records in memory, with some offsets that have none.
type memory struct {
	topic   string
	records []tables.Record
	holes   int64
}

func (m *memory) Name() string   { return m.topic }
func (m *memory) Topic() string  { return m.topic }
func (m *memory) Offsets() int64 { return int64(len(m.records)) + m.holes }

func (m *memory) Read(ctx context.Context, visit func(*tables.Record) error) error {
	for i := range m.records {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := m.records[i]
		r.Offset = int64(i)
		if err := visit(&r); err != nil {
			return err
		}
	}
	return nil
}

// side makes a source of records: a key, a tab, and a value each; - is none.
func side(topic string, lines ...string) *memory {
	m := &memory{topic: topic}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "\t")
		var r tables.Record
		if key != "-" {
			r.Key = []byte(key)
		}
		if value != "-" {
			r.Value = []byte(value)
		}
		m.records = append(m.records, r)
	}
	return m
}

// big is a number of 8 bytes, as in keys.
func big(n int64) string { return string(binary.BigEndian.AppendUint64(nil, uint64(n))) }

func compare(t testing.TB, left, right *memory, opt tables.Options) *tables.Result {
	t.Helper()
	if opt.Memory == 0 {
		opt.Memory = 64 << 20
	}
	r, err := tables.Compare(t.Context(), left, right, opt)
	if err != nil {
		t.Fatal(err)
	}
	checkLedger(t, r, left, right)
	return r
}

// checkLedger checks that every offset is in one bucket.
func checkLedger(t interface{ Errorf(string, ...any) }, r *tables.Result, sides ...*memory) {
	for side, m := range sides {
		if got := r.Ledger[side].Offsets(); got != m.Offsets() {
			t.Errorf("the ledger of %s has %d offsets, and there are %d: %+v", m.topic, got, m.Offsets(), r.Ledger[side])
		}
	}
}

// Keys and windows can be written in several ways. Equal rows are found equal in each of them.
func TestKeysAndWindowsAreFoundWhereTheyAre(t *testing.T) {
	const minute = 60_000
	start := int64(1_700_000_040_000)
	stamp := "2023-11-14T22:14:00Z"
	next := "2023-11-14 22:15:00"
	for _, c := range []struct {
		name        string
		left, right *memory
		opt         tables.Options
		mapping     [2]string
	}{
		{
			"text, and JSON object", side("l", "A\t{\"N\":1}", "B\t{\"N\":2}"), side("r", "{\"SYMBOL\":\"B\"}\t{\"n\":2}", "{\"SYMBOL\":\"A\"}\t{\"n\":1}"),
			tables.Options{Key: []string{"symbol"}},
			[2]string{"symbol from the record's key (string)", "symbol from field SYMBOL of the record's key (json)"},
		},
		{
			"text, and a column of the value", side("l", "A\t{\"N\":1}"), side("r", "-\t{\"symbol\":\"A\",\"n\":1}"),
			tables.Options{Key: []string{"symbol"}},
			[2]string{"symbol from the record's key (string)", "symbol from the value's column symbol"},
		},
		{
			"a key that is also a column, and one that is another", side("l", "A\t{\"symbol\":\"A\",\"N\":1}"), side("r", "row-7\t{\"symbol\":\"A\",\"n\":1}"),
			tables.Options{Key: []string{"symbol"}},
			[2]string{"symbol from the record's key (string)", "symbol from the value's column symbol"},
		},
		{
			"BIGINT, and a JSON number", side("l", big(70_000_000_001)+"\t{\"n\":1}"), side("r", "70000000001\t{\"n\":1}"),
			tables.Options{Key: []string{"id"}},
			[2]string{"id from the record's key (bigint)", "id from the record's key (string)"},
		},
		{
			"without --key, the record's keys", side("l", "\"A\"\t{\"n\":1}"), side("r", "A\t{\"n\":1}"),
			tables.Options{},
			[2]string{"key from the record's key (json)", "key from the record's key (string)"},
		},
		{
			"two columns, and their values in two places", side("l", "{\"a\":1,\"b\":\"x\"}\t{\"n\":1}"), side("r", "{\"A\":1.0}\t{\"B\":\"x\",\"n\":1}"),
			tables.Options{Key: []string{"a", "b"}},
			[2]string{"a from field a of the record's key (json), b from field b of the record's key (json)", "a from field A of the record's key (json), b from the value's column B"},
		},
		{
			"a windowed key of Kafka Streams, and columns",
			side("l", "A"+big(start)+"\t{\"n\":1}", "A"+big(start+minute)+"\t{\"n\":2}"),
			side("r", fmt.Sprintf("A\t{\"window_start\":%q,\"n\":1}", stamp), fmt.Sprintf("A\t{\"window_start\":%q,\"n\":2}", next)),
			tables.Options{Key: []string{"symbol"}, WindowStart: "window_start"},
			[2]string{"symbol from the record's key (windowed-string), window from the record's key", "symbol from the record's key (string), window start from the value's column window_start"},
		},
		{
			"sessions of Kafka Streams",
			side("l", "A"+big(start+5)+big(start)+"\t{\"n\":1}"), side("r", "\"A\""+big(start+5)+big(start)+"\t{\"n\":1}"),
			tables.Options{},
			[2]string{"key from the record's key (session-string), window from the record's key", "key from the record's key (session-json), window from the record's key"},
		},
		{
			"a session, and two columns",
			side("l", "A"+big(start+5)+big(start)+"\t{\"n\":1}"), side("r", fmt.Sprintf("A\t{\"ws\":%d,\"we\":%d,\"n\":1}", start, start+5)),
			tables.Options{Key: []string{"k"}, WindowStart: "ws", WindowEnd: "we"},
			[2]string{"k from the record's key (session-string), window from the record's key", "k from the record's key (string), window start from the value's column ws, window end from the value's column we"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compare(t, c.left, c.right, c.opt)
			for side, want := range c.mapping {
				if got := r.Probe.Mapping[side].String(); got != want {
					t.Errorf("mapping %q, want %q", got, want)
				}
			}
			if !r.Holds(diff.E6) || r.Paired != int64(len(c.left.records)) || r.Share() != 1 {
				t.Errorf("E6 does not hold: %d paired, %d differ, alone %v, %v", r.Paired, r.Differing, r.Alone, r.Undecodable)
			}
			// The same mapping finds a row that differs, and one that is missing.
			last := len(c.right.records) - 1
			value := c.right.records[last].Value
			c.right.records[last].Value = []byte(strings.Replace(string(value), `"n":`, `"n":9`, 1))
			if r := compare(t, c.left, c.right, c.opt); r.Differing != 1 || r.Holds(diff.E6) || r.Found.ByClass[diff.ValueClass] != 1 {
				t.Errorf("%d differ: %v", r.Differing, r.Found.ByClass)
			}
		})
	}
}

func TestATableIsItsLastRows(t *testing.T) {
	for _, c := range []struct {
		name        string
		left, right []string
		equal       bool
		paired      int64
		alone       [2]int64
		classes     string
	}{
		{"more updates on one side", []string{"a\t{\"n\":1}", "a\t{\"n\":2}", "a\t{\"n\":3}"}, []string{"a\t{\"n\":3}"}, true, 1, [2]int64{}, "map[]"},
		{"another last row", []string{"a\t{\"n\":1}"}, []string{"a\t{\"n\":1}", "a\t{\"n\":2}"}, false, 1, [2]int64{}, "map[value:1]"},
		{"a deletion is the same as no row", []string{"a\t{\"n\":1}", "b\t{\"n\":1}", "b\t-"}, []string{"a\t{\"n\":1}"}, true, 1, [2]int64{}, "map[]"},
		{"a deletion of what is not there", []string{"a\t{\"n\":1}"}, []string{"c\t-", "a\t{\"n\":1}"}, true, 1, [2]int64{}, "map[]"},
		{"a deletion on one side", []string{"a\t{\"n\":1}", "b\t{\"n\":1}"}, []string{"a\t{\"n\":1}", "b\t{\"n\":1}", "b\t-"}, false, 1, [2]int64{1, 0}, "map[tombstone:1]"},
		{"a row on one side each", []string{"a\t{\"n\":1}", "b\t{\"n\":1}"}, []string{"a\t{\"n\":1}", "c\t{\"m\":2}"}, false, 1, [2]int64{1, 1}, "map[extra:1 missing:1]"},
		{"the spelling of numbers", []string{"a\t{\"n\":1.0,\"m\":[1e3]}"}, []string{"a\t{\"m\":[1000],\"n\":1}"}, true, 1, [2]int64{}, "map[]"},
		{"a text is no number", []string{"a\t{\"n\":1}"}, []string{"a\t{\"n\":\"1\"}"}, false, 1, [2]int64{}, "map[value:1]"},
		{"the order in an array", []string{"a\t{\"n\":[1,2]}"}, []string{"a\t{\"n\":[2,1]}"}, false, 1, [2]int64{}, "map[value:1]"},
		{"a column on one side", []string{"a\t{\"n\":1}"}, []string{"a\t{\"n\":1,\"m\":null}"}, false, 1, [2]int64{}, "map[schema:1]"},
		{"NULL is not absent inside", []string{"a\t{\"n\":{\"m\":null}}"}, []string{"a\t{\"n\":{}}"}, false, 1, [2]int64{}, "map[value:1]"},
		{"a column in another case", []string{"a\t{\"N\":1}"}, []string{"a\t{\"n\":1}"}, true, 1, [2]int64{}, "map[]"},
		{"values that are no objects", []string{"a\t[1,2.0]"}, []string{"a\t[1,2]"}, true, 1, [2]int64{}, "map[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := compare(t, side("l", c.left...), side("r", c.right...), tables.Options{})
			classes := fmt.Sprint(r.Found.ByClass)
			if r.Holds(diff.E6) != c.equal || r.Paired != c.paired || r.Alone != c.alone || classes != c.classes {
				t.Errorf("equal %v, %d paired, alone %v, %s", r.Holds(diff.E6), r.Paired, r.Alone, classes)
			}
			if r.Holds(diff.E5) || r.Holds(diff.E4) || r.Holds(diff.Ze) {
				t.Error("a table without windows shows E6 and nothing else")
			}
		})
	}
}

func TestSpellingIsCountedAndIsNoDifference(t *testing.T) {
	r := compare(t, side("l", "a\t{\"n\":1.0}", "b\t{\"n\":2}", "c\t{\"n\":1e2}"), side("r", "a\t{\"n\":1}", "b\t{\"n\":2}", "c\t{\"n\":1e2}"), tables.Options{})
	if !r.Holds(diff.E6) || r.Spelled != 1 || r.Equal != 3 {
		t.Errorf("%d equal, %d of them spelled differently", r.Equal, r.Spelled)
	}
}

// E5 is about windows that both sides have left behind.
func TestClosedWindowsAreComparedByThemselves(t *testing.T) {
	row := func(key string, start int64, n int) string {
		return fmt.Sprintf("%s%s\t{\"n\":%d}", key, big(start), n)
	}
	left := side("l", row("a", 0, 1), row("a", 60_000, 2), row("a", 120_000, 3))
	right := side("r", row("a", 0, 1), row("a", 60_000, 2), row("a", 120_000, 4))
	opt := tables.Options{}
	if r := compare(t, left, right, opt); !r.Holds(diff.E5) || r.Holds(diff.E6) || r.Closed != 2 || r.LevelHeld() != diff.E5 {
		t.Errorf("%s: %d closed, %d of them differ", r.LevelHeld(), r.Closed, r.ClosedDiffering)
	}
	opt.WindowSize = 90_000 * 1e6 // hopping windows of 90 s: the second one is still open
	if r := compare(t, left, right, opt); r.Closed != 1 {
		t.Errorf("%d closed", r.Closed)
	}
	right.records[1] = side("", row("a", 60_000, 9)).records[0]
	if r := compare(t, left, right, tables.Options{}); r.Holds(diff.E5) || r.ClosedDiffering != 1 || r.Differing != 2 {
		t.Errorf("%d closed windows differ, of %d", r.ClosedDiffering, r.Differing)
	}
	if r := compare(t, side("l", row("a", 0, 1)), side("r", row("a", 0, 1)), tables.Options{}); r.Holds(diff.E5) || !r.Holds(diff.E6) {
		t.Error("no window has closed, so E5 does not hold")
	}
}

// The key of a deletion may stand only in values: then its key bytes must have been seen.
func TestADeletionIsDecodedByTheKeyBytesOfItsRow(t *testing.T) {
	left := side("l", "a\t{\"n\":1}", "b\t{\"n\":1}")
	right := side("r", "row-1\t{\"k\":\"a\",\"n\":1}", "row-2\t{\"k\":\"b\",\"n\":1}", "row-3\t{\"k\":\"c\",\"n\":1}", "row-3\t-", "row-4\t-")
	r := compare(t, left, right, tables.Options{Key: []string{"k"}})
	if !r.Holds(diff.E6) || r.Ledger[1].Undecodable != 1 || len(r.Undecodable[1]) != 1 || !strings.Contains(r.Undecodable[1][0], "0@4: it deletes a row whose key is in values") {
		t.Errorf("%v, %+v", r.Undecodable, r.Ledger[1])
	}
}

func TestRecordsWithoutARowAreUndecodable(t *testing.T) {
	left := side("l", "a\t{\"n\":1}", "b\t{\"n\":1")
	right := side("r", "a\t{\"n\":1}")
	right.records = append(right.records, tables.Record{Key: []byte("b"), Value: []byte("{\"n\":\"\xff\"}")})
	r := compare(t, left, right, tables.Options{})
	if r.Ledger[0].Undecodable != 1 || r.Ledger[1].Undecodable != 1 || !r.Holds(diff.E6) {
		t.Errorf("%+v", r.Ledger)
	}
}

func TestSidesThatDoNotFitAreRefused(t *testing.T) {
	window := side("l", "a"+big(0)+"\t{\"n\":1}")
	plain := side("r", "a\t{\"n\":1,\"at\":0}")
	for _, c := range []struct {
		left, right *memory
		opt         tables.Options
		want        string
	}{
		{window, plain, tables.Options{}, "the left side has windows (key from the record's key (windowed-string), window from the record's key) and the right side none: name the column that has their start there with --window-start"},
		{plain, plain, tables.Options{Key: []string{"symbol", "n"}}, "left (r) has no column symbol: its keys are string, with the fields (none); its values have the columns at, n"},
		{side("l", "{\"a\":1,\"b\":2}\t{\"n\":1}"), plain, tables.Options{}, "the keys do not fit each other: left has a from field a of the record's key (json), b from field b of the record's key (json); right has key from the record's key (string); name the columns of the key with --key"},
		{plain, plain, tables.Options{Rules: []diff.Rule{{Column: "m", Ignore: true}}}, "rule 1: no output has m"},
	} {
		c.opt.Memory = 1 << 20
		if _, err := tables.Compare(t.Context(), c.left, c.right, c.opt); err == nil || err.Error() != c.want {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
}

// Keys that mean something else are no missing rows.
func TestSidesWhoseKeysDoNotPairAreNotCompared(t *testing.T) {
	left, right := &memory{topic: "l"}, &memory{topic: "r"}
	for i := range 300 {
		left.records = append(left.records, side("", fmt.Sprintf("a%d\t{\"n\":1}", i)).records...)
		right.records = append(right.records, side("", fmt.Sprintf("b%d\t{\"n\":1}", i)).records...)
	}
	r := compare(t, left, right, tables.Options{})
	if r.Pairs() || r.Found.Root != 0 || r.LevelHeld() != diff.None || r.Alone != [2]int64{300, 300} {
		t.Errorf("pairs %v, %d roots, alone %v", r.Pairs(), r.Found.Root, r.Alone)
	}
	right.records = append(right.records, side("", "a7\t{\"n\":1}", "a8\t{\"n\":1}", "a9\t{\"n\":1}", "a10\t{\"n\":1}").records...)
	if r := compare(t, left, right, tables.Options{}); !r.Pairs() || r.Found.Root == 0 {
		t.Errorf("%v pair, and %d roots", r.Share(), r.Found.Root)
	}
	empty := compare(t, left, &memory{topic: "r", holes: 3}, tables.Options{})
	if !empty.IsEmpty() || empty.LevelHeld() != diff.None {
		t.Error("the right side is empty")
	}
}

func TestRowsWithoutAKeyAreComparedInAnyOrder(t *testing.T) {
	left := side("l", "-\t{\"a\":1}", "-\t{\"a\":2}", "-\t{\"a\":1.0}")
	right := side("r", "-\t{\"a\":1}", "-\t{\"a\":1}", "-\t{\"a\":2}")
	if r := compare(t, left, right, tables.Options{}); !r.Holds(diff.Ze) || r.Holds(diff.E6) || r.LevelHeld() != diff.Ze {
		t.Errorf("%s", r.LevelHeld())
	}
	right.records[2].Value = []byte(`{"a":1}`)
	r := compare(t, left, right, tables.Options{})
	if r.Holds(diff.Ze) || r.Alone != [2]int64{1, 1} || r.Ledger[0].Matched != 2 {
		t.Errorf("%s, alone %v, %+v", r.LevelHeld(), r.Alone, r.Ledger)
	}
}

func TestRulesApplyToTables(t *testing.T) {
	rule := func(column string, change func(*diff.Rule)) diff.Rule {
		r := diff.Rule{Column: column, Owner: "us", Reason: "other engine", Expires: "2100-01-01", MaxRate: 1}
		change(&r)
		return r
	}
	left := side("l", "a\t{\"n\":1,\"meta\":{\"at\":\"x\"}}", "b\t{\"n\":1,\"meta\":{\"at\":\"x\"}}", "c\t{\"n\":1,\"meta\":{\"at\":\"x\"}}")
	right := side("r", "a\t{\"n\":1,\"meta\":{\"at\":\"X\"}}", "b\t{\"n\":1,\"meta\":{\"at\":\"y\"}}", "c\t{\"n\":1,\"meta\":{\"at\":\"x\"}}")
	opt := tables.Options{Rules: []diff.Rule{rule("META->at", func(r *diff.Rule) { r.IgnoreCase, r.Topic = true, "r" })}}
	r := compare(t, left, right, opt)
	if r.Tolerated != 1 || r.Differing != 1 || r.Equal != 1 || r.Found.Tolerated[0].Rows != 1 || r.Found.Tolerated[0].Of != 3 {
		t.Errorf("%d tolerated, %d differ, %d equal, %+v", r.Tolerated, r.Differing, r.Equal, r.Found.Tolerated)
	}
	i := slices.IndexFunc(r.Columns, func(c diff.ColumnCounts) bool { return c.Name == "meta" })
	if c := r.Columns[i]; c.Rows != 3 || c.Same != 1 || c.Tolerated != 1 || c.Differ != 1 {
		t.Errorf("%+v", c)
	}
	if ex := r.Found.Signatures[0].Example; ex.Place != "left l/0@1, right r/0@1" || ex.Columns[0].Name != "meta.at" {
		t.Errorf("%+v", ex)
	}
	opt = tables.Options{Overlap: true}
	right = side("r", "a\t{\"n\":1,\"extra\":1}", "b\t{\"n\":1,\"extra\":2}", "c\t{\"n\":1,\"extra\":2}")
	if r := compare(t, left, right, opt); !r.Holds(diff.E6) || fmt.Sprint(r.Probe.Only) != "[[meta] [extra]]" {
		t.Errorf("%s, only %v", r.LevelHeld(), r.Probe.Only)
	}
	right = side("r", "a\t{\"m\":1}", "b\t{\"m\":1}", "c\t{\"m\":1}")
	opt.Rename = map[string]string{"M": "N"}
	if r := compare(t, left, right, opt); !r.Holds(diff.E6) || fmt.Sprint(r.Probe.Only) != "[[meta] []]" {
		t.Errorf("%s, only %v", r.LevelHeld(), r.Probe.Only)
	}
}

func TestTimestampsAreComparedIfThatIsWanted(t *testing.T) {
	left, right := side("l", "a\t{\"n\":1}"), side("r", "a\t{\"n\":1}")
	right.records[0].Timestamp = 5
	if r := compare(t, left, right, tables.Options{}); !r.Holds(diff.E6) {
		t.Error("timestamps are compared")
	}
	if r := compare(t, left, right, tables.Options{Timestamps: true}); r.Holds(diff.E6) || r.Found.Signatures[0].Columns[0] != "timestamp" {
		t.Errorf("%+v", r.Found.Signatures)
	}
}

// Any two sides: every offset is in one bucket, and the counts are those of two maps.
func TestCountsAreThoseOfTwoMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sides [2]*memory
		var last [2]map[string]string
		for s := range sides {
			sides[s], last[s] = &memory{topic: "t", holes: rapid.Int64Range(0, 3).Draw(t, "holes")}, map[string]string{}
			for range rapid.IntRange(1, 40).Draw(t, "records") {
				key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}).Draw(t, "key")
				value := rapid.SampledFrom([]string{"-", `{"n":1}`, `{"n":2}`, `{"n":`}).Draw(t, "value")
				sides[s].records = append(sides[s].records, side("", key+"\t"+value).records...)
				switch value {
				case "-":
					delete(last[s], key)
				case `{"n":`:
				default:
					last[s][key] = value
				}
			}
		}
		r, err := tables.Compare(t.Context(), sides[0], sides[1], tables.Options{Memory: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		checkLedger(t, r, sides[0], sides[1])
		var equal, differ int64
		var alone [2]int64
		for s := range last {
			for key, value := range last[s] {
				switch other, ok := last[1-s][key]; {
				case !ok:
					alone[s]++
				case s == 1:
				case other == value:
					equal++
				default:
					differ++
				}
			}
		}
		if r.Alone != alone || r.Pairs() && (r.Equal != equal || r.Differing != differ) {
			t.Errorf("%d equal, %d differ, alone %v; want %d, %d, %v", r.Equal, r.Differing, r.Alone, equal, differ, alone)
		}
	})
}

// A small memory holds a sample of the keys: the same ones of both sides, each compared
// as if all were. Rows that differ are read again in several rounds.
func TestASmallMemoryHoldsASampleOfTheKeys(t *testing.T) {
	const keys = 30_000
	left, right := &memory{topic: "l"}, &memory{topic: "r"}
	for i := range keys {
		left.records = append(left.records, side("", fmt.Sprintf("key-%d\t{\"n\":%d}", i, i)).records...)
		right.records = append(right.records, side("", fmt.Sprintf("key-%d\t{\"n\":%d}", keys-1-i, (keys-1-i)*2)).records...)
	}
	all := compare(t, left, right, tables.Options{})
	if all.SampledOneOf != 1 || all.Differing != keys-1 || all.Equal != 1 || all.Found.Root != keys-1 {
		t.Errorf("%d equal, %d differ, %d roots", all.Equal, all.Differing, all.Found.Root)
	}
	r := compare(t, left, right, tables.Options{Memory: 1 << 20})
	if r.SampledOneOf < 2 || r.Identities[0] != r.Identities[1] || r.Paired != r.Identities[0] || r.Identities[0] < 1000 {
		t.Errorf("one of %d: %v, %d paired", r.SampledOneOf, r.Identities, r.Paired)
	}
	if r.Equal+r.Differing != r.Paired || r.Ledger[0].SampledOut != keys-r.Identities[0] || r.Found.Root != r.Differing {
		t.Errorf("%d equal, %d differ, %+v", r.Equal, r.Differing, r.Ledger[0])
	}
}
