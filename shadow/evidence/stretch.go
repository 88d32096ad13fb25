package evidence

import (
	"strings"
	"time"

	"parallax/shadow/stage"
)

// Stretch is the evidence of a part of a run, added up from stored spans. The gate judges it
// and reports render it.
type Stretch struct {
	Job      string      `json:"job"`
	Identity RunIdentity `json:"identity"`
	// Report contains the sums, as one run over all spans would have reported them.
	Report `json:"-"`
	// From and To are positions in the input order; To is the first one after the stretch.
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// First and Last are the wall times of the oldest and the newest evidence.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Incarnations is how many processes made the evidence.
	Incarnations int `json:"incarnations"`
	// Missing are positions between From and To without evidence: spans that were not stored.
	Missing []PositionRange `json:"missing"`
	// Interruptions are why the stretch does not begin where the run began, the newest first:
	// it begins after the newest one.
	Interruptions []Interruption `json:"interruptions"`
	// Retries counts the earlier runs with the same fingerprints that ended without a pass in
	// the seven days before Last.
	Retries int `json:"retries"`
	// Timeline are figures over time, the oldest first.
	Timeline []Point `json:"timeline"`
	// Sightings say when each signature was seen, in any order.
	Sightings []Sighting `json:"sightings"`
	// Before sums up the part of the run before the stretch; nil for nothing. It is not in the
	// sums of the Report.
	Before *Before `json:"before"`
	// StageChanges are all changes of stage of the job's migration, the oldest first, those of
	// other runs included.
	StageChanges []stage.Change `json:"stage_changes,omitempty"`
	// DetailGone says what detail of the stretch was deleted to keep the store small, "" for
	// nothing.
	DetailGone string `json:"detail_gone,omitempty"`
}

// Sighting says when divergences of a signature were seen, by the wall times of the spans that
// have them.
type Sighting struct {
	Signature string    `json:"signature"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
}

// RunIdentity says what a run proves something about. Another identity is another run, with
// nothing proven.
type RunIdentity struct {
	// Run is the run's id: 12 hex digits.
	Run string `json:"run"`
	// Fingerprint is that of the plan and of the settings that its rows depend on.
	Fingerprint string `json:"fingerprint"`
	// V1 and V2 are the implementations, with version and configuration.
	V1 string `json:"v1"`
	V2 string `json:"v2"`
	// Rules and Redaction are digests of diff.rules and evidence.redact; "" for none. After that
	// of evidence.redact, the identity of stored evidence names the key of the redaction.
	Rules     string `json:"rules"`
	Redaction string `json:"redaction"`
}

// WithRedactionKey returns the identity of evidence that is redacted with a key of this name:
// with another key, equal values have other hashes.
func (i RunIdentity) WithRedactionKey(name string) RunIdentity {
	i.Redaction += " with key " + name
	return i
}

// RedactedColumns is the digest of evidence.redact, "" for none.
func (i RunIdentity) RedactedColumns() string {
	digest, _, _ := strings.Cut(i.Redaction, " ")
	return digest
}

// PositionRange is a part of the input order, from the position From to that before To.
type PositionRange struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Interruption ends a clean stretch.
type Interruption struct {
	// Kind is "hole" (V2 was away), "missing" (spans were not stored), "fallback" or "rollback".
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"`
	To     int64     `json:"to"` // the first position after it
	Reason string    `json:"reason"`
}

// Point contains the figures of a time of a run.
type Point struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Records int64     `json:"records"`
	Rows    int64     `json:"rows"`
	Roots   int64     `json:"roots"`
	// Units are the units of each output topic that were compared for the first time.
	Units map[string]int64 `json:"units,omitempty"`
	// V1 and V2 are records per second of service time, Ratio V2's speed over V1's, Tax how
	// much longer V1 took with V2 on, Lag the largest number of records that V1 was behind.
	// RatioCI95 is the 95 % interval of Ratio.
	V1        Figure   `json:"v1_records_per_s"`
	V2        Figure   `json:"v2_records_per_s"`
	Ratio     Figure   `json:"ratio"`
	RatioCI95 Interval `json:"ratio_ci95"`
	Tax       *float64 `json:"tax"`
	Lag       int64    `json:"lag"` // -1 if it is not known
	// IsHole: V2 was away for a part of the time.
	IsHole bool `json:"is_hole"`
}

// Sensitivity counts the mutations of a run: changed copies of V2's rows that the same
// comparison, with memory of its own, must detect with the right class.
type Sensitivity struct {
	Mutations []Mutation `json:"mutations"`
}

// Mutation counts one kind of mutation.
type Mutation struct {
	Name string `json:"name"`
	// Class is the class that it must be detected with.
	Class    string `json:"class"`
	Injected int64  `json:"injected"`
	Detected int64  `json:"detected"`
	// Missed describes the first one that was not detected, or detected with another class;
	// "" for none.
	Missed string `json:"missed,omitempty"`
}

// Column counts what was compared of a column of an output topic.
type Column struct {
	Topic string `json:"topic"`
	Name  string `json:"column"`
	// Rows were compared; the others are parts of it. Same is equal in value and type.
	Rows       int64 `json:"rows"`
	Same       int64 `json:"same"`
	NullV1Only int64 `json:"null_v1_only"`
	NullV2Only int64 `json:"null_v2_only"`
	// Type: only type or precision differs. Differ: the values do, and no rule tolerates it.
	Type      int64 `json:"type"`
	Tolerated int64 `json:"tolerated"`
	Differ    int64 `json:"differ"`
}
