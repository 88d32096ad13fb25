package main

import (
	"context"
	"fmt"
	"time"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

type gateCommand struct {
	Job      string         `arg:"" help:"Job file."`
	Since    *time.Duration `help:"Judge only evidence of this time before now, such as 24h." placeholder:"D"`
	RunID    string         `name:"run" help:"Judge this run instead of the newest one." placeholder:"ID"`
	Wait     time.Duration  `help:"Wait this long for a pass, such as 24h. A fail ends the wait at once." placeholder:"D"`
	Poll     time.Duration  `help:"With --wait: how often the evidence is read." default:"30s" placeholder:"D"`
	Policy   string         `help:"File with a section gate that applies instead of the job's." placeholder:"FILE"`
	Evidence string         `help:"Directory with the evidence, instead of the job's." placeholder:"DIR"`
	Format   string         `help:"Form of the verdict: text, json, junit or md." default:"text" enum:"text,json,junit,md"`
}

func (gateCommand) Help() string {
	return examples(
		"parallax gate job.yaml",
		"parallax gate job.yaml --since 24h --format md",
		"parallax gate job.yaml --wait 24h --poll 30s",
	) + "\n\nThe exit code is 0 for pass, 1 for fail, 2 for error, 3 for inconclusive, and 4 for a V2 that is right but too slow." +
		"\n\nRules and acceptances that were adopted on a job server are in its --data and not seen here: ask the server for its verdict."
}

func (c *gateCommand) Run(e *env) error {
	switch {
	case c.Since != nil && *c.Since <= 0:
		return fmt.Errorf("--since: %v must be greater than 0", *c.Since)
	case c.Wait < 0:
		return fmt.Errorf("--wait: %v must not be negative", c.Wait)
	case c.Poll <= 0:
		return fmt.Errorf("--poll: %v must be greater than 0", c.Poll)
	}
	j, err := c.judge(e)
	if err != nil {
		return err
	}
	d, err := waited(e.ctx, c.Wait, c.Poll, j.verdict)
	if err != nil {
		return err
	}
	j.remember(e, d)
	if err := c.write(e, d); err != nil {
		return err
	}
	if d.Code != exitPass {
		return exitCode(d.Code)
	}
	return nil
}

// judge reads what decides beside the evidence.
func (c *gateCommand) judge(e *env) (*judge, error) {
	l, err := config.Load(c.Job, nil)
	if err != nil {
		return nil, err
	}
	j := &judge{loaded: l, dir: evidenceDir(l, c.Evidence), policy: l.Job.Gate, query: store.Query{Run: c.RunID}, accepted: config.AcceptedPath(c.Job), isOwn: c.Policy == "" && c.Since == nil}
	if c.Since != nil {
		j.since = *c.Since
	}
	if c.Policy != "" {
		if j.policy, err = config.LoadPolicy(c.Policy); err != nil {
			return nil, err
		}
	}
	if c.RunID == "" {
		identity, err := job.IdentityOf(l, thisProgram())
		if err != nil {
			return nil, err
		}
		j.current = &identity
	}
	j.warn = func(err error) { e.log.Warn(err.Error()) }
	return j, nil
}

// evidenceDir is the directory with a job's evidence.
func evidenceDir(l *config.Loaded, given string) string {
	if given != "" {
		return given
	}
	return l.EvidenceDir()
}

// write writes the verdict in the form that is wanted.
func (c *gateCommand) write(e *env, d verdict.Document) error {
	switch {
	case e.json || c.Format == "json":
		line, err := d.JSON()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.out, "%s\n", line)
		return err
	case c.Format == "junit":
		return d.JUnit(e.out)
	case c.Format == "md":
		return d.Markdown(e.out)
	}
	return d.Text(e.text())
}

// waited returns the verdict once it is a pass or a fail, or what it is when the wait is
// over. A wait of 0 judges once.
func waited(ctx context.Context, wait, poll time.Duration, judge func() (verdict.Document, error)) (verdict.Document, error) {
	over := time.Now().Add(wait)
	for {
		d, err := judge()
		left := time.Until(over)
		if err != nil || d.Verdict != gate.Inconclusive || left <= 0 {
			return d, err
		}
		timer := time.NewTimer(min(poll, left))
		select {
		case <-timer.C:
		case <-ctx.Done(): // the verdict so far
			timer.Stop()
			return d, nil
		}
	}
}

// judge makes verdicts on the stored evidence of a job.
type judge struct {
	loaded   *config.Loaded
	dir      string
	policy   gate.Policy
	query    store.Query
	since    time.Duration // 0 for all evidence
	accepted string        // the file of accepted signatures
	isOwn    bool          // by the job's policy, on all evidence
	// current is what the job is now; nil if another run than the newest is judged.
	current *evidence.RunIdentity
	warn    func(error)
}

// verdict judges the evidence that is stored now. Without any the verdict is inconclusive.
func (j *judge) verdict() (verdict.Document, error) {
	at := time.Now()
	accepted, err := config.LoadAccepted(j.accepted)
	if err != nil {
		return verdict.Document{}, err
	}
	q := j.query
	if j.since > 0 {
		q.Since = at.Add(-j.since)
	}
	d, why, err := verdict.OnStored(verdict.Stored{
		Dir: j.dir, Job: j.loaded.Job.Name, Query: q, Policy: j.policy, Accepted: accepted, Current: j.current, Require: j.loaded.Job.Diff.RequireLevel, At: at,
	})
	if why != nil {
		j.warn(why)
		j.warn = func(error) {} // once, while it waits
	}
	return d, err
}

// remember stores a verdict on all evidence by the job's own policy. A store that cannot be
// written, such as a copy, keeps none.
func (j *judge) remember(e *env, d verdict.Document) {
	if !j.isOwn {
		return
	}
	if err := d.Remember(j.dir, j.loaded.Job.Name); err != nil {
		e.log.Warn("the verdict was not stored", "error", err)
	}
}
