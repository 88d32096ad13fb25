package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"text/tabwriter"
	"time"

	"parallax/config"
	"parallax/server/client"
	"parallax/server/resource"
	"parallax/server/stages"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

type stageCommand struct {
	Job       string        `arg:"" help:"Name of a job, or its job file, whose listen is then the server's address."`
	Action    string        `arg:"" optional:"" help:"next, back, release, or set with a stage. Without it the stage is shown."`
	To        string        `arg:"" optional:"" name:"stage" help:"With set: shadow, canary:P, promoted or done."`
	Server    string        `help:"Address of the server, such as http://127.0.0.1:8080." placeholder:"URL"`
	TokenFile string        `help:"File with the token." placeholder:"FILE"`
	Reason    string        `help:"Why, for the audit and the reports." placeholder:"TEXT"`
	Force     bool          `help:"Go forward although the gate does not allow it. Needs --reason."`
	Wait      time.Duration `help:"Wait this long for what the step needs, such as 2h. A fail ends the wait at once." placeholder:"D"`
	History   bool          `help:"Show the changes of stage, the newest first."`
}

func (stageCommand) Help() string {
	return examples(
		"parallax stage orders",
		"parallax stage orders next --wait 2h",
		"parallax stage job.yaml back --reason \"latency of V2\"",
		"parallax stage orders set canary:5 --server https://parallax:8080 --token-file token",
		"parallax stage orders release --reason \"the broker was slow\"",
	) + "\n\nback takes V1's rows for all keys at once. The exit code is 0 if the stage was changed or shown, 1 if a fail refuses it, 3 if evidence or time is missing, and 2 for everything else."
}

// defaultServer is where serve listens.
const defaultServer = "127.0.0.1:8080"

func (c *stageCommand) Run(e *env) error {
	wanted, err := c.request()
	if err != nil {
		return err
	}
	api, name, err := c.connect()
	if err != nil {
		return err
	}
	switch {
	case c.History:
		list, err := api.StageHistory(e.ctx, name)
		if err != nil {
			return refused(e, err)
		}
		return printStageHistory(e, name, list)
	case wanted == nil:
		s, err := api.Stage(e.ctx, name)
		if err != nil {
			return refused(e, err)
		}
		return printStage(e, s)
	}
	s, err := c.change(e.ctx, api, name, *wanted)
	if err != nil {
		return refused(e, err)
	}
	return printStage(e, s)
}

// stagePoll is how often the stage is read while a step is waited for.
const stagePoll = 2 * time.Second

// stageServer is what a step is asked of.
type stageServer interface {
	Stage(ctx context.Context, job string) (resource.Stage, error)
	SetStage(ctx context.Context, job string, r resource.StageRequest) (resource.Stage, error)
}

// change asks for a step and, if only evidence or time is missing, again when nothing is missing
// any more, or when the wait is over. Meanwhile it reads the stage: each refused request is a line
// of the server's audit.
func (c *stageCommand) change(ctx context.Context, api stageServer, name string, r resource.StageRequest) (resource.Stage, error) {
	over := time.Now().Add(c.Wait)
	for pause := stagePoll; ; pause *= 2 {
		s, err := api.SetStage(ctx, name, r)
		p, ok := errors.AsType[*resource.Problem](err)
		if !ok || !canPass(p) || time.Until(over) <= 0 {
			return s, err
		}
		// The pause grows, in case what the stage shows and what the gate decides differ.
		for isDue := false; !isDue; {
			if !sleep(ctx, min(pause, time.Until(over))) {
				return s, err
			}
			now, err := api.Stage(ctx, name)
			if err != nil {
				return now, err
			}
			isDue = !isForGate(r, now.Stage) || isToBeAsked(now) || time.Until(over) <= 0
		}
	}
}

// isForGate reports whether the gate decides on a request to a job that is in a stage. Others are
// refused only while the job does not run.
func isForGate(r resource.StageRequest, now stage.Stage) bool {
	to, err := stage.Parse(r.To)
	isNotForward := err == nil && !now.IsBefore(to)
	return !r.Force && r.To != resource.Back && r.To != resource.Release && !isNotForward
}

// isToBeAsked reports whether another request for a step may end otherwise than the one before.
func isToBeAsked(s resource.Stage) bool {
	return s.Held || s.Next != nil && (s.Next.IsFail || len(s.Next.Missing) == 0)
}

