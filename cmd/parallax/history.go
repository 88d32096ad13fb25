package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/schedule"
	"parallax/reports/store"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

type historyCommand struct {
	Job      string `arg:"" help:"Job file."`
	Evidence string `help:"Directory with the evidence, instead of the job's." placeholder:"DIR"`
}

func (historyCommand) Help() string {
	return examples("parallax history job.yaml", "parallax history job.yaml --json") +
		"\n\nA line is the evidence that a run made in a window of reports.schedule; without a schedule, on a day (reports.time_zone, UTC if it is not set). Its verdict is that of the report of the window; without a report, the last one that was made then; without one, what the gate says of that evidence alone. Below are the changes of the migration's stage, the oldest first."
}

// night is a line of the history: a day of a run, or a window of reports.schedule.
type night struct {
	// Day is the day on which it begins, From and To are when it begins and ends.
	Day     string     `json:"day"`
	From    time.Time  `json:"from"`
	To      time.Time  `json:"to"`
	Run     string     `json:"run"`
	V2      string     `json:"v2"`
	Verdict gate.State `json:"verdict"`
	// IsStored: the verdict was made then, and not now.
	IsStored bool            `json:"is_stored"`
	Level    diff.Level      `json:"level_held"`
	Records  int64           `json:"records"`
	Roots    int64           `json:"roots"`
	Ratio    evidence.Figure `json:"ratio"`
	Tax      *float64        `json:"shadow_tax"`
	// V2Rows were emitted with V2's values, in a canary or promoted. V1HasV2State: V1 went on with V2's
	// state, after the job had gone back from done.
	V2Rows       int64 `json:"v2_rows"`
	V1HasV2State bool  `json:"v1_has_v2_state"`
	Holes        int   `json:"holes"`
}

func (c *historyCommand) Run(e *env) (err error) {
	l, err := config.Load(c.Job, nil)
	if err != nil {
		return err
	}
	r, err := store.OpenReader(evidenceDir(l, c.Evidence), l.Job.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	accepted, err := config.LoadAccepted(config.AcceptedPath(c.Job))
	if err != nil {
		return err
	}
	nights, err := nightsOf(r, l.Job.Reports, l.Job.Gate, accepted)
	if err != nil {
		return err
	}
	changes, err := r.StageChanges()
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{"job": l.Job.Name, "nights": nights, "stage_changes": append([]stage.Change{}, changes...)})
	}
	if err := printNights(e, nights, l.Job.Reports); err != nil || len(changes) == 0 {
		return err
	}
	fmt.Fprintln(e.text(), "\nchanges of stage")
	return printStageChanges(tabwriter.NewWriter(e.text(), 0, 0, 2, ' ', 0), changes)
}

// nightsOf returns the nights of all runs, the oldest first.
func nightsOf(r *store.Reader, windows schedule.Config, p gate.Policy, accepted []gate.Acceptance) ([]night, error) {
	nights := []night{}
	runs, err := r.Runs()
	if err != nil {
		return nil, err
	}
	made, err := verdictsOf(r)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		list, err := windows.Nights(run.First, run.Last)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			s, err := r.Stretch(store.Query{Run: run.Run, Since: w.From, Until: w.To})
			if err != nil {
				return nil, err
			}
			if s.Ledger.Records() == 0 && len(s.Interruptions) == 0 {
				continue // the job did not run
			}
			n := nightOf(s, p, accepted)
			n.Day, n.From, n.To, n.Run, n.V2 = w.From.In(w.Location()).Format(time.DateOnly), w.From.UTC(), w.To.UTC(), run.Run, run.V2
			if state := made.of(run.Run, w); state != "" {
				n.Verdict, n.IsStored = state, true
			}
			nights = append(nights, n)
		}
	}
	return nights, nil
}

// storedVerdicts are the verdicts that were stored.
type storedVerdicts struct {
	reports  []store.ReportRow
	verdicts []store.VerdictRow
}

func verdictsOf(r *store.Reader) (m storedVerdicts, err error) {
	if m.reports, err = r.Reports(); err != nil {
		return m, err
	}
	m.verdicts, err = r.Verdicts()
	return m, err
}

// of returns the verdict on a window of a run: that of its report, which is made after the window,
// or the last one that was made in the window; "" for none.
func (m storedVerdicts) of(run string, w document.Window) (state gate.State) {
	for _, v := range m.verdicts {
		if v.Run == run && !v.Made.Before(w.From) && v.Made.Before(w.To) && !m.isOfReport(v) {
			state = gate.State(v.State)
		}
	}
	for _, p := range m.reports {
		if p.Run == run && p.From.Equal(w.From) && p.To.Equal(w.To) {
			state = gate.State(p.State)
		}
	}
	return state
}

// isOfReport reports whether a verdict was made for a report, whose window was over by then.
func (m storedVerdicts) isOfReport(v store.VerdictRow) bool {
	return slices.ContainsFunc(m.reports, func(p store.ReportRow) bool { return p.Verdict == v.ID && p.Made.Equal(v.Made) })
}

func nightOf(s *evidence.Stretch, p gate.Policy, accepted []gate.Acceptance) night {
	v := gate.Decide(p, gate.OfStretch(s, accepted, s.Last))
	n := night{
		Verdict: v.State, Level: s.Diff.LevelHeld, Records: s.Ledger.Records(), Roots: s.Diff.Root,
		Tax: s.Throughput.Tax.Value, Holes: len(s.Interruptions),
	}
	if b := s.Before; b != nil {
		n.Records += b.Records
		n.Roots += b.Root
	}
	if s.Emission != nil {
		n.V2Rows = s.Emission.RowsOfV2
	}
	n.V1HasV2State = s.V1HasV2State != nil
	_, ratio := s.Throughput.Judged()
	n.Ratio = ratio.Value
	return n
}

func printNights(e *env, nights []night, windows schedule.Config) error {
	if len(nights) == 0 {
		_, err := fmt.Fprintln(e.text(), "no evidence is stored yet")
		return err
	}
	t := tabwriter.NewWriter(e.text(), 0, 0, 2, ' ', 0)
	zone := document.Window{Zone: windows.TimeZone}.Location()
	hasHours := windows.Schedule != ""
	fmt.Fprintln(t, map[bool]string{false: "day", true: "from"}[hasHours]+"\trun\tV2\tverdict\tlevel\trecords\troots\tratio\ttax\tholes")
	for _, n := range nights {
		day := n.Day
		if hasHours {
			day = n.From.In(zone).Format("2006-01-02 15:04")
		}
		ratio, tax := "-", "-"
		if n.Ratio != 0 {
			ratio = fmt.Sprintf("%.2f", n.Ratio)
		}
		if n.Tax != nil {
			tax = fmt.Sprintf("%.1f %%", 100**n.Tax)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", day, n.Run, n.V2, n.Verdict, n.Level, gate.Thousands(n.Records), gate.Thousands(n.Roots), ratio, tax, n.Holes)
	}
	return t.Flush()
}
