package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"parallax/config"
	"parallax/diff"
	"parallax/diff/records"
	"parallax/reports"
)

type compareCommand struct {
	Left       string `arg:"" help:"File of output records; - is standard input."`
	Right      string `arg:"" help:"File of output records; - is standard input."`
	Level      string `help:"Level that has to hold: E0, E1, E2, E2w, E3, E3r or E4." default:"E1"`
	Rules      string `help:"File of rules that tolerate differences." placeholder:"FILE"`
	AllowEmpty bool   `help:"Two files without a row are equal, not inconclusive."`
}

func (compareCommand) Help() string {
	return examples(
		"parallax compare v1.jsonl v2.jsonl",
		"parallax compare v1.jsonl v2.jsonl --level E3 --json",
		"parallax compare v1.jsonl v2.jsonl --rules rules.yaml",
		"parallax sql -f query.sql --input r.jsonl --processor v2:4 | parallax compare v1.jsonl -",
	)
}

func (c *compareCommand) Run(e *env) error {
	var rules []diff.Rule
	if c.Rules != "" {
		var err error
		if rules, err = config.LoadRules(c.Rules); err != nil {
			return fmt.Errorf("--rules: %w", err)
		}
	}
	level, err := diff.ParseLevel(c.Level)
	if err != nil {
		return fmt.Errorf("--level: %w", err)
	}
	if level < diff.E4 {
		return fmt.Errorf("--level: %s is not supported yet; use E0 to E4", level)
	}
	res, err := c.compare(e, records.Options{Options: diff.Options{Require: level, Rules: rules}, AllowEmpty: c.AllowEmpty})
	if err != nil {
		return err
	}
	verdict := reports.ComparisonVerdict(level, res, c.AllowEmpty)
	if e.json {
		err = json.NewEncoder(e.out).Encode(map[string]any{
			"left": c.Left, "right": c.Right, "level": level, "level_held": res.LevelHeld, "equal": verdict == reports.Equal,
			"verdict":              verdict,
			"rows":                 map[string]int64{"left": res.Rows[0], "right": res.Rows[1]},
			"first_different_line": res.FirstDifferentLine,
			"divergences":          diff.Divergences{Root: res.Root, Cascade: res.Cascade, ByClass: res.ByClass},
			"signatures":           res.Signatures, "tolerated": append([]diff.Tolerated{}, res.Tolerated...),
		})
	} else {
		err = reports.Comparison(e.text(), c.Left, c.Right, level, verdict, res)
	}
	switch {
	case err != nil:
		return err
	case verdict == reports.Different:
		return exitCode(exitFail)
	case verdict == reports.NothingCompared:
		return exitCode(exitInconclusive)
	}
	return nil
}

// compare reads the two files, of which one may be standard input.
func (c *compareCommand) compare(e *env, opt records.Options) (records.Result, error) {
	if c.Left == "-" && c.Right == "-" {
		return records.Result{}, errors.New("standard input can be one of the files, not both")
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
	return records.Compare(in[0], in[1], names[0], names[1], opt)
}