// sleep waits; false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// request returns what is asked for, nil where the stage is shown only.
func (c *stageCommand) request() (*resource.StageRequest, error) {
	to := c.Action
	switch {
	case c.Wait < 0:
		return nil, errors.New("--wait must not be negative")
	case c.Action == "" && (c.Reason != "" || c.Force || c.Wait > 0):
		return nil, errors.New("--reason, --force and --wait are for a change: add next, back, release, or set with a stage")
	case c.Action == "":
		return nil, nil
	case c.History:
		return nil, errors.New("--history shows changes and makes none: leave out " + c.Action)
	case c.Action == "set" && c.To == "":
		return nil, errors.New("set needs a stage: shadow, canary:P, promoted or done")
	case c.Action == "set":
		to = c.To
	case c.Action != resource.Next && c.Action != resource.Back && c.Action != resource.Release:
		return nil, fmt.Errorf("%q is no action; use next, back, release, or set with a stage", c.Action)
	case c.To != "":
		return nil, fmt.Errorf("%s takes no stage: use set %s", c.Action, c.To)
	}
	return &resource.StageRequest{To: to, Reason: c.Reason, Force: c.Force}, nil
}

// connect returns a client of the server, and the job's name.
func (c *stageCommand) connect() (*client.Client, string, error) {
	name, server := c.Job, c.Server
	if ext := filepath.Ext(c.Job); ext == ".yaml" || ext == ".yml" {
		l, err := config.Load(c.Job, nil)
		if err != nil {
			return nil, "", err
		}
		name = l.Job.Name
		if server == "" && l.Job.Listen != "" {
			server = client.URLOf(l.Job.Listen)
		}
	}
	if server == "" {
		server = client.URLOf(defaultServer)
	}
	token, err := readToken(c.TokenFile)
	if err != nil {
		return nil, "", err
	}
	api, err := client.New(server, token)
	if err != nil {
		return nil, "", fmt.Errorf("--server: %w", err)
	}
	return api, name, nil
}

// canPass reports whether what refuses a step may pass with time: evidence or time is missing, or
// the instance waits for the job's topic-partitions.
func canPass(p *resource.Problem) bool {
	return migration.Obstacle(p.Verdict) == migration.ByInconclusive || p.Status == http.StatusMisdirectedRequest
}

// refused reports an error of the server, and returns the exit code that belongs to it.
func refused(e *env, err error) error {
	p, ok := errors.AsType[*resource.Problem](err)
	if !ok {
		return &hintedError{err, "name the address of a running job or server with --server, such as --server http://127.0.0.1:8080"}
	}
	detail := p.Detail
	for i, m := range p.Missing {
		if i > 0 {
			detail += "; " + m
		}
	}
	e.fail(&hintedError{errors.New(detail), p.Do})
	switch migration.Obstacle(p.Verdict) {
	case migration.ByFail:
		return exitCode(exitFail)
	case migration.ByInconclusive:
		return exitCode(exitInconclusive)
	}
	return exitCode(exitError)
}

// printStage shows a stage, and what the next one needs.
func printStage(e *env, s resource.Stage) error {
	if e.json {
		return json.NewEncoder(e.out).Encode(s)
	}
	line := s.Job + "  " + stages.Text(s)
	if !s.Since.IsZero() {
		line += "  " + migration.Roughly(time.Since(s.Since))
	}
	line += "  emits " + s.Emits
	w := e.text()
	fmt.Fprintln(w, line)
	if c := s.Last; c != nil && c.IsForced && c.To == s.Stage {
		fmt.Fprintf(w, "forced  by %s: %s\n", c.Who, c.Why)
	}
	_, err := fmt.Fprint(w, nextText(s))
	return err
}

// nextText says what the next step needs: the first need on the line of the step, the others
// below it.
func nextText(s resource.Stage) string {
	n := s.Next
	if n == nil {
		return ""
	}
	line := "next  " + n.Stage.String()
	var more []string
	for _, m := range n.Missing {
		if m != n.Waits {
			more = append(more, m)
		}
	}
	switch {
	case n.Waits != "":
		line += " in " + migration.Roughly(time.Until(n.At))
	case len(more) == 0:
		line += " now"
	}
	for i, m := range more {
		if i > 0 {
			line += "\n     "
		} else {
			line += ","
		}
		line += " " + m
	}
	return line + "\n"
}

func printStageHistory(e *env, name string, list []resource.StageChange) error {
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{"job": name, "changes": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(e.text(), "the stage has not changed yet")
		return err
	}
	return printStageChanges(tabwriter.NewWriter(e.text(), 0, 0, 2, ' ', 0), list)
}

// printStageChanges writes a table of changes.
func printStageChanges(t *tabwriter.Writer, list []resource.StageChange) error {
	fmt.Fprintln(t, "time\tfrom\tto\twho\thow\twhy")
	for _, c := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", c.At.UTC().Format(time.DateTime), c.From, c.To, c.Who, howChanged(c), c.Why)
	}
	return t.Flush()
}

// howChanged says what allowed a change.
func howChanged(c resource.StageChange) string {
	switch {
	case c.IsForced:
		return "forced"
	case c.IsAutomatic && c.IsHeld:
		return "by itself, held"
	case c.IsAutomatic && c.Cause != "":
		return "by itself, " + string(c.Cause)
	case c.IsAutomatic:
		return "by itself"
	case c.Verdict != "":
		return "verdict " + c.Verdict
	}
	return "asked for"
}
