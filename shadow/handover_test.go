package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
)

// What V2 hands over is its own error, where it would make the comparison fail or
// misread a row.
func TestAnInvalidOutcomeOfV2IsAnErrorOfV2ThatSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *row.Outcome)
		want   string
	}{
		"no such query":            {func(o *row.Outcome) { o.Changes[2].Query = 1 }, "row 2: its query is 1, and the queries are 0 to 0"},
		"no key":                   {func(o *row.Outcome) { o.Changes[0].Key = nil }, "row 0: its key has 0 columns, and OUT has 1 key columns"},
		"a key of two columns":     {func(o *row.Outcome) { o.Changes[0].Key = append(o.Changes[0].Key, row.Value{}) }, "row 0: its key has 2 columns"},
		"a position before":        {func(o *row.Outcome) { o.Changes[1].Position = 39 }, "row 1: its position is 39, and the batch has positions 40 to 49"},
		"a position behind":        {func(o *row.Outcome) { o.Changes[1].Position = 50 }, "row 1: its position is 50"},
		"a cause behind":           {func(o *row.Outcome) { o.Changes[1].Cause = 10 }, "row 1: its cause is record 10, and the batch has 10 records"},
		"a cause before":           {func(o *row.Outcome) { o.Changes[1].Cause = -2 }, "row 1: its cause is record -2"},
		"a flush that is not":      {func(o *row.Outcome) { o.Changes[1].Cause = -1 }, "row 1: its cause is the flush, and the batch does not end with one"},
		"no such phase":            {func(o *row.Outcome) { o.Changes[1].Phase = 2 }, "row 1: its phase is 2"},
		"no such partition":        {func(o *row.Outcome) { o.Changes[1].Partition = -1 }, "row 1: it comes from partition -1"},
		"no such disposition":      {func(o *row.Outcome) { o.Dispositions[9] = row.Failed + 1 }, "the disposition of record 9 is 6"},
		"a disposition too few":    {func(o *row.Outcome) { o.Dispositions = o.Dispositions[1:] }, "it has 9 dispositions for 10 records"},
		"a dead letter of no one":  {func(o *row.Outcome) { o.DeadLetters = []row.DeadLetter{{Record: 10}} }, "dead letter 0 is of record 10"},
		"a dead letter before":     {func(o *row.Outcome) { o.DeadLetters = []row.DeadLetter{{Record: -1}} }, "dead letter 0 is of record -1"},
		"dead letters unordered":   {func(o *row.Outcome) { o.DeadLetters = []row.DeadLetter{{Record: 2}, {Record: 1}} }, "dead letter 1 (record 1) is not in order"},
		"dead letters twice":       {func(o *row.Outcome) { o.DeadLetters = []row.DeadLetter{{Record: 2}, {Record: 2}} }, "dead letter 1 (record 2) is not in order"},
		"shares that nobody asked": {func(o *row.Outcome) { o.Shares = make([]row.Share, 10) }, "V2 receives all keys"},
		"shares of other records":  {func(o *row.Outcome) { o.Shares = make([]row.Share, 9) }, "it states for 9 records"},
		"a stray of no record":     {func(o *row.Outcome) { o.Strays = []row.Stray{{Change: row.Change{Cause: 10}}} }, "row 0 of those that merge dropped or moved: its cause is record 10"},
		"a count below zero":       {func(o *row.Outcome) { o.Deduplicated = -1 }, "its number of rows that merge dropped is -1"},
		"no batch":                 {func(o *row.Outcome) { o.Batch = nil }, "it belongs to no batch"},
		"another batch":            {func(o *row.Outcome) { o.Batch = row.NewBatch(77, 0, nil, nil) }, "it belongs to another batch, number 77"},
	} {
		t.Run(name, func(t *testing.T) {
			v2 := whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				c.change(o)
				return o, nil
			})
			v2FailsInBatch4(t, v2, c.want)
		})
	}
}

// v2FailsInBatch4 runs a V2 that goes wrong in batch 4: the one divergence is an
// arm_error with the text, and the comparison itself has not failed.
func v2FailsInBatch4(t *testing.T, v2 *path, want string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		out := &output{}
		rep, err := run(t, t.Context(), job(newInput(10), out, &path{}, v2, config()))
		if err != nil {
			t.Fatal(err)
		}
		if rep.Broken != "" {
			t.Errorf("the comparison failed: %v", rep.Broken)
		}
		if want := 10 * (9 + 1); len(out.committed) != want {
			t.Errorf("V1 committed %d rows and offsets, want %d", len(out.committed), want)
		}
		if rep.Diff.ByClass[diff.ArmError] != 1 || rep.Diff.Roots() != 1 {
			t.Errorf("divergences: %v", rep.Diff.ByClass)
		}
		if !strings.Contains(rep.Detached, want) {
			t.Errorf("detached: %q, want %q", rep.Detached, want)
		}
		if want := (diff.Ledger{Compared: 36, V2Error: 9, NotComparable: 45, Undecodable: 10}); rep.Ledger != want {
			t.Errorf("ledger %+v, want %+v", rep.Ledger, want)
		}
	})
}

