package shadow_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// spanList keeps the spans of a run.
type spanList struct{ list []*evidence.Span }

func (s *spanList) Take(span *evidence.Span) { s.list = append(s.list, span) }

// V2 is switched off and on while a job runs: what is emitted is what V1 makes alone, each record has
// its place in the ledger, and spans end where the change holds.
func TestV2IsSwitchedOnAndOffWhileTheJobRuns(t *testing.T) {
	for name, c := range map[string]struct {
		startsOff bool
		stage     stage.Stage
	}{"on": {}, "off": {startsOff: true}, "canary": {stage: canary(50)}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, in := trades(100)
				out, when, spans := &stageOutput{}, at(10, 20, 40, 60, 80), &spanList{}
				j, _ := stateJob(p, in, config(), 3, nil)
				j.Source, j.Output, j.Spans, j.SpanPeriod = signalled{in, when}, out, spans, time.Hour
				build := j.Candidate
				if c.startsOff {
					j.Candidate = nil
				}
				var from []int64
				holds := func(seq int64) { from = append(from, seq) }
				r := begin(t, j)
				<-when[10]
				if c.startsOff {
					if err := r.SetStage(t.Context(), stage.Change{To: canary(5)}); err == nil {
						t.Error("a job without V2 is in canary")
					}
					if err := r.SwitchOn(t.Context(), build, holds); err != nil {
						t.Fatal(err)
					}
				}
				<-when[20]
				if c.stage != (stage.Stage{}) {
					r.set(t, c.stage)
				}
				<-when[40]
				if err := r.SwitchOff(t.Context(), holds); err != nil {
					t.Fatal(err)
				}
				if s := r.Report(); !s.V2Off || s.State != "off" || r.Stage().Stage != inShadow {
					t.Errorf("V2 is %s in stage %s", s.State, r.Stage().Stage)
				}
				<-when[60]
				if err := r.SwitchOn(t.Context(), func() (processors.Processor, error) { return newV2(p, 5) }, holds); err != nil {
					t.Fatal(err)
				}
				rep := r.end(t)
				sameAsAlone(t, &out.output, p, func() *input { _, in := trades(100); return in }())
				closed(t, rep.Ledger, 5000)
				if rep.Diff.Root+rep.Diff.Cascade != 0 || len(rep.Holes) != 0 || rep.Processor != "v2:5" || rep.V2Off || rep.Broken != "" {
					t.Errorf("%s: %+v, holes %+v", rep.Processor, rep.Diff.ByClass, rep.Holes)
				}
				compared := map[bool]int64{}
				for _, s := range spans.list {
					compared[s.V2 == nil] += s.Ledger.Compared
					for _, seq := range from {
						if s.Batches[0] < seq && seq <= s.Batches[1] {
							t.Errorf("the span of batches %v goes over the change at %d", s.Batches, seq)
						}
					}
				}
				if compared[true] != 0 || compared[false] == 0 || len(from) < 2 {
					t.Errorf("compared without and with V2: %v; changes at %v", compared, from)
				}
			})
		})
	}
}

// Rules hold from a batch on: what was found before stays in the spans before.
func TestRulesChangeWhileTheJobRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, spans := newInput(60), &spanList{}
		in.pause = 100 * time.Millisecond
		when := at(10, 20, 40)
		j := verifiedJob(in, &stageOutput{}, &path{})
		rules := j.Rules
		j.Source, j.Rules, j.Spans, j.SpanPeriod = signalled{in, when}, nil, spans, time.Hour
		var from []int64
		holds := func(seq int64) { from = append(from, seq) }
		r := begin(t, j)
		for _, c := range []struct {
			at    int64
			rules []diff.Rule
		}{{20, rules}, {40, nil}} {
			<-when[c.at]
			if err := r.SetRules(t.Context(), c.rules, holds); err != nil {
				t.Fatal(err)
			}
		}
		bad := rules[0]
		bad.Column = "none"
		if err := r.SetRules(t.Context(), []diff.Rule{bad}, holds); err == nil {
			t.Error("a rule about no column holds")
		}
		r.end(t)
		if len(from) != 2 || len(spans.list) != 3 {
			t.Fatalf("changes at %v, %d spans", from, len(spans.list))
		}
		for i, s := range spans.list {
			isTolerated := i == 1
			if hits := len(s.Rules) == 1 && s.Rules[0].Hits == s.Ledger.Compared; hits != isTolerated || (s.Topics[0].Root == 0) != isTolerated {
				t.Errorf("span %d has the rules %+v and %d divergences in %d records", i, s.Rules, s.Topics[0].Root, s.Ledger.Compared)
			}
			if i > 0 && (s.Batches[0] != from[i-1] || spans.list[i-1].Batches[1] != from[i-1]-1) {
				t.Errorf("span %d has the batches %v, and the rules changed at %v", i, s.Batches, from)
			}
		}
	})
}

// timedOutput notes when it commits.
type timedOutput struct {
	output
	at []time.Time
}

func (o *timedOutput) Commit(ctx context.Context) error {
	o.at = append(o.at, time.Now())
	return o.output.Commit(ctx)
}

func TestCommitsChangeWhileTheJobRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out, when := newInput(100), &timedOutput{}, at(50)
		in.pause = 100 * time.Millisecond
		j := job(nil, nil, &path{}, &path{}, config())
		j.Source, j.Output = signalled{in, when}, out
		j.Config.Commit = shadow.CommitPolicy{Interval: 150 * time.Millisecond, MaxRecords: 1 << 20, MaxBytes: 1 << 30}
		r := begin(t, j)
		<-when[50]
		before := len(out.at)
		if err := r.SetCommit(shadow.CommitPolicy{Interval: -1, MaxRecords: 1, MaxBytes: 1}); err == nil {
			t.Error("a negative interval is in force")
		}
		if err := r.SetCommit(shadow.CommitPolicy{Interval: 950 * time.Millisecond, MaxRecords: 1 << 20, MaxBytes: 1 << 30}); err != nil {
			t.Fatal(err)
		}
		r.end(t)
		if after := len(out.at) - before; before < 20 || after > 8 {
			t.Errorf("%d commits before and %d after", before, after)
		}
		if want := 100 * (9 + 1); len(out.committed) != want {
			t.Errorf("%d rows and offsets committed, want %d", len(out.committed), want)
		}
	})
}
