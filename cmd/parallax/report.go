package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"parallax/config"
	"parallax/reports/delivery"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/schedule"
	"parallax/reports/store"
)

type reportCommand struct {
	Job          string        `arg:"" help:"Job file."`
	Since        time.Duration `help:"Report on the evidence of this time before now." default:"24h" placeholder:"D"`
	Format       string        `help:"Form of the report: html, md, json, text or junit." default:"text" enum:"html,md,json,text,junit"`
	Output       string        `short:"o" help:"File to write instead of standard output." placeholder:"FILE"`
	Evidence     string        `help:"Directory with the evidence, instead of the job's." placeholder:"DIR"`
	TestDelivery bool          `help:"Send the report to the receivers in reports.deliver now, marked as a test."`
}

func (reportCommand) Help() string {
	return examples(
		"parallax report job.yaml",
		"parallax report job.yaml --format html -o report.html",
		"parallax report job.yaml --since 168h --format md",
		"parallax report job.yaml --test-delivery",
	) + "\n\nThe exit code is 0 when the report was written, whatever its verdict is. For the verdict's code use parallax gate."
}

func (c *reportCommand) Run(e *env) error {
	if c.Since <= 0 {
		return fmt.Errorf("--since: %v must be greater than 0", c.Since)
	}
	l, err := config.Load(c.Job, nil)
	if err != nil {
		return err
	}
	if c.TestDelivery && len(l.Job.Reports.Deliver) == 0 {
		return errors.New("--test-delivery: the job has no receivers; add reports.deliver to the job file")
	}
	d, err := c.make(l)
	if err != nil {
		return err
	}
	if c.TestDelivery {
		return testDelivery(e, l.Job.Reports.Deliver, d)
	}
	format := c.Format
	if e.json {
		format = "json"
	}
	if c.Output == "" {
		return writeReport(e.out, e.text(), e.terminal(), format, d)
	}
	f, err := createOutput("-o", c.Output)
	if err != nil {
		return err
	}
	return errors.Join(writeReport(f, newPrintable(f), nil, format, d), f.Close())
}

// make makes the report from the store.
func (c *reportCommand) make(l *config.Loaded) (d *document.Document, err error) {
	j := reported(l, evidenceDir(l, c.Evidence))
	r, err := store.OpenReader(j.EvidenceDir, j.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	now := time.Now()
	return j.Report(r, document.Window{From: now.Add(-c.Since), To: now, Zone: l.Job.Reports.TimeZone}, now)
}

// reported is a job file as reports need it.
func reported(l *config.Loaded, evidence string) *schedule.Job {
	j := &schedule.Job{Name: l.Job.Name, File: l.Path, EvidenceDir: evidence, Policy: l.Job.Gate, Config: l.Job.Reports}
	j.Accepted = func() ([]gate.Acceptance, error) { return config.LoadAccepted(config.AcceptedPath(l.Path)) }
	j.Config.Dir = l.ReportsDir()
	if path, err := filepath.Abs(l.Path); err == nil {
		j.File = path // the reader of a report is in another directory
	}
	return j
}

// reportsOf is a job file as the reports of a run need it.
func reportsOf(e *env, path string) (*schedule.Job, error) {
	l, err := config.Load(path, nil)
	if err != nil {
		return nil, err
	}
	j := reported(l, l.EvidenceDir())
	j.Log = e.log.With("job", j.Name)
	return j, nil
}

// startReports makes a live job's reports beside it until stop, which waits for the one that
// is being made.
func (c *runCommand) startReports(ctx context.Context, j *schedule.Job) (stop func()) {
	if c.UntilEnd {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		j.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// writeReport writes a report; text is the writer that escapes data, terminal gets colours.
func writeReport(w, text, terminal io.Writer, format string, d *document.Document) error {
	switch format {
	case "html":
		page, err := schedule.Page(d)
		if err != nil {
			return err
		}
		_, err = w.Write(page)
		return err
	case "json":
		return d.JSON(w)
	case "md":
		return d.Markdown(w)
	case "junit":
		return d.Verdict.JUnit(w)
	}
	return d.Text(text, terminal)
}

// testDelivery sends a report to all receivers, and says what came of it.
func testDelivery(e *env, to []delivery.Config, d *document.Document) error {
	page, err := schedule.Page(d)
	if err != nil {
		return err
	}
	m, err := delivery.New(d, page, true)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range to {
		if err := c.Send(e.ctx, m); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Channel(), err))
			continue
		}
		if _, err := fmt.Fprintf(e.text(), "delivered: %s\n", c.Channel()); err != nil {
			return err
		}
	}
	return failed
}
