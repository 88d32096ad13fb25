package resource

import (
	"context"
	"io"

	"parallax/reports/verdict"
)

// Service is the job server as its API and its page see it. All methods may be called by any
// goroutine. An error that a client can do something about is a *Problem.
//
// The methods that change something are told who asks for it, and write it to the audit,
// whatever comes of it.
type Service interface {
	Jobs(ctx context.Context) ([]Job, error)
	Job(ctx context.Context, job string) (Job, error)
	// Put deploys a job file: it begins a new job, or changes one. A dry run says what it would do.
	Put(ctx context.Context, by Actor, job string, file []byte, isDryRun bool) (Change, error)
	Do(ctx context.Context, by Actor, job string, a Action) (Job, error)

	Stage(ctx context.Context, job string) (Stage, error)
	SetStage(ctx context.Context, by Actor, job string, r StageRequest) (Stage, error)
	StageHistory(ctx context.Context, job string) ([]StageChange, error)
	Rescale(ctx context.Context, by Actor, job string, partitions int) (Job, error)

	// Verdict judges the job's evidence as it is now.
	Verdict(ctx context.Context, job string) (verdict.Document, error)
	Details(ctx context.Context, job string) (Details, error)
	Divergences(ctx context.Context, job string, q DivergenceQuery) (Page[Divergence], error)
	Signatures(ctx context.Context, job string) ([]Signature, error)
	Columns(ctx context.Context, job string) ([]Column, error)
	Ledger(ctx context.Context, job string) (Ledger, error)
	// History is the verdicts of the job, the newest first.
	History(ctx context.Context, job string) ([]HistoryEntry, error)
	Reports(ctx context.Context, job string) ([]Report, error)
	// Report returns a report of the job in a format that it has: html, md, json, text or junit.
	Report(ctx context.Context, job, id, format string) (io.ReadCloser, error)
	// Config is the job's configuration in force, with the origin of each value, secrets hidden.
	Config(ctx context.Context, job string) ([]ConfigValue, error)

	// Explain begins to explain a divergence, and returns the ID to ask for what came of it.
	Explain(ctx context.Context, by Actor, job string, r ExplainRequest) (Explanation, error)
	Explanation(ctx context.Context, job, id string) (Explanation, error)
	// Explanations are those of the job that have ended, the newest first.
	Explanations(ctx context.Context, job string) ([]Explanation, error)

	// Rules returns the rules and acceptances in force, with what each has hidden.
	Rules(ctx context.Context, job string) (Rules, error)
	// ProposeRule adds a rule of diff.rules. A dry run says what it would have hidden of the
	// stored samples.
	ProposeRule(ctx context.Context, by Actor, job string, r RuleRequest, isDryRun bool) (RuleEffect, error)
	Accept(ctx context.Context, by Actor, job string, r AcceptRequest, isDryRun bool) (RuleEffect, error)

	// Audit is every change, the newest first; job "" is of all jobs.
	Audit(ctx context.Context, job string, after string, limit int) (Page[AuditEntry], error)
	// Events returns the events after the one with the ID after, "" for those from now on, until
	// ctx ends. If they are no longer known, or the reader is too slow, the last event is of
	// kind resync: read everything again.
	Events(ctx context.Context, after string) (<-chan Event, error)
	// Metrics writes the metrics of all jobs, each with the label job.
	Metrics(w io.Writer)
	// Ready returns why the server cannot do its work; nil if it can.
	Ready(ctx context.Context) error
}

// Limited is a Service whose only job belongs to a command, such as parallax demo: what is the
// command's to decide, such as the job's file, its rules and its end, cannot be changed here.
type Limited interface {
	// BelongsTo names the command; "" for a service that runs its jobs itself.
	BelongsTo() string
}

// Action is what can be done with a job.
type Action string

// The actions.
const (
	Pause   Action = "pause"
	Resume  Action = "resume"
	Restart Action = "restart"
	Stop    Action = "stop"
	Remove  Action = "remove"
)

// Page is a part of a list; Next is what to ask for the next one, "" at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}
