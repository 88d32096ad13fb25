package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/diff/records"
	"parallax/reports"
	"parallax/reports/gate"
)

type compareCommand struct {
	Left         string  `arg:"" help:"File of output records, - for standard input, or kafka://BROKERS/TOPIC."`
	Right        string  `arg:"" help:"File of output records, - for standard input, or kafka://BROKERS/TOPIC."`
	Level        string  `help:"Equivalence level that is required: E0, E1, E2, E2w, E3, E3r, E4, E5, E6, Zs or Ze; E1 for files, E6 for tables and Ze for rows without a key if left out." placeholder:"LEVEL"`
	Rules        string  `help:"File of rules that tolerate differences." placeholder:"FILE"`
	MaxTolerated float64 `help:"Largest part of a topic's rows that all rules together may tolerate, 0 to 1." default:"0.05" placeholder:"PART"`
	AllowEmpty   bool    `help:"Report two sides without rows as equal, not as inconclusive."`
	compareTables
}

func (compareCommand) Help() string {
	return examples(
		"parallax compare v1.jsonl v2.jsonl",
		"parallax compare v1.jsonl v2.jsonl --level E3 --json",
		"parallax compare v1.jsonl v2.jsonl --rules rules.yaml",
		"parallax compare kafka://broker:9092/out-v1 kafka://broker:9092/out-v2 --key symbol",
		"parallax compare kafka://broker:9092/out-v1 expected.jsonl --key symbol --window-start window_start",
		"parallax sql -f query.sql --input r.jsonl --processor v2:4 | parallax compare v1.jsonl -",
	)
}

func (c *compareCommand) Run(e *env) error {
	return untilEnded(e.ctx, func() error { return c.run(e) })
}

// untilEnded returns what work returns. When ctx ends first, it returns an error at once
// and leaves work behind: reading may be blocked, and comparing takes long. It is for a
// command after which the process ends.
func untilEnded(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("interrupted before the comparison was finished")
	}
}

func (c *compareCommand) run(e *env) error {
	var rules []diff.Rule
	if c.Rules != "" {
		var err error
		if rules, err = config.LoadRules(c.Rules); err != nil {
			return fmt.Errorf("--rules: %w", err)
		}
	}
	policy := gate.DefaultPolicy()
	if policy.MaxTolerated = c.MaxTolerated; policy.Validate() != nil {
		return fmt.Errorf("--max-tolerated: %v must be between 0 and 1", c.MaxTolerated)
	}
	if c.areTables() {
		return c.runTables(e, rules, policy)
	}
	if err := c.refuseTableFlags(); err != nil {
		return err
	}
	level, err := diff.ParseLevel(cmp.Or(c.Level, "E1"))
	if err != nil {
		return fmt.Errorf("--level: %w", err)
	}
	res, err := c.compare(e, records.Options{Options: diff.Options{Require: level, Rules: rules}, AllowEmpty: c.AllowEmpty})
	if err != nil {
		return err
	}
	verdict, reason := reports.ComparisonVerdict(level, res, c.AllowEmpty, policy, time.Now())
	if e.json {
		err = json.NewEncoder(e.out).Encode(map[string]any{
			"left": c.Left, "right": c.Right, "level": level, "level_held": res.LevelHeld, "equal": verdict == reports.Equal,
			"verdict":              verdict,
			"reason":               reason,
			"rows":                 map[string]int64{"left": res.Rows[0], "right": res.Rows[1]},
			"first_different_line": res.FirstDifferentLine,
			"divergences":          diff.Divergences{Root: res.Root, Cascade: res.Cascade, ByClass: res.ByClass},
			"signatures":           res.Signatures, "tolerated": append([]diff.Tolerated{}, res.Tolerated...),
		})
	} else {
		err = reports.Comparison(e.text(), c.Left, c.Right, level, verdict, reason, res)
	}
	if err != nil {
		return err
	}
	return comparisonExit(verdict)
}

// comparisonExit is the exit code of a comparison's verdict, nil for equal sides.
func comparisonExit(verdict reports.ComparisonResult) error {
	switch verdict {
	case reports.Different:
		return exitCode(exitFail)
	case reports.Inconclusive:
		return exitCode(exitInconclusive)
	}
	return nil
}

// compare reads the two files, of which one may be standard input.
func (c *compareCommand) compare(e *env, opt records.Options) (records.Result, error) {
	if c.Left == "-" && c.Right == "-" {
		return records.Result{}, errors.New("both files are standard input (-): name a file for one of them")
	}
	var in [2]io.Reader
	names := [2]string{c.Left, c.Right}
	for i, name := range names {
		if name == "-" {
			in[i], names[i] = e.in, "standard input"
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return records.Result{}, err
		}
		defer f.Close()
		in[i] = f
	}
	return records.Compare(e.ctx, in[0], in[1], names[0], names[1], opt)
}
