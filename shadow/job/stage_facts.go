package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// stageFacts finds out what the stored evidence says of a job in a stage.
func (j *Job) stageFacts(ctx context.Context, now stage.Status) (migration.Facts, error) {
	d, err := j.verdictDocument(ctx)
	if err != nil {
		return migration.Facts{}, err
	}
	j.judged.Store(&d)
	f := migration.Facts{Run: d.Run, Verdict: verdictOf(d)}
	f.Unhealthy = j.unhealthy(now)
	if now.Stage.IsVerified() && j.Evidence.Dir != "" {
		err = j.addStep(&f, now)
	}
	return f, err
}

// unhealthy says why V2 cannot be given more now, "" if it can.
func (j *Job) unhealthy(now stage.Status) string {
	if j.recorder.Load().Counts().IsFailing {
		return "evidence is not stored now, see the log"
	}
	if r := j.running.Load(); r != nil && r.runner != nil && now.Stage.Kind != stage.Done {
		if state := r.runner.Report().State; state != "running" {
			return "V2 does not run now: " + state
		}
	}
	return ""
}

// verdictOf is a verdict as the policy of a migration sees it.
func verdictOf(d verdict.Document) migration.Verdict {
	v := migration.Verdict{State: string(d.Verdict), ID: d.ID, Reason: d.Reason}
	if d.Verdict == gate.Inconclusive {
		v.Needs = needsOf(d.Missing)
	}
	return v
}

// needsOf are what a verdict is missing, with one need for each thing that is counted: the
// largest.
func needsOf(missing []verdict.Missing) (needs []migration.Need) {
	counted := map[string]int{} // the index of a need, by what it counts
	most := map[string]int64{}
	for _, m := range missing {
		if len(m.Lacks) == 0 {
			needs = append(needs, migration.Need{Text: m.Reason})
		}
		for _, l := range m.Lacks {
			need := migration.Need{Text: fmt.Sprintf("needs %s more %s", gate.Thousands(l.Count), l.What)}
			if l.Takes != nil {
				takes := time.Duration(*l.Takes) * time.Second
				need.Takes = &takes
			}
			i, isThere := counted[l.What]
			switch {
			case !isThere:
				counted[l.What] = len(needs)
				needs = append(needs, need)
			case l.Count > most[l.What]:
				needs[i] = need
			}
			most[l.What] = max(most[l.What], l.Count)
		}
	}
	return needs
}

// addStep adds what was found since the step began, also before the newest interruption. The
// span in which it began may be of the step before, and is left out.
func (j *Job) addStep(f *migration.Facts, now stage.Status) (err error) {
	r, err := store.OpenReader(j.Evidence.Dir, j.Name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrNoRun) { // or it is being made
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var ledger diff.Ledger
	err = r.Spans(store.Query{Since: now.Since}, func(s *evidence.Span) error {
		if s.From < now.Position {
			return nil
		}
		ledger = ledger.Plus(s.Ledger)
		if s.Emission != nil {
			f.RowsOfV2 += s.Emission.RowsOfV2
		}
		for _, d := range s.Divergences {
			if !j.isAccepted(d.Signature) {
				f.Roots += d.Root
			}
		}
		return nil
	})
	if errors.Is(err, store.ErrNoRun) {
		return nil
	}
	f.LedgerOpen = openBuckets(ledger)
	return err
}

// isAccepted reports whether a signature is accepted now. How often is for the gate to judge.
func (j *Job) isAccepted(signature string) bool {
	return slices.ContainsFunc(j.judging().accepted, func(a gate.Acceptance) bool { return a.Signature == signature && !a.HasExpired(time.Now()) })
}

// openBuckets names the records that were not compared, "" for none.
func openBuckets(l diff.Ledger) string {
	var open []string
	for _, b := range []struct {
		name string
		n    int64
	}{{"v2_error", l.V2Error}, {"not_comparable", l.NotComparable}, {"shed", l.Shed}} {
		if b.n > 0 {
			open = append(open, gate.Thousands(b.n)+" "+b.name)
		}
	}
	return strings.Join(open, ", ")
}