// A row with another number of value columns can be compared: it is a divergence.
func TestARowWithAnotherNumberOfColumnsIsADivergenceOfSchema(t *testing.T) {
	v2 := whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		o.Changes[3].Values = append(o.Changes[3].Values, row.NewInt(1))
		return o, nil
	})
	rep, err := run(t, t.Context(), job(newInput(10), &output{}, &path{}, v2, config()))
	if err != nil || rep.Detached != "" || rep.Broken != "" {
		t.Fatalf("error %v, detached %q, broken %v", err, rep.Detached, rep.Broken)
	}
	if rep.Diff.ByClass[diff.Schema] == 0 {
		t.Errorf("divergences: %v", rep.Diff.ByClass)
	}
}

// shy panics when it is asked for its text, with a value that does so as well.
type shy struct{ _ int }

func (s *shy) Error() string { panic(s) }
func (s *shy) Unwrap() error { panic(s) }

// unready is an error whose nil pointer has no text.
type unready struct{ text string }

func (u *unready) Error() string { return u.text }

// A failure of V2 whose text cannot be had must not end the process, in which V1 runs.
func TestAFailureOfV2ThatCannotBeShownIsAnErrorOfV2(t *testing.T) {
	for name, c := range map[string]struct {
		act  func() error
		want string
	}{
		"an error that panics":       {func() error { return &shy{} }, "a *shadow_test.shy, which panics when it is asked for its text"},
		"a wrapped error that does":  {func() error { return fmt.Errorf("batch: %w", error((*unready)(nil))) }, "batch: "},
		"a nil pointer as an error":  {func() error { return (*unready)(nil) }, "a *shadow_test.unready, which panics"},
		"a panic with such a value":  {func() error { panic(&shy{}) }, "panic: a *shadow_test.shy, which panics"},
		"a panic with nothing":       {func() error { panic(nil) }, "panic"},
		"a PanicError of such a one": {func() error { return &processors.PanicError{Partition: 3, Value: &shy{}} }, "partition 3"},
		"the end of its goroutine":   {func() error { runtime.Goexit(); return nil }, "runtime.Goexit"},
		"an error":                   {func() error { return errors.New("out of memory") }, "out of memory"},
	} {
		t.Run(name, func(t *testing.T) {
			v2FailsInBatch4(t, whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { return o, c.act() }), c.want)
		})
	}
}

// What V2 does when it is built, asked and closed is its own as well.
func TestAV2ThatEndsTheGoroutineOfItsConstructorIsAnErrorOfTheStart(t *testing.T) {
	j := job(newInput(1), &output{}, &path{}, &path{}, config())
	j.Candidate = func() (processors.Processor, error) { runtime.Goexit(); return nil, nil }
	if _, err := run(t, t.Context(), j); err == nil || !strings.Contains(err.Error(), "build V2: V2 ended the goroutine") {
		t.Errorf("error: %v", err)
	}
}

// A function of V2 gives the memory of its outcomes back, on the comparison's goroutine.
func TestAPanicInWhatReleasesAnOutcomeOfV2IsAnErrorOfV2(t *testing.T) {
	v2 := whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		o.OnRelease(func() { panic(&shy{}) })
		return o, nil
	})
	rep, err := run(t, t.Context(), job(newInput(10), &output{}, &path{}, v2, config()))
	if err != nil || rep.Broken != "" {
		t.Fatalf("error %v, broken %v", err, rep.Broken)
	}
	if rep.Diff.ByClass[diff.ArmError] != 1 || rep.Ledger.Compared != 90 {
		t.Errorf("divergences %v, ledger %+v", rep.Diff.ByClass, rep.Ledger)
	}
}

// V1 reads the batch that V2 writes to, so V1's rows may be wrong: that is never a pass,
// and no V2 comes back to do it again.
func TestAV2ThatWritesToItsInputIsDetachedForGood(t *testing.T) {
	if raceDetector {
		t.Skip("this V2 writes to what V1 reads, which is the race that it is detached for")
	}
	writes := func(b *row.Batch) { b.Record(0).Timestamp++ }
	for name, v2 := range map[string]func() *path{
		"before it hands over": func() *path {
			return whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				writes(o.Batch)
				return o, nil
			})
		},
		"after it has handed over": func() *path {
			return whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				go func() {
					<-time.After(time.Microsecond) // the outcome is handed over, and V1 is not done
					writes(o.Batch)
				}()
				return o, nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := newInput(200)
				v1 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
					if o.Batch.Seq >= 4 {
						<-time.After(time.Millisecond) // V2 is through with this batch, as far as it goes
					}
					return o, nil
				}}
				rep, err := run(t, t.Context(), job(in, &output{}, v1, v2(), config()))
				if err != nil || rep.Broken != "" {
					t.Fatalf("error %v, broken %v", err, rep.Broken)
				}
				if rep.Diff.ByClass[diff.ArmError] == 0 || rep.Diff.Roots() == 0 || rep.Reseeds != 0 {
					t.Errorf("divergences %v, %d reseeds", rep.Diff.ByClass, rep.Reseeds)
				}
				if want := "V2 wrote to its input, batch 4 (in/1@40..49)"; !strings.Contains(rep.Detached, want) {
					t.Errorf("detached: %q, want %q", rep.Detached, want)
				}
			})
		})
	}
}
