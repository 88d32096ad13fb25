package main

import (
	"encoding/json"
	"fmt"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
)

type acceptCommand struct {
	Job       string `arg:"" help:"Job file. The acceptance is written to JOB.accepted.yaml beside it."`
	Signature string `arg:"" help:"The signature's id, as reports show it."`
	Owner     string `required:"" help:"Person or team responsible for the acceptance."`
	Reason    string `required:"" help:"Why the difference is intended."`
	Expires   string `required:"" help:"Last day, in UTC, on which it may let a run pass, such as 2030-12-31." placeholder:"DATE"`
	MaxCount  int64  `required:"" help:"Largest number of divergences that are accepted; if there are more, none is." placeholder:"N"`
}

func (acceptCommand) Help() string {
	return examples(
		`parallax accept job.yaml 00aa11bb22cc --owner team-fees --reason "V2 fixes the rounding of fees" --expires 2030-12-31 --max-count 1000`,
	) + "\n\nAn acceptance of the same signature is replaced. Review and commit the file like code."
}

func (c *acceptCommand) Run(e *env) error {
	l, err := config.Load(c.Job, nil)
	if err != nil {
		return err
	}
	a := gate.Acceptance{Signature: c.Signature, Owner: c.Owner, Reason: c.Reason, Expires: diff.Day(c.Expires), MaxCount: c.MaxCount}
	if err := a.Validate(); err != nil {
		return err
	}
	if a.HasExpired(time.Now()) {
		return fmt.Errorf("expires: %s is over: name a later day", a.Expires)
	}
	file := config.AcceptedPath(c.Job)
	isReplaced, err := config.Accept(file, a)
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{"job": l.Job.Name, "file": file, "replaced": isReplaced, "accepted": a})
	}
	verb := "added to"
	if isReplaced {
		verb = "replaced in"
	}
	_, err = fmt.Fprintf(e.text(), "signature %s: %s %s; at most %s divergences are accepted until %s\n", a.Signature, verb, file, gate.Thousands(a.MaxCount), a.Expires)
	return err
}
