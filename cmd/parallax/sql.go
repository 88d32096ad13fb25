package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/faults"
	"parallax/processors/oracle"
	"parallax/processors/plan"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
	"parallax/shadow/script"
)

type sqlCommand struct {
	Query     string `arg:"" optional:"" help:"The script."`
	File      string `help:"File that holds the script." short:"f" placeholder:"FILE"`
	Processor string `help:"What runs it: v1, v2, v2:N, v2:affinity, v2:N:affinity or oracle." default:"v1"`
	Strategy  string `help:"How V2 routes records to its partitions." default:"auto" placeholder:"NAME"`
	Force     bool   `help:"Take a --strategy that splits a query's state, for an experiment."`
	Input     string `help:"Records, a JSON line each; - is standard input." default:"-" placeholder:"FILE"`
	Values    bool   `help:"Each input line is the value alone, of the one source."`
	Batch     int    `help:"Records in a batch; it never changes a result." default:"1000"`
	NoFlush   bool   `help:"Leave windows open that are open at the end."`
	Raw       bool   `help:"Add the bytes that Kafka would get."`
	DLQ       string `help:"File for records that cannot be decoded." name:"dlq" placeholder:"FILE"`
	OnError   string `help:"What the job's on_error is: null or dlq; dlq makes no row of a record whose expression fails." enum:"null,dlq" default:"null"`
	Late      string `help:"What the job's late is: drop or dlq." enum:"drop,dlq" default:"drop"`
	Fault     string `help:"A fault of parallax demo in V2, to try its reproduction." placeholder:"NAME"`
	Explain   bool   `help:"Show the plan and run nothing."`
	Functions bool   `help:"List the functions and run nothing."`
}

func (sqlCommand) Help() string {
	return examples(
		"parallax generate --records 1000 -o r.jsonl",
		"parallax sql -f query.sql --input r.jsonl",
		"parallax sql -f query.sql --input r.jsonl --processor v2:4",
		"parallax sql --explain -f query.sql",
	)
}

func (c *sqlCommand) Run(e *env) error {
	if c.Functions {
		return listFunctions(e)
	}
	name, text, err := c.script()
	if err != nil {
		return err
	}
	p, err := plan.Compile(text, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if c.Explain || p.ExplainOnly {
		return c.explain(e.text(), p)
	}
	if c.Batch <= 0 {
		return fmt.Errorf("--batch: %d: must be greater than 0", c.Batch)
	}
	for _, w := range p.Warnings {
		e.log.Info(w)
	}
	proc, err := c.newProcessor(p)
	if err != nil {
		return err
	}
	return errors.Join(c.process(e, p, proc), proc.Close())
}

// script is the query's text, and what to call it in errors.
func (c *sqlCommand) script() (name, text string, err error) {
	switch {
	case c.File != "" && c.Query != "":
		return "", "", errors.New("give the script as an argument or with -f, not both")
	case c.File != "":
		b, err := os.ReadFile(c.File)
		return c.File, string(b), err
	case c.Query != "":
		return "query", c.Query, nil
	}
	return "", "", errors.New("there is no script: give it as an argument, or with -f FILE")
}

// config is what runs the script.
func (c *sqlCommand) config() (processors.Config, error) {
	cfg, err := processors.ParseConfig(c.Processor, processors.ArchitectureOracle)
	if err != nil {
		return cfg, fmt.Errorf("--processor: %w", err)
	}
	return routed(cfg, c.Strategy, c.Force)
}

func (c *sqlCommand) newProcessor(p *plan.Plan) (processors.Processor, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	opt := processors.Options{ErrorsToDeadLetter: c.OnError == "dlq", LateToDeadLetter: c.Late == "dlq"}
	switch {
	case c.Fault != "":
		f, err := faults.Parse(c.Fault)
		if err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
		return f.New(cfg, p, opt)
	case cfg.Architecture == processors.ArchitectureOracle:
		return oracle.New(p, opt)
	}
	return factory.New(cfg, p, opt)
}

func (c *sqlCommand) explain(w io.Writer, p *plan.Plan) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	text, err := explainPlan(p, cfg)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

func (c *sqlCommand) process(e *env, p *plan.Plan, proc processors.Processor) error {
	in, name := e.in, "standard input"
	if c.Input != "-" {
		f, err := os.Open(c.Input)
		if err != nil {
			return err
		}
		defer f.Close()
		in, name = f, c.Input
	}
	run := script.Run{
		Plan: p, Processor: proc, Records: in, Name: name, Out: e.out, Raw: c.Raw,
		Options: ingest.FileOptions{Batch: c.Batch, Values: c.Values, Flush: !c.NoFlush, MaxFuture: kafka.DefaultConfig().MaxFuture},
	}
	var create func() (io.WriteCloser, error)
	if c.DLQ != "" {
		create = func() (io.WriteCloser, error) { return c.createDead(in) }
	}
	run.Refused = script.NewRefused(p.Sources, e.reportRefused, create)
	result, err := run.Do(e.ctx)
	if err != nil {
		return err
	}
	return e.printCounts(result)
}

// createDead creates the file for records that cannot be decoded.
func (c *sqlCommand) createDead(in io.Reader) (io.WriteCloser, error) {
	inputs, closeScript, err := c.openInputs(in)
	if err != nil {
		return nil, err
	}
	defer closeScript()
	return createOutput("--dlq", c.DLQ, inputs...)
}

// openInputs returns the files that the command reads: its records, which in reads, and
// its script.
func (c *sqlCommand) openInputs(in io.Reader) (files []*os.File, closeScript func(), err error) {
	closeScript = func() {}
	if f, ok := in.(*os.File); ok {
		files = append(files, f)
	}
	if c.File != "" {
		script, err := os.Open(c.File)
		if err != nil {
			return nil, closeScript, err
		}
		files, closeScript = append(files, script), func() { _ = script.Close() }
	}
	return files, closeScript, nil
}
