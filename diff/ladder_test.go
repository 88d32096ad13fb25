package diff_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/diff"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// sink returns the sink of the table's rows.
func sink() *row.Sink {
	return &row.Sink{
		Topic: "out", Windowed: true, Grace: 1000,
		Key: []row.Column{{Name: "K", Type: row.Of(row.String)}}, Values: []row.Column{{Name: "V"}},
	}
}

// value reads a value of the table.
func value(t *testing.T, text string) row.Value {
	t.Helper()
	if s, ok := strings.CutPrefix(text, "'"); ok {
		return row.NewString(strings.TrimSuffix(s, "'"))
	}
	if f, ok := strings.CutSuffix(text, "d"); ok {
		if f == "-0" {
			return row.NewDouble(math.Copysign(0, -1))
		}
		if v, err := strconv.ParseFloat(f, 64); err == nil {
			return row.NewDouble(v)
		}
	}
	if text == "NULL" {
		return row.Value{}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return row.NewBigint(n)
	}
	if d, scale, ok := numeric.ParseDecimal(text); ok {
		return row.NewDecimal(d, scale)
	}
	return row.NewString(text)
}

// batches reads a side's rows: batches of changes.
func batches(t *testing.T, lines []string) [][]row.Change {
	t.Helper()
	out := [][]row.Change{{}}
	for _, line := range lines {
		if line == "--" {
			out = append(out, []row.Change{})
			continue
		}
		f := strings.Fields(line)
		if len(f) != 5 {
			t.Fatalf("not a row: %s", line)
		}
		cause, _ := strconv.Atoi(f[0])
		partition, _ := strconv.Atoi(f[1])
		timestamp, _ := strconv.ParseInt(f[4], 10, 64)
		c := row.Change{
			Position: int64(cause), Phase: 1, Step: 1, Cause: int32(cause), Partition: int32(partition),
			WindowEnd: 60_000, Key: []row.Value{row.NewString(f[2])}, Timestamp: timestamp,
		}
		if f[3] != "-" {
			c.Values = []row.Value{value(t, f[3])}
		}
		out[len(out)-1] = append(out[len(out)-1], c)
	}
	return out
}

// batch has as many records as the table's rows have causes.
func batch(seq int) *row.Batch {
	records := make([]row.Record, 8)
	for i := range records {
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "in"}, Offset: int64(i), Watermark: row.NoWatermark}
	}
	return row.NewBatch(int64(seq), 0, records, nil)
}

func outcome(b *row.Batch, changes []row.Change) *row.Outcome {
	return &row.Outcome{Batch: b, Changes: changes, Dispositions: make([]row.Disposition, b.Len()), Raw: int64(len(changes))}
}

func compare(v1, v2 [][]row.Change, level diff.Level) diff.Result {
	d := diff.New([]*row.Sink{sink()}, diff.Options{Require: level})
	for i := range max(len(v1), len(v2)) {
		b := batch(i)
		var one, two []row.Change
		if i < len(v1) {
			one = v1[i]
		}
		if i < len(v2) {
			two = v2[i]
		}
		d.Compare(outcome(b, one), outcome(b, two))
	}
	return d.Result()
}

func TestLadder(t *testing.T) {
	text, err := os.ReadFile("testdata/ladder.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split(string(text), "\n== ")[1:] {
		name, body, _ := strings.Cut(c, "\n")
		t.Run(name, func(t *testing.T) {
			want := map[string]string{}
			sides := map[string][]string{}
			for line := range strings.Lines(body) {
				key, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
				switch rest = strings.TrimSpace(rest); {
				case !ok:
				case key == "v1", key == "v2":
					sides[key] = append(sides[key], rest)
				default:
					want[key] = rest
				}
			}
			v1, v2 := batches(t, sides["v1"]), batches(t, sides["v2"])
			r := compare(v1, v2, diff.E1)
			var classes []string
			for _, class := range slices.Sorted(maps.Keys(r.ByClass)) {
				classes = append(classes, fmt.Sprintf("%s %d", class, r.ByClass[class]))
			}
			if got := strings.Join(classes, ", "); got != want["classes"] {
				t.Errorf("classes %q, want %q", got, want["classes"])
			}
			if r.LevelHeld.String() != want["level"] {
				t.Errorf("level %s, want %s", r.LevelHeld, want["level"])
			}
			if w := want["root"]; w != "" && fmt.Sprint(r.Root) != w {
				t.Errorf("%d roots, want %s", r.Root, w)
			}
			// A level that holds causes no divergence if no higher one is required.
			if r.LevelHeld != diff.None {
				if at := compare(v1, v2, r.LevelHeld); at.Root+at.Cascade != 0 {
					t.Errorf("%s holds, and is not silent: %v", r.LevelHeld, at.ByClass)
				}
			}
		})
	}
}

func TestAnyOneChangeIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "rows")
		rows := make([]row.Change, n)
		for i := range rows {
			rows[i] = row.Change{
				Position: int64(i), Phase: 1, Step: 1, Cause: int32(i), WindowEnd: 60_000, Timestamp: rapid.Int64Range(0, 5).Draw(t, "time"),
				Key:    []row.Value{row.NewString(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"))},
				Values: []row.Value{row.NewBigint(rapid.Int64Range(0, 3).Draw(t, "value"))},
			}
		}
		other := slices.Clone(rows)
		i := rapid.IntRange(0, n-1).Draw(t, "which")
		switch rapid.IntRange(0, 5).Draw(t, "how") {
		case 0:
			other[i].Values = []row.Value{row.NewBigint(other[i].Values[0].Int64() ^ 1<<rapid.IntRange(0, 62).Draw(t, "bit"))}
		case 1:
			other[i].Timestamp ^= 1 << rapid.IntRange(0, 40).Draw(t, "bit")
		case 2:
			other[i].Key = []row.Value{row.NewString("c")}
		case 3:
			other[i].WindowEnd++
		case 4:
			other = slices.Delete(other, i, i+1)
		case 5:
			other[i].Values = nil
		}
		if r := compare([][]row.Change{rows}, [][]row.Change{other}, diff.E1); r.Root == 0 || r.LevelHeld == diff.E1 {
			t.Fatalf("not found: %v", r)
		}
	})
}

func TestPartsThatAddUpAreNamed(t *testing.T) {
	v1 := batches(t, []string{"0 0 a 1 10", "1 0 a 2 20", "2 0 a 3 30"})
	v2 := batches(t, []string{"0 0 a 1 10", "1 1 a 1 20", "2 0 a 2 30"})
	for _, s := range compare(v1, v2, diff.E1).Signatures {
		if s.Class == diff.ValueClass && (s.Hypothesis != diff.PartsAddUp || !slices.Equal(s.V2Partitions, []int32{0, 1})) {
			t.Errorf("%+v", s)
		}
	}
}

func TestAnArmThatFailsIsOneDivergenceWithItsPartition(t *testing.T) {
	d := diff.New([]*row.Sink{sink()}, diff.Options{})
	d.ArmError(batch(3), diff.V2, 2, errors.New("panic: oops\nstack"))
	r := d.Result()
	if r.Root != 1 || r.ByClass[diff.ArmError] != 1 || r.LevelHeld != diff.None {
		t.Errorf("%+v", r)
	}
	if ex := r.Signatures[0].Example; ex.Error != "panic: oops" || !slices.Equal(ex.V2Partitions, []int32{2}) || ex.Batch != 3 {
		t.Errorf("%+v", ex)
	}
}

func TestWhatMergeDroppedOrMovedIsADivergence(t *testing.T) {
	d := diff.New([]*row.Sink{sink()}, diff.Options{})
	b := batch(0)
	v2 := outcome(b, nil)
	v2.Deduplicated, v2.Reordered = 2, 1
	d.Compare(outcome(b, nil), v2)
	if r := d.Result(); r.ByClass[diff.Duplicate] != 1 || r.ByClass[diff.Reorder] != 1 {
		t.Errorf("%v", r.ByClass)
	}
}

func TestDispositionsMustAgree(t *testing.T) {
	for _, c := range []struct {
		one, two row.Disposition
		class    diff.Class
	}{
		{row.StateOnly, row.Filtered, diff.Missing},
		{row.Late, row.StateOnly, diff.Late},
		{row.StateOnly, row.Late, diff.Missing},
		{row.Filtered, row.Late, diff.Missing}, // neither has a row
	} {
		d := diff.New([]*row.Sink{sink()}, diff.Options{})
		b := batch(0)
		v1, v2 := outcome(b, nil), outcome(b, nil)
		v1.Dispositions[3], v2.Dispositions[3] = c.one, c.two
		d.Compare(v1, v2)
		if r := d.Result(); r.Root != 1 || r.ByClass[c.class] != 1 {
			t.Errorf("%s against %s: %v, want %s", c.one, c.two, r.ByClass, c.class)
		}
	}
}
