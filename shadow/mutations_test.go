package shadow

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/emission"
	"parallax/shadow/evidence"
	"parallax/shadow/sensitivity"
)

// blindTo is a comparison that does not report a class.
type blindTo struct {
	*diff.Differ
	class diff.Class
}

func (b blindTo) Result() diff.Result {
	r := b.Differ.Result()
	r.Root -= r.ByClass[b.class]
	delete(r.ByClass, b.class)
	return r
}

// runBlind runs the comparer over some batches that are equal, with a comparison of mutations
// that is blind for a class.
func runBlind(t *testing.T, class diff.Class) (rep evidence.Report, log string) {
	t.Helper()
	var l ledger
	var tally tally
	var lines bytes.Buffer
	job := opinionJob()
	job.Log = slog.New(slog.NewTextHandler(&lines, nil))
	c, err := newComparer(context.Background(), job, &l, &tally, emission.New(emission.Options{}), func(*evidence.Span, bool) {})
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.sensitivity = sensitivity.New(sensitivity.Options{Sinks: job.Sinks, New: func() sensitivity.Comparison {
		return blindTo{diff.New(job.Sinks, diff.Options{}), class}
	}})
	c.mu.Unlock()
	for seq := range int64(3) {
		b := row.NewBatch(seq, 2*seq, make([]row.Record, 2), nil)
		c.takeCandidate(finished{outcome: outcomeOf(b)})
		c.takeControl(finished{outcome: outcomeOf(b)})
	}
	c.close()
	c.report(&rep)
	return rep, lines.String()
}

func TestARunReportsWhatItsComparisonMissed(t *testing.T) {
	for _, class := range []diff.Class{diff.ValueClass, diff.Missing, diff.Extra, diff.TypeClass, diff.Tombstone, diff.Reorder, diff.Duplicate, diff.KeyClass} {
		rep, log := runBlind(t, class)
		for _, m := range rep.Sensitivity.Mutations {
			isBlind := m.Class == string(class)
			if isBlind && (m.Detected != 0 || m.Injected > 0 && !strings.Contains(m.Missed, "found no difference")) || !isBlind && m.Detected != m.Injected {
				t.Errorf("blind for %s: %+v", class, m)
			}
		}
		if !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "its results cannot be trusted") {
			t.Errorf("blind for %s: the log is %q", class, log)
		}
		if rep.Diff.Root != 0 || rep.Broken != "" {
			t.Errorf("blind for %s: a mutation is among the run's own results: %+v, %q", class, rep.Diff, rep.Broken)
		}
	}
}

// What is injected is in no count of the run.
func TestMutationsAreNotPartOfTheResults(t *testing.T) {
	rep, log := runBlind(t, "none")
	injected := int64(0)
	for _, m := range rep.Sensitivity.Mutations {
		if injected += m.Injected; m.Detected != m.Injected {
			t.Errorf("%+v", m)
		}
	}
	if injected < 10 || log != "" {
		t.Errorf("%d injected, the log is %q", injected, log)
	}
	if rep.Diff.Root+rep.Diff.Cascade != 0 || len(rep.Diff.Signatures) != 0 || rep.Diff.Outputs[0].Rows != 6 || rep.Diff.LevelHeld != diff.E1 {
		t.Errorf("%+v", rep.Diff)
	}
}
