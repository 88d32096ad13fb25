package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/shadow/explain"
	"parallax/shadow/replay"
)

type explainCommand struct {
	Job       string   `arg:"" help:"Job file."`
	Signature string   `arg:"" optional:"" help:"Id of a divergence, as a summary or report shows it; without it the first one that a replay shows."`
	Output    string   `help:"Folder to write that reproduces the divergence." short:"o" placeholder:"DIR"`
	Input     string   `help:"Input records, a JSON line each, in the order of the input; - is standard input. Without it they are read from the job's topics." placeholder:"FILE"`
	Summary   string   `help:"Summary of the run (run --json, demo --json), which says what the divergence is, and its cause." placeholder:"FILE"`
	Evidence  string   `help:"Directory of stored evidence, if it is not the job's; evidence says what the divergence is, and its cause." placeholder:"DIR"`
	From      string   `help:"Read the topics from this time on, such as 2026-01-02T15:04:05Z." placeholder:"TIME"`
	Records   int      `help:"Most records that are replayed." default:"200000"`
	Redact    []string `help:"Column of an output or a source whose values are replaced by hashes; may be repeated." placeholder:"TOPIC.COLUMN"`
	Fault     string   `help:"The fault that parallax demo injected into V2." placeholder:"NAME"`
}

func (explainCommand) Help() string {
	return examples(
		"parallax explain job.yaml 4383b341414e",
		"parallax explain job.yaml --input records.jsonl",
		"parallax explain job.yaml 4383b341414e --input records.jsonl -o divergence",
		"parallax explain job.yaml 4383b341414e --summary summary.json --input records.jsonl --json",
	) + "\n\nThe exit code is 0 if a replay shows the divergence, and 3 if it does not."
}

func (c *explainCommand) Run(e *env) error {
	if c.Signature != "" && !gate.IsSignatureID(c.Signature) {
		return fmt.Errorf("SIGNATURE: %q is not the id of a divergence: 12 hexadecimal digits, as summaries and reports show it", c.Signature)
	}
	l, err := e.loadJob(c.Job)
	if err != nil {
		return err
	}
	s, err := c.subject(l)
	if err != nil {
		return err
	}
	known, otherV2, err := c.known(l)
	if err != nil {
		return err
	}
	input, err := c.records(e, l, s, known)
	if err != nil {
		return err
	}
	target := explain.Target{ID: c.Signature}
	if known != nil {
		target = explain.TargetOf(*known)
	}
	shown := newSteps(e.errs)
	x, err := explain.Explain(e.ctx, s, input.Records, explain.Options{Target: target, Progress: shown.at})
	shown.done()
	if err != nil {
		return err
	}
	if input.IsCut && !x.Shown {
		x.Why = append(x.Why, replay.LeftOut(fmt.Sprintf("--records %d", c.Records)))
	}
	if otherV2 != "" {
		x.Why, x.More = append(x.Why, "the V2: "+otherV2), append(x.More, "Another V2 is replayed: "+otherV2+".")
	}
	if c.Output != "" && x.Shown {
		if err := x.WriteFolder(e.ctx, c.Output, s); err != nil {
			return err
		}
	}
	if err := c.print(e, x, s); err != nil {
		return err
	}
	if !x.Shown {
		return exitCode(exitInconclusive)
	}
	return nil
}

// print writes the explanation as the user wants it.
func (c *explainCommand) print(e *env, x *explain.Explanation, s *explain.Subject) error {
	if e.json {
		line := json.NewEncoder(e.out)
		line.SetEscapeHTML(false)
		return line.Encode(x)
	}
	w := e.text()
	if err := x.WriteText(w); err != nil || !x.Shown {
		return err
	}
	var err error
	if c.Output == "" {
		_, err = fmt.Fprint(w, "\nWith -o DIR you get a folder with the smallest input and a command that reproduces it.\n")
	} else {
		_, err = fmt.Fprintf(w, "\nTo reproduce it:\n  cd %s\n  %s\n", c.Output, x.Command(e.ctx, s))
	}
	return err
}

// subject is the job as it is replayed.
func (c *explainCommand) subject(l *config.Loaded) (*explain.Subject, error) {
	s, err := replay.SubjectOf(l, replay.Options{Fault: c.Fault, Redact: c.Redact, EvidenceDir: evidenceDir(l, c.Evidence)})
	if bad, ok := errors.AsType[*replay.OptionError](err); ok {
		return nil, fmt.Errorf("--%w", bad)
	}
	return s, err
}
