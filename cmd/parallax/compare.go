package main

import (
	"encoding/json"
	"fmt"
	"os"

	"parallax/config"
	"parallax/diff"
	"parallax/reports"
)

type compareCommand struct {
	Left  string `arg:"" help:"File of output records."`
	Right string `arg:"" help:"File of output records."`
	Level string `help:"Level that has to hold: E0, E1, E2, E2w, E3, E3r or E4." default:"E1"`
	Rules string `help:"File of rules that tolerate differences." placeholder:"FILE"`
}

func (compareCommand) Help() string {
	return examples("parallax compare v1.jsonl v2.jsonl", "parallax compare v1.jsonl v2.jsonl --level E3 --json", "parallax compare v1.jsonl v2.jsonl --rules rules.yaml")
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
	left, err := os.Open(c.Left)
	if err != nil {
		return err
	}
	defer left.Close()
	right, err := os.Open(c.Right)
	if err != nil {
		return err
	}
	defer right.Close()
	res, err := diff.CompareFiles(left, right, c.Left, c.Right, diff.Options{Require: level, Rules: rules})
	if err != nil {
		return err
	}
	equal := res.LevelHeld >= level
	if e.json {
		err = json.NewEncoder(e.out).Encode(map[string]any{
			"left": c.Left, "right": c.Right, "level": level, "level_held": res.LevelHeld, "equal": equal,
			"rows":        map[string]int64{"left": res.Lines[0], "right": res.Lines[1]},
			"divergences": reports.Divergences{Root: res.Root, Cascade: res.Cascade, ByClass: res.ByClass},
			"signatures":  res.Signatures, "tolerated": append([]diff.Tolerated{}, res.Tolerated...),
		})
	} else {
		err = reports.Comparison(e.out, c.Left, c.Right, level, res)
	}
	if err != nil {
		return err
	}
	if !equal {
		return exitCode(exitFail)
	}
	return nil
}
