package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// totals is a sink of a count and a total for each key, which the value repeats.
func totals() *row.Sink {
	return &row.Sink{
		Topic: "out", Key: []row.Column{{Name: "K"}}, Values: []row.Column{{Name: "K"}, {Name: "N"}, {Name: "TOTAL"}}, FromKey: []int{0, -1, -1},
	}
}

// total returns a row caused by the record at a position.
func total(position int64, key string, n, sum int64) row.Change {
	k := row.NewString(key)
	return row.Change{
		Position: position, Phase: 1, Step: 1, Cause: int32(position), Key: []row.Value{k},
		Values: []row.Value{k, row.NewBigint(n), row.NewBigint(sum)},
	}
}

// hypothesisOf compares one batch and returns the hypothesis of the only signature of a
// class.
func hypothesisOf(t *testing.T, class diff.Class, one, two []row.Change) diff.Hypothesis {
	t.Helper()
	d := diff.New([]*row.Sink{totals()}, diff.Options{})
	b := batch(0)
	d.Compare(outcome(b, one), outcome(b, two))
	s, ok := only(t, d.Result())[class]
	if !ok {
		t.Fatalf("no %s: %v", class, d.Result().ByClass)
	}
	return s.Hypothesis
}

func TestRecordsThatAreCountedTwiceNameARetry(t *testing.T) {
	one := []row.Change{total(0, "a", 1, 10), total(1, "b", 1, 7), total(2, "a", 2, 30)}
	twice := []row.Change{total(0, "a", 3, 40), total(1, "b", 2, 14), total(2, "a", 4, 60)}
	if got := hypothesisOf(t, diff.ValueClass, one, twice); got != diff.Retried {
		t.Errorf("counted twice: hypothesis %q", got)
	}
	// One row has another error, so a retry does not explain all of them.
	twice[1] = total(1, "b", 5, 8)
	if got := hypothesisOf(t, diff.ValueClass, one, twice); got != "" {
		t.Errorf("counted twice, with another error beside: hypothesis %q", got)
	}
	doubled := []row.Change{total(0, "a", 2, 20), total(1, "b", 2, 14), total(2, "a", 4, 60)}
	if got := hypothesisOf(t, diff.ValueClass, one, doubled); got != "" {
		t.Errorf("doubled: hypothesis %q", got)
	}
	lost := []row.Change{total(0, "a", 1, 10), total(1, "b", 1, 7), total(2, "a", 1, 20)}
	if got := hypothesisOf(t, diff.ValueClass, one, lost); got != "" {
		t.Errorf("state lost: hypothesis %q", got)
	}
}

func TestRowsThatComeTwiceNameARetry(t *testing.T) {
	one := []row.Change{total(0, "a", 1, 10), total(1, "b", 1, 7)}
	if got := hypothesisOf(t, diff.Duplicate, one, []row.Change{one[0], one[0], one[1], one[1]}); got != diff.Retried {
		t.Errorf("hypothesis %q", got)
	}
}

func TestMemoryThatIsUsedTwiceIsNamed(t *testing.T) {
	one := []row.Change{total(0, "a", 1, 10), total(1, "b", 1, 7), total(2, "c", 1, 3)}
	// Rows a and b have the values of c, as when one buffer holds the latest row.
	shared := []row.Change{total(0, "a", 1, 10), total(1, "b", 1, 7), total(2, "c", 1, 3)}
	shared[0].Values, shared[1].Values = shared[2].Values, shared[2].Values
	if got := hypothesisOf(t, diff.ValueClass, one[:1], shared[:1]); got != diff.BufferReused {
		t.Errorf("the value of another key: hypothesis %q", got)
	}
	d := diff.New([]*row.Sink{sink()}, diff.Options{}) // its values do not repeat the key
	b := batch(0)
	plain := batches(t, []string{"0 0 a 1 10", "1 0 b 2 10"})[0]
	wrong := batches(t, []string{"0 0 a 2 10", "1 0 b 2 10"})[0]
	d.Compare(outcome(b, plain), outcome(b, wrong))
	if got := only(t, d.Result())[diff.ValueClass].Hypothesis; got != "" {
		t.Errorf("the same value by chance: hypothesis %q", got)
	}
	wrong[0].Values = wrong[1].Values
	d = diff.New([]*row.Sink{sink()}, diff.Options{})
	d.Compare(outcome(b, plain), outcome(b, wrong))
	if got := only(t, d.Result())[diff.ValueClass].Hypothesis; got != diff.BufferReused {
		t.Errorf("the same memory: hypothesis %q", got)
	}
}

// TestAHypothesisFitsAllOfItsSignature: floating-point order explains the first row, and
// not the second.
func TestAHypothesisFitsAllOfItsSignature(t *testing.T) {
	one := batches(t, []string{"0 0 a 0.3d 10", "1 0 b 2d 10"})
	for second, want := range map[string]diff.Hypothesis{"2.0000000000000004d": diff.FloatOrder, "3d": ""} {
		two := batches(t, []string{"0 0 a 0.30000000000000004d 10", "1 0 b " + second + " 10"})
		if got := only(t, compare(one, two, diff.E1))[diff.ValueClass]; got.Hypothesis != want || got.Count != 2 {
			t.Errorf("second %s: %d times, hypothesis %q, want %q", second, got.Count, got.Hypothesis, want)
		}
	}
}

// TestPartsThatDoNotAddUpAreNotNamed: a key comes from two partitions, and one row's values
// are wrong for another reason.
func TestPartsThatDoNotAddUpAreNotNamed(t *testing.T) {
	one := batches(t, []string{"0 0 a 1 10", "1 0 a 2 20", "2 0 a 3 30", "3 0 a 4 40"})
	two := batches(t, []string{"0 0 a 1 10", "1 1 a 1 20", "2 0 a 9 30", "3 1 a 2 40"})
	if got := only(t, compare(one, two, diff.E1))[diff.ValueClass]; got.Hypothesis != "" || got.Count != 3 {
		t.Errorf("%d times, hypothesis %q", got.Count, got.Hypothesis)
	}
}
