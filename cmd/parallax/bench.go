package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"parallax/reports/performance"
	"parallax/shadow/bench"
	"parallax/shadow/script"
)

type benchCommand struct {
	Scenario []string `help:"Scenarios: 0, 1, 2, 2c, 3a, 3b, session, hopping, join, 2-double, 3b-double, small. Default: all." placeholder:"ID,..."`
	Path     []string `help:"Paths: floor, direct, v1, v2:N, shadow, kafka, kafka-v1, kafka-floor, kafka-plain; v2 for every N, v1@2 on two cores only. Default: all." placeholder:"NAME,..."`
	Section  []string `help:"Sections of the page to measure, and with -o to write: throughput, batches, breakdown, scaling, shadow, checkpoints, stages, kafka. Default: all." placeholder:"NAME,..."`
	Batch    []int    `help:"Records in a batch, at most. Default: 1000, 10000 and 100000." placeholder:"N,..."`
	Records  int      `help:"Records of a scenario; 0 chooses a number that suits the batch size." default:"0"`
	Rounds   int      `help:"Rounds; in each one every path runs once, in turn." default:"11"`
	Seed     uint64   `help:"Seed of the data." default:"1"`
	Brokers  []string `help:"Kafka brokers (host:port) to measure the kafka paths on as well; the embedded one is always measured." env:"KAFKA_SEEDS" placeholder:"ADDR,..."`
	Data     string   `help:"File of values, a line each: measure the script of -f over them, instead of the scenarios." placeholder:"FILE"`
	File     string   `help:"File that holds the script for --data." short:"f" placeholder:"FILE"`
	Output   string   `help:"Folder to write PERFORMANCE.md and its plots to; the page's text outside the marked sections is kept." short:"o" placeholder:"DIR"`
}

func (benchCommand) Help() string {
	return examples(
		"parallax bench --scenario 3b --path floor,direct,v1,v2:4",
		"parallax bench --scenario 2,3b --batch 10000 --records 200000 --rounds 3 --json",
		"parallax bench --data values.jsonl -f query.sql",
		"parallax bench -o docs",
		"parallax bench --section batches -o docs",
	) + "\n\nns are of wall time a record, over the rounds; a ratio is the median of the rounds' own ratios of speeds."
}

func (c *benchCommand) Run(e *env) error {
	opt := bench.Options{
		Scenarios: c.Scenario, Paths: c.Path, Sections: c.Section, Batches: c.Batch, Records: c.Records, Rounds: c.Rounds, Seed: c.Seed,
		Progress: benchProgress(e),
	}
	if err := c.check(opt); err != nil {
		return err
	}
	doc := &bench.Document{
		Machine: bench.ThisMachine(version, builtFrom()), Sections: c.Section,
		Command: strings.Join(append([]string{"parallax"}, os.Args[1:]...), " "), Started: time.Now().UTC().Format(time.RFC3339),
	}
	measure := func() error { return bench.RunSuite(e.ctx, opt, c.Brokers, doc) }
	if c.Data != "" {
		measure = func() error { return c.ownData(e, opt, doc) }
	}
	if err := measure(); err != nil {
		return err
	}
	doc.Load = bench.LoadAverage()
	return c.finish(e, doc)
}

func (c *benchCommand) check(opt bench.Options) error {
	switch {
	case (c.Data == "") != (c.File == ""):
		return errors.New("--data FILE and -f FILE must be used together: the values, and the script that runs over them")
	case c.Data != "" && len(c.Scenario) > 0:
		return errors.New("--data and --scenario cannot be used together: remove one of them")
	case c.Data != "" && len(c.Section) > 0:
		return errors.New("--data and --section cannot be used together: remove one of them")
	case c.Data != "" && c.Output != "":
		return errors.New("-o cannot be used with --data, which only prints a table: remove one of them")
	case c.Rounds < 1:
		return fmt.Errorf("--rounds: %d must be greater than 0", c.Rounds)
	}
	if err := checkBrokers(c.Brokers); err != nil {
		return err
	}
	if err := opt.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return nil
}

// ownData measures the user's query over the user's values.
func (c *benchCommand) ownData(e *env, opt bench.Options, doc *bench.Document) error {
	sql, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	values, err := os.Open(c.Data)
	if err != nil {
		return err
	}
	defer values.Close()
	if err := bench.RunData(e.ctx, string(sql), values, opt, doc); err != nil {
		return fmt.Errorf("%s over %s: %w", c.File, c.Data, err)
	}
	return nil
}

// finish shows a document, and fails where rows differ.
func (c *benchCommand) finish(e *env, doc *bench.Document) error {
	if err := e.printBench(doc); err != nil {
		return err
	}
	if doc.Data != nil {
		if err := e.printCounts(script.Result{Counts: *doc.Data}); err != nil {
			return err
		}
	}
	if doc.IsEmpty() {
		return errors.New("nothing was measured: no scenario that was chosen has one of the paths; choose others with --path, --scenario or --section")
	}
	if n := len(doc.Differing()); n > 0 {
		e.fail(fmt.Errorf("%d results have wrong rows", n))
		return exitCode(exitFail)
	}
	if c.Output != "" {
		return performance.WriteFiles(c.Output, doc)
	}
	return nil
}

func (e *env) printBench(doc *bench.Document) error {
	if !e.json {
		return performance.Text(e.text(), doc)
	}
	line, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s\n", line)
	return err
}

// benchProgress tells what is measured, a line each, and how long it has been.
func benchProgress(e *env) func(string) {
	start := time.Now()
	return func(what string) {
		fmt.Fprintf(e.errs, "%5.0fs  %s\n", time.Since(start).Seconds(), what)
	}
}
