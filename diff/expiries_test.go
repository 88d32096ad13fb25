package diff_test

import (
	"slices"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// TestManyWindowsOfOneKeyAreToldApart: like the sessions of a busy key, some windows close
// and are forgotten while others open.
func TestManyWindowsOfOneKeyAreToldApart(t *testing.T) {
	s := sink()
	s.Windowed, s.Session, s.Grace = true, true, 1000
	d := diff.New([]*row.Sink{s}, diff.Options{})
	const windows, batches = 40, 30
	for seq := range int64(batches) {
		b := timed(seq, seq*windows, slices.Repeat([]int64{seq * 500}, windows)...)
		var one, two []row.Change
		for i := range int64(windows) {
			start := seq*500 + i // it is in one batch and open in the next one
			c := made(b, seq*windows+i, 1, start, start+300, i)
			one = append(one, c)
			if seq == 17 && i == 23 {
				c.Values = []row.Value{row.NewBigint(-1)}
			}
			two = append(two, c)
		}
		d.Compare(outcome(b, one), outcome(b, two))
	}
	d.Compare(outcome(timed(batches, 0, 1<<40), nil), outcome(timed(batches, 0, 1<<40), nil)) // closes the last ones
	r := d.Result()
	if o := r.Outputs[0]; r.Roots() != 1 || o.Units != windows*batches || o.ClosedWindows != windows*batches {
		t.Fatalf("%d differences, want 1; %+v, want %d units: %v", r.Roots(), o, windows*batches, r.ByClass)
	}
	if got := r.Signatures[0].Example; got.Batch != 17 || got.Window == nil {
		t.Errorf("%+v", got)
	}
}
