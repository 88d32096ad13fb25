package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"parallax/processors/faults"
	"parallax/shadow/demo"
	"parallax/shadow/job"
)

type demoCommand struct {
	Records    int           `help:"How many records; 0 shows what an empty run is worth." default:"-1"`
	Duration   time.Duration `help:"Make records for as long as this instead, while the job runs." placeholder:"D"`
	Scenario   string        `help:"Scenario: desks, 0, 1, 2, 2c, 3a, 3b, session, hopping, join, distinct or small; a fault brings its own." default:""`
	Partitions int           `help:"V2's partitions." default:"4"`
	Strategy   string        `help:"How V2 routes records to its partitions." default:"auto" placeholder:"NAME"`
	Force      bool          `help:"Take a --strategy that splits the query's state, for an experiment."`
	Fault      string        `help:"Something that goes wrong in V2, for all records or from one to another." placeholder:"NAME[@FROM[-TO]]"`
	Seed       uint64        `help:"Seed of the data." default:"1"`
	Listen     string        `help:"Address of the page, the API and metrics, such as 127.0.0.1:8080; with --keep or --duration there is time to look." placeholder:"ADDR"`
	Isolated   bool          `help:"Measure the paths one at a time as well, on the last batches."`
	Keep       bool          `help:"Leave the broker up afterwards, and print a job file for it."`
}

func (demoCommand) Help() string {
	return examples(
		"parallax demo",
		"parallax demo --fault split-key",
		"parallax demo --fault hang@5000 --json",
		"parallax demo --fault slow@1-50000",
		"parallax demo --strategy round_robin --force",
		"parallax demo --records 0",
		"parallax demo --isolated",
		"parallax demo --fault split-key --listen 127.0.0.1:8080 --keep",
	) + "\n\nFaults: " + strings.Join(faults.Names(), ", ") + "."
}

func (c *demoCommand) Run(e *env) error {
	d, err := demo.New(c.options(e))
	if bad, ok := errors.AsType[*demo.OptionError](err); ok {
		return fmt.Errorf("--%w", bad)
	}
	if err != nil {
		return err
	}
	if c.Records >= 0 && c.Duration > 0 {
		return errors.New("--records and --duration cannot be used together; remove one")
	}
	if err := d.Start(); err != nil {
		return err
	}
	defer d.Stop()
	fmt.Fprintf(e.errs, "embedded broker on %s; scenario %s: %s\n", strings.Join(d.Addrs(), ", "), d.Scenario.ID, d.Scenario.Title)
	if d.Fault != nil {
		fmt.Fprintf(e.errs, "fault in V2: %s\n", c.Fault)
	}
	if err := d.Prepare(e.ctx); err != nil {
		return err
	}
	ended := func(error) {}
	if d.Job.Listen != "" {
		var build job.BuildV2
		if d.Fault != nil {
			build = d.Fault.New
		}
		page, err := show(e, "parallax demo", d.Job, d.Loaded, nil, build)
		if err != nil {
			return err
		}
		defer func() { _ = page.close() }() // the demo is over
		ended = page.host.Ended
	}
	r, err := d.Run(e.ctx)
	ended(err)
	if err != nil && r == nil {
		return err
	}
	sum := summary(r)
	sum.Exit = sum.Code
	if err := errors.Join(err, e.print(sum)); err != nil {
		return err
	}
	if c.Keep {
		fmt.Fprintf(e.text(), `
# The broker stays up until Ctrl-C. A job file for it:
%s# parallax run job.yaml --until-end --flush --from-start --append
`, d.JobFile())
		<-e.ctx.Done()
	}
	if sum.Code != exitPass {
		return exitCode(sum.Code)
	}
	return nil
}

// options are what the flags ask for.
func (c *demoCommand) options(e *env) demo.Options {
	return demo.Options{
		Scenario: c.Scenario, Records: c.Records, Duration: c.Duration, Fault: c.Fault,
		Partitions: c.Partitions, Strategy: c.Strategy, Force: c.Force,
		Seed: c.Seed, Listen: c.Listen, Isolated: c.Isolated,
		Program: thisProgram(), Log: e.log, Observer: &watcher{e: e},
		Producing: func(total int64) (produced func(int64), ended func()) {
			p := newProgress(e.errs, "produced", total)
			return p.at, p.done
		},
	}
}
