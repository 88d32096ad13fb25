package resource

import (
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Signature is a kind of difference.
type Signature struct {
	diff.Signature
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Status is open, accepted, expired (an acceptance that has) or tolerated.
	Status string `json:"status"`
}

// Divergence is a stored sample of a signature, with both sides.
type Divergence struct {
	Signature string       `json:"signature"`
	Class     diff.Class   `json:"class"`
	Topic     string       `json:"topic"`
	At        time.Time    `json:"at"`
	Example   diff.Example `json:"example"`
}

// DivergenceQuery selects samples.
type DivergenceQuery struct {
	Signature string
	After     string
	Limit     int
}

// Column is evidence.Column.
type Column = evidence.Column

// Ledger is what became of every input record of the clean stretch: since the run began, or since
// its newest interruption.
type Ledger struct {
	diff.Ledger
	Records int64 `json:"records"`
	Late    int64 `json:"late"`
	// Since is when the first of the records was compared, Until when the newest was; null if
	// there is none. After a restart they stay as they are until records are compared again.
	Since *time.Time `json:"since"`
	Until *time.Time `json:"until"`
}

// Rules are the rules and acceptances in force.
type Rules struct {
	Rules    []Rule                   `json:"rules"`
	Accepted []gate.AcceptedSignature `json:"accepted"`
}

// Rule is a rule of diff.rules with what it has tolerated.
type Rule struct {
	diff.Rule
	Hits int64 `json:"hits"`
}

// RuleRequest asks for a rule.
type RuleRequest struct {
	Rule diff.Rule `json:"rule"`
}

// AcceptRequest accepts a signature.
type AcceptRequest struct{ gate.Acceptance }

// RuleEffect is what a rule or an acceptance hides, or would hide.
type RuleEffect struct {
	// Samples is how many of the stored samples it hides, Of how many there are.
	Samples int64 `json:"samples"`
	Of      int64 `json:"of"`
	// Signatures are those that it hides whole.
	Signatures []string `json:"signatures"`
	// Verdict is what the verdict would be.
	Verdict string   `json:"verdict"`
	Says    []string `json:"says"`
	// IsAdopted: it is in force.
	IsAdopted bool `json:"adopted"`
}

// ExplainRequest names a divergence or a signature.
type ExplainRequest struct {
	Signature string `json:"signature"`
}

// Explanation is what explaining a divergence gave.
type Explanation struct {
	ID        string `json:"id"`
	Signature string `json:"signature"`
	// State is running, done or failed.
	State string `json:"state"`
	// Step says what it is at, Text the whole explanation once it is done.
	Step  string `json:"step,omitempty"`
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
	// Folder is where the files that reproduce it are, on the server.
	Folder string    `json:"folder,omitempty"`
	At     time.Time `json:"at"`
}
