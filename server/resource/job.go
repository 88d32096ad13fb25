package resource

import (
	"time"

	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// State is where a job is in its life.
type State string

// The states.
const (
	Starting State = "starting"
	Waiting  State = "waiting" // another instance is active, or the brokers are away
	Running  State = "running"
	Paused   State = "paused"
	Draining State = "draining"
	Stopped  State = "stopped"
	Failed   State = "failed"
)

// Job is a job in a list.
type Job struct {
	Job   string `json:"job"`
	State State  `json:"state"`
	// Reason says why it is in this state: what it waits for, why it failed, what is wrong with
	// its file; "" if there is nothing to say.
	Reason string `json:"reason,omitempty"`
	// FileError says why the job's changed file is not in force; "" if it is.
	FileError string      `json:"file_error,omitempty"`
	Stage     stage.Stage `json:"stage"`
	Held      bool        `json:"held"`
	// Verdict is pass, fail, inconclusive or error, with the reason.
	Verdict       string `json:"verdict"`
	VerdictReason string `json:"verdict_reason,omitempty"`
	LevelHeld     string `json:"level_held"`
	// Ratio is V2's speed divided by V1's; null if it is not known.
	Ratio *float64 `json:"ratio"`
	// Lag is how many records the job is behind; null if it is not known.
	Lag     *int64    `json:"lag"`
	Run     string    `json:"run,omitempty"`
	V1      string    `json:"v1"`
	V2      string    `json:"v2"`
	Since   time.Time `json:"since"`
	Records int64     `json:"records"`
	Roots   int64     `json:"roots"`
	// Restarts is how often the server restarted it in the last hour.
	Restarts int `json:"restarts"`
	// File is where its job file comes from: a path, or "api".
	File string `json:"file"`
	// Speed are the newest points of V1's records per second, for a sparkline, the oldest first.
	Speed []float64 `json:"speed"`
}

// Details are what a job's page shows beside.
type Details struct {
	Job        Job                       `json:"job"`
	Identity   evidence.RunIdentity      `json:"identity"`
	Outputs    []Output                  `json:"outputs"`
	Partitions []Partition               `json:"partitions"`
	Timeline   []evidence.Point          `json:"timeline"`
	Holes      []evidence.Interruption   `json:"holes"`
	Routing    []Routing                 `json:"routing"`
	Mutations  []evidence.Mutation       `json:"mutations"`
	States     evidence.StateComparisons `json:"states"`
	Checkpoint *time.Time                `json:"checkpoint"`
	Emission   *Emission                 `json:"emission"`
}

// Emission is how the rows of a verified stage went out.
type Emission struct {
	// V2Rows are the rows with V2's values since the step began.
	V2Rows    int64       `json:"v2_rows"`
	WaitP50MS float64     `json:"wait_p50_ms"`
	WaitP99MS float64     `json:"wait_p99_ms"`
	Fallbacks []time.Time `json:"fallbacks"`
}

// Output is an output topic with the level that holds.
type Output struct {
	Topic string `json:"topic"`
	Level string `json:"level"`
	Rows  int64  `json:"rows"`
	Roots int64  `json:"roots"`
}

// Partition is one of V2's partitions.
type Partition struct {
	Partition int     `json:"partition"`
	Records   int64   `json:"records"`
	Keys      int64   `json:"keys"`
	BusyMS    float64 `json:"busy_ms"`
	Queue     int64   `json:"queue"`
}

// Routing is how V2 routes a query's records, and why.
type Routing struct {
	Query    string `json:"query"`
	Strategy string `json:"strategy"`
	Why      string `json:"why"`
}

// Change is what a job file changes.
type Change struct {
	// Change is new, none, patch (in place), fence (with state), new_run (nothing is proven
	// any more) or refused.
	Change string `json:"change"`
	// Says says what changes, and, of what is refused, what to do instead.
	Says []string `json:"says"`
}

// ConfigValue is a value of a job's configuration.
type ConfigValue struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // default, or the file and line, or the environment variable
}

// Report is a stored report.
type Report struct {
	ID      string    `json:"id"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Verdict string    `json:"verdict"`
	Formats []string  `json:"formats"`
}

// HistoryEntry is a stored verdict.
type HistoryEntry struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Run     string    `json:"run"`
	Verdict string    `json:"verdict"`
	Reason  string    `json:"reason"`
}

// AuditEntry is one change, also of one that was refused.
type AuditEntry struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Role   Role      `json:"role"`
	Job    string    `json:"job"`
	What   string    `json:"what"`
	Before string    `json:"before,omitempty"`
	After  string    `json:"after,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Result string    `json:"result"` // done, or why not
}

// Event says that something has changed.
type Event struct {
	ID string `json:"id"`
	// Kind is job (its state, stage, verdict or figures), divergence (a new signature),
	// stage, audit, or resync.
	Kind string `json:"kind"`
	Job  string `json:"job,omitempty"`
	// Text says it in a sentence, "" for figures only.
	Text string    `json:"text,omitempty"`
	At   time.Time `json:"at"`
}
