package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

type historyCommand struct {
	Job      string `arg:"" help:"Job file."`
	Evidence string `help:"Directory with the evidence, instead of the job's." placeholder:"DIR"`
}

func (historyCommand) Help() string {
	return examples("parallax history job.yaml", "parallax history job.yaml --json") +
		"\n\nA line is the evidence that a run made between two midnights (UTC). Its verdict is the last one that was made then, by the gate or a report; without one, what the gate says of that evidence alone."
}

// night is a line of the history: a day of a run.
type night struct {
	Day     string     `json:"day"`
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
	Holes    int             `json:"holes"`
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
	nights, err := nightsOf(r, l.Job.Gate, accepted)
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{"job": l.Job.Name, "nights": nights})
	}
	return printNights(e, nights)
}

// nightsOf returns the days of all runs, the oldest first.
func nightsOf(r *store.Reader, p gate.Policy, accepted []gate.Acceptance) ([]night, error) {
	nights := []night{}
	runs, err := r.Runs()
	if err != nil {
		return nil, err
	}
	made, err := madeVerdicts(r)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		for day := run.First.UTC().Truncate(24 * time.Hour); !day.After(run.Last); day = day.Add(24 * time.Hour) {
			s, err := r.Stretch(store.Query{Run: run.Run, Since: day, Until: day.Add(24 * time.Hour)})
			if err != nil {
				return nil, err
			}
			if s.Ledger.Records() == 0 && len(s.Interruptions) == 0 {
				continue // the job did not run
			}
			n := nightOf(s, p, accepted)
			n.Day, n.Run, n.V2 = day.Format(time.DateOnly), run.Run, run.V2
			if state, ok := made[[2]string{n.Run, n.Day}]; ok {
				n.Verdict, n.IsStored = state, true
			}
			nights = append(nights, n)
		}
	}
	return nights, nil
}

// madeVerdicts are the last verdicts that were stored, by run and day.
func madeVerdicts(r *store.Reader) (map[[2]string]gate.State, error) {
	made := map[[2]string]gate.State{}
	verdicts, err := r.Verdicts()
	if err != nil {
		return nil, err
	}
	for _, v := range verdicts {
		made[[2]string{v.Run, v.Made.UTC().Format(time.DateOnly)}] = gate.State(v.State)
	}
	return made, nil
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
	_, ratio := s.Throughput.Judged()
	n.Ratio = ratio.Value
	return n
}

func printNights(e *env, nights []night) error {
	if len(nights) == 0 {
		_, err := fmt.Fprintln(e.text(), "no evidence is stored yet")
		return err
	}
	t := tabwriter.NewWriter(e.text(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "day\trun\tV2\tverdict\tlevel\trecords\troots\tratio\ttax\tholes")
	for _, n := range nights {
		ratio, tax := "-", "-"
		if n.Ratio != 0 {
			ratio = fmt.Sprintf("%.2f", n.Ratio)
		}
		if n.Tax != nil {
			tax = fmt.Sprintf("%.1f %%", 100**n.Tax)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", n.Day, n.Run, n.V2, n.Verdict, n.Level, gate.Thousands(n.Records), gate.Thousands(n.Roots), ratio, tax, n.Holes)
	}
	return t.Flush()
}
