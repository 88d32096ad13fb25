package bench

import (
	"slices"
	"testing"
	"time"

	"parallax/shadow/workload"
)

// The feed repeats its input with the expected number of records for each window, and none
// of them is permanently late.
func TestAFeedThatBeginsAgainMovesTimeOn(t *testing.T) {
	s, err := lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	q, err := newQuery(s.sql)
	if err != nil {
		t.Fatal(err)
	}
	in := NewInput(s.data, workload.Options{Records: 250, Seed: 1})
	f, err := q.feed(in, 100, 0, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var firsts []int64
	position, watermark := int64(0), int64(0)
	for range 9 { // three times over the input
		b, err := f.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b.First != position {
			t.Fatalf("batch %d begins at %d, want %d", b.Seq, b.First, position)
		}
		position += int64(b.Len())
		if w := b.Watermark(); w < watermark {
			t.Fatalf("the watermark went back from %d to %d", watermark, w)
		}
		if b.Seq%3 == 0 {
			firsts = append(firsts, b.Record(0).EventTime)
			if watermark > 0 && b.Record(0).EventTime <= watermark {
				t.Errorf("batch %d begins at %d, and the watermark was %d", b.Seq, b.Record(0).EventTime, watermark)
			}
		}
		watermark = b.Watermark()
	}
	if position != 750 || !slices.IsSorted(firsts) {
		t.Errorf("%d records, beginning at %v", position, firsts)
	}
}

func TestQuantileIsTheTimeWithinWhichAShareWasDone(t *testing.T) {
	var times []time.Duration
	for i := range 100 {
		times = append(times, time.Duration(i+1))
	}
	for of, want := range map[float64]time.Duration{0.5: 51, 0.99: 100, 0.999: 100, 0.01: 2} {
		if got := quantile(times, of); got != want {
			t.Errorf("%v of 1 to 100: %d, want %d", of, got, want)
		}
	}
	if got := quantile(times[:1], 0.99); got != 1 {
		t.Errorf("of one: %d", got)
	}
}

// Leaving out records would make V2 look cheap: in every mode each record must be in one
// bucket.
func TestEveryRecordOfEachModeIsInABucket(t *testing.T) {
	s, err := lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	q, err := newQuery(s.sql)
	if err != nil {
		t.Fatal(err)
	}
	m := &sideBySide{q: q, s: s, in: NewInput(s.data, workload.Options{Records: 3000, Seed: 1})}
	for _, mode := range sideBySideModes {
		mode.lasts = 20 * time.Millisecond
		r, err := m.measure(t.Context(), mode, 1)
		if err != nil {
			t.Fatalf("%s: %v", mode.name, err)
		}
		if r.Compared == 0 || mode.percent < 100 && r.SampledOut == 0 {
			t.Errorf("%s: %+v", mode.name, r)
		}
	}
}
