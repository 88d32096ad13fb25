package diff_test

import (
	"fmt"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// evidence compares batches that are equal on both sides and returns the evidence for each
// output.
func evidence(sinks []*row.Sink, batches ...*row.Outcome) []diff.Output {
	d := diff.New(sinks, diff.Options{})
	for _, o := range batches {
		d.Compare(o, outcome(o.Batch, o.Changes))
	}
	return d.Result().Outputs
}

// keyRow is a row of a key; a value below zero deletes it.
func keyRow(b *row.Batch, key string, start, end, value int64) row.Change {
	c := made(b, b.First, 1, start, end, value)
	c.Key = []row.Value{row.NewString(key)}
	if value < 0 {
		c.Values = nil
	}
	return c
}

func TestEachWindowOfOneKeyIsAUnitAndTheKeyIsOne(t *testing.T) {
	const windows = 4_000
	var batches []*row.Outcome
	for seq := range int64(windows) {
		b := timed(seq, seq, seq*60_000) // the window before closes after its grace of a second
		batches = append(batches, outcome(b, []row.Change{keyRow(b, "a", seq*60_000, (seq+1)*60_000, seq)}))
	}
	o := evidence([]*row.Sink{sink()}, batches...)[0]
	if o.Unit != diff.UnitKeyWindow || o.Units != windows || o.Keys != 1 || o.KeysAtLeast || o.ClosedWindows != windows-2 || o.Rows != windows {
		t.Errorf("%+v", o)
	}
}

// TestAKeyWhoseWindowsWereForgottenIsNotCountedAgain: 50 keys occur in each of 30 windows,
// and each window closes before the next one starts.
func TestAKeyWhoseWindowsWereForgottenIsNotCountedAgain(t *testing.T) {
	var batches []*row.Outcome
	for seq := range int64(30) {
		b := timed(seq, seq, seq*100_000)
		var rows []row.Change
		for k := range 50 {
			rows = append(rows, keyRow(b, fmt.Sprint("k", k), seq*100_000, seq*100_000+60_000, seq))
		}
		batches = append(batches, outcome(b, rows))
	}
	if o := evidence([]*row.Sink{sink()}, batches...)[0]; o.Units != 1500 || o.Keys != 50 {
		t.Errorf("%+v, want 1,500 units of 50 keys", o)
	}
}

// sessions is a sink of sessions with a second of grace.
func sessions() *row.Sink {
	s := sink()
	s.Session = true
	return s
}

func TestASessionIsOneUnitWhenItCloses(t *testing.T) {
	grow := func(b *row.Batch) []row.Change {
		return []row.Change{
			keyRow(b, "a", 0, 10, 1),
			keyRow(b, "a", 0, 10, -1), keyRow(b, "a", 0, 20, 2), // it grows
			keyRow(b, "a", 0, 20, -1), keyRow(b, "a", 0, 30, 3),
			keyRow(b, "a", 50, 60, 1), // another session, which the next record merges with it
			keyRow(b, "a", 0, 30, -1), keyRow(b, "a", 50, 60, -1), keyRow(b, "a", 0, 60, 5),
		}
	}
	for _, c := range []struct {
		name      string
		watermark int64
		units     int64
	}{
		{"open", 100, 0},
		{"at its end and grace, where it still takes a record", 1060, 0},
		{"closed", 1061, 1},
		{"at the flush", row.FinalWatermark, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, then := timed(0, 0, 60), timed(1, 1, c.watermark)
			o := evidence([]*row.Sink{sessions()}, outcome(first, grow(first)), outcome(then, nil))[0]
			if o.Units != c.units || o.ClosedWindows != c.units || o.Keys != 1 || o.Rows != 9 {
				t.Errorf("%+v, want %d units", o, c.units)
			}
		})
	}
}

func TestASessionThatGrowsAtItsLastMomentIsOneUnit(t *testing.T) {
	first, last, closed := timed(0, 0, 60), timed(1, 1, 1060), timed(2, 2, 5000)
	o := evidence([]*row.Sink{sessions()},
		outcome(first, []row.Change{keyRow(first, "a", 0, 60, 1)}),
		outcome(last, nil),
		outcome(closed, []row.Change{keyRow(closed, "a", 0, 60, -1), keyRow(closed, "a", 0, 110, 2)}),
	)[0]
	if o.Units != 1 || o.ClosedWindows != 1 {
		t.Errorf("%+v, want one unit", o)
	}
}

func TestTheEvidenceOfEachOutputIsItsOwn(t *testing.T) {
	plain := &row.Sink{Topic: "large", Values: []row.Column{{Name: "V"}}, AnyPartition: true}
	keyed := &row.Sink{Topic: "totals", Key: []row.Column{{Name: "K"}}, Values: []row.Column{{Name: "V"}}}
	global := &row.Sink{Topic: "per-minute", Windowed: true, Values: []row.Column{{Name: "V"}}}
	empty := &row.Sink{Topic: "alerts", Values: []row.Column{{Name: "V"}}}
	b := timed(0, 0, 500_000)
	var rows []row.Change
	for i := range int64(100) {
		r := row.Change{Position: i, Phase: 1, Step: 1, Values: []row.Value{row.NewBigint(i)}}
		rows = append(rows, r)
		r.Query, r.Key = 1, []row.Value{row.NewBigint(i % 3)}
		rows = append(rows, r)
		r.Query, r.Key, r.WindowStart, r.WindowEnd = 2, nil, i/10*60_000, (i/10+1)*60_000
		rows = append(rows, r)
	}
	got := evidence([]*row.Sink{plain, keyed, global, empty}, outcome(b, rows))
	for i, want := range []diff.Output{
		{Topic: "large", LevelHeld: diff.E1, Rows: 100, Unit: diff.UnitRow, Units: 100},
		{Topic: "totals", LevelHeld: diff.E1, Rows: 100, Unit: diff.UnitKey, Units: 3, Keys: 3},
		{Topic: "per-minute", LevelHeld: diff.E1, Rows: 100, Unit: diff.UnitWindow, Units: 10, ClosedWindows: 8},
		{Topic: "alerts", LevelHeld: diff.None, Unit: diff.UnitRow},
	} {
		if got[i] != want {
			t.Errorf("%+v, want %+v", got[i], want)
		}
	}
}

func TestDivergencesAreCountedByOutput(t *testing.T) {
	sinks := []*row.Sink{sink(), sink()}
	sinks[1].Topic = "other"
	d := diff.New(sinks, diff.Options{})
	b := timed(0, 0, 0)
	one := []row.Change{keyRow(b, "a", 0, 60_000, 1), keyRow(b, "b", 0, 60_000, 1)}
	one[1].Query = 1
	two := []row.Change{one[0], keyRow(b, "b", 0, 60_000, 2)}
	two[1].Query = 1
	d.Compare(outcome(b, one), outcome(b, two))
	r := d.Result()
	if x, y := r.Outputs[0], r.Outputs[1]; x.Root != 0 || x.LevelHeld != diff.E1 || y.Root != 1 || y.LevelHeld != diff.None || r.LevelHeld != diff.None {
		t.Errorf("%+v: held %s", r.Outputs, r.LevelHeld)
	}
}
