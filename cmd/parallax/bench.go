package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"parallax/reports/performance"
	"parallax/shadow/bench"
)

type benchCommand struct {
	Scenario []string `help:"Scenarios: 0, 1, 2, 2c, 3a, 3b, 2-double, 3b-double, small. All, unless told." placeholder:"ID,..."`
	Path     []string `help:"Paths: floor, direct, v1, v2:N, shadow, kafka, kafka-v1, kafka-plain; v2 for every N. All, unless told." placeholder:"NAME,..."`
	Batch    []int    `help:"Records in a batch. 1000, 10000 and 100000, unless told." placeholder:"N,..."`
	Records  int      `help:"Records of a scenario; 0 takes what fits the batch." default:"0"`
	Rounds   int      `help:"Interleaved rounds." default:"11"`
	Seed     uint64   `help:"Seed of the data." default:"1"`
}

func (benchCommand) Help() string {
	return examples(
		"parallax bench --scenario 3b --path floor,direct,v1,v2:4",
		"parallax bench --scenario 2,3b --batch 10000 --records 200000 --rounds 3 --json",
	) + "\n\nns are of wall time a record, over the rounds; a ratio is the median of the rounds' own ratios of speeds."
}

func (c *benchCommand) Run(e *env) error {
	opt := bench.Options{
		Scenarios: c.Scenario, Paths: c.Path, Batches: c.Batch, Records: c.Records, Rounds: c.Rounds, Seed: c.Seed,
		Progress: benchProgress(e),
	}
	if c.Rounds < 1 {
		return fmt.Errorf("--rounds: %d is not above zero", c.Rounds)
	}
	if err := opt.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	doc := &bench.Document{
		Machine: bench.ThisMachine(version, builtFrom()),
		Command: strings.Join(append([]string{"parallax"}, os.Args[1:]...), " "), Started: time.Now().UTC().Format(time.RFC3339),
	}
	if err := bench.Run(e.ctx, opt, doc); err != nil {
		return err
	}
	if err := c.more(e, opt, doc); err != nil {
		return err
	}
	return c.finish(e, doc)
}

// more measures what is not a path of its own: where all paths are wanted, or the
// shadow.
func (c *benchCommand) more(e *env, opt bench.Options, doc *bench.Document) error {
	for _, id := range scalingScenarios {
		if len(c.Path) == 0 && c.wants(id) {
			if err := bench.RunScaling(e.ctx, id, opt, doc); err != nil {
				return err
			}
		}
	}
	if c.wants(shadowScenario) && (len(c.Path) == 0 || slices.Contains(c.Path, "shadow")) {
		return bench.RunSideBySide(e.ctx, shadowScenario, opt, doc)
	}
	return nil
}

// scalingScenarios are those whose scaling is predicted, shadowScenario the one in
// which V1 is measured with the shadow and without.
var scalingScenarios = []string{"2", "3b"}

const shadowScenario = "3b"

func (c *benchCommand) wants(scenario string) bool {
	return len(c.Scenario) == 0 || slices.Contains(c.Scenario, scenario)
}

// finish shows a document, and fails where rows differ.
func (c *benchCommand) finish(e *env, doc *bench.Document) error {
	if err := e.printBench(doc); err != nil {
		return err
	}
	if len(doc.Results) == 0 {
		return errors.New("nothing was measured: none of the scenarios has such a path")
	}
	if n := len(doc.Differing()); n > 0 {
		fmt.Fprintf(e.errs, "parallax: the rows of %d results are not what they should be\n", n)
		return exitCode(exitFail)
	}
	return nil
}

func (e *env) printBench(doc *bench.Document) error {
	if !e.json {
		return performance.Text(e.out, doc)
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
