package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// timed returns a batch whose records have the given watermarks.
func timed(seq, first int64, watermarks ...int64) *row.Batch {
	records := make([]row.Record, len(watermarks))
	for i, w := range watermarks {
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "in"}, Offset: first + int64(i), Watermark: w}
	}
	return row.NewBatch(seq, first, records, nil)
}

// made returns a row of key a with a value, made at a position: by its record in phase 1,
// by time in phase 0.
func made(b *row.Batch, position int64, phase uint8, start, end, value int64) row.Change {
	return row.Change{
		Position: position, Phase: phase, Step: 1, Cause: int32(position - b.First), WindowStart: start, WindowEnd: end,
		Key: []row.Value{row.NewString("a")}, Values: []row.Value{row.NewBigint(value)}, Timestamp: end - 1,
	}
}

// only returns the signatures by class, each of which must be there once.
func only(t *testing.T, r diff.Result) map[diff.Class]diff.Signature {
	t.Helper()
	all := map[diff.Class]diff.Signature{}
	for _, s := range r.Signatures {
		if _, twice := all[s.Class]; twice {
			t.Errorf("%s has several signatures", s.Class)
		}
		all[s.Class] = s
	}
	return all
}

// The window is [0, 60000) with a second of grace: it closes at 61000.
func TestARowBeforeOrAfterItsWindowClosesIsEarlyOrLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		final bool
		phase uint8
		at    int64 // the position of V2's row
		class diff.Class
		guess diff.Hypothesis
	}{
		{"emitted before its window closes", true, 0, 1, diff.Early, diff.ClockAhead},
		{"a change of an open window", false, 1, 1, diff.Extra, ""},
		{"emitted where its window closes", true, 0, 2, diff.Extra, ""},
		{"a change by the record that closes its window", false, 1, 2, diff.Late, diff.LateAccepted},
		{"emitted by time after its window closed", true, 0, 3, diff.Late, diff.ClockBehind},
		{"emitted by a record after its window closed", true, 1, 3, diff.Late, diff.LateAccepted},
		{"a change of a closed window", false, 1, 3, diff.Late, diff.LateAccepted},
		{"emitted in a batch after the one that closed its window", true, 0, 4, diff.Late, diff.ClockBehind},
		{"emitted at the flush, after its window closed", true, 0, 5, diff.Late, diff.ClockBehind},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sink()
			s.Final = c.final
			d := diff.New([]*row.Sink{s}, diff.Options{})
			for _, b := range []*row.Batch{timed(0, 0, 0, 60_999, 61_000, 61_000), timed(1, 4, 62_000), row.NewFlush(2, 5, 1)} {
				var two []row.Change
				if c.at >= b.First && c.at < b.First+max(int64(b.Len()), 1) {
					two = append(two, made(b, c.at, c.phase, 0, 60_000, 1))
					if b.Len() == 0 {
						two[0].Cause = -1
					}
				}
				d.Compare(outcome(b, nil), outcome(b, two))
			}
			r := d.Result()
			if got := only(t, r)[c.class]; r.Root != 1 || got.Count != 1 || got.Hypothesis != c.guess {
				t.Errorf("%v, %q; want %s, %q", r.ByClass, got.Hypothesis, c.class, c.guess)
			}
		})
	}
}

func TestAWindowThatV2HasEarlyIsMissingWhereItCloses(t *testing.T) {
	s := sink()
	s.Final = true
	d := diff.New([]*row.Sink{s}, diff.Options{})
	open, closed := timed(0, 0, 10), timed(1, 1, 61_000)
	d.Compare(outcome(open, nil), outcome(open, []row.Change{made(open, 0, 0, 0, 60_000, 7)}))
	d.Compare(outcome(closed, []row.Change{made(closed, 1, 0, 0, 60_000, 7)}), outcome(closed, nil))
	r := d.Result()
	for _, class := range []diff.Class{diff.Early, diff.Missing} {
		if got := only(t, r)[class]; got.Count != 1 || got.Hypothesis != diff.ClockAhead {
			t.Errorf("%s: %d times, hypothesis %q", class, got.Count, got.Hypothesis)
		}
	}
	if r.Root != 1 || r.Cascade != 1 {
		t.Errorf("%d roots, %d cascades, want one of each", r.Root, r.Cascade)
	}
}

func TestARecordThatOnlyV2DropsAsLateNamesItsClock(t *testing.T) {
	d := diff.New([]*row.Sink{sink()}, diff.Options{})
	b := timed(0, 0, 10)
	one, two := outcome(b, []row.Change{made(b, 0, 1, 0, 60_000, 1)}), outcome(b, nil)
	one.Dispositions[0], two.Dispositions[0] = row.Output, row.Late
	d.Compare(one, two)
	if got := only(t, d.Result())[diff.Missing]; got.Count != 1 || got.Hypothesis != diff.ClockAhead {
		t.Errorf("%+v", got)
	}
}
