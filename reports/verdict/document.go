// Package verdict owns the verdict document: what the gate decided, on which evidence, by
// which policy and acceptances, and until when that is valid. It renders the document as
// JSON, text, JUnit and Markdown.
//
// Stability: ours.
package verdict

import (
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Version is the version of the document's format. Within a version fields are only added.
const Version = 1

// Document is a verdict with what it is based on. docs/verdict.schema.json describes its
// JSON.
type Document struct {
	// ID is the first 12 hexadecimal digits of the SHA-256 of the canonical JSON of the
	// other fields except MadeAt, so that the same verdict on the same evidence has the same
	// id.
	ID      string     `json:"id"`
	Version int        `json:"version"`
	Job     string     `json:"job"`
	Verdict gate.State `json:"verdict"`
	// Code is the exit code: 0 pass, 1 fail, 2 error, 3 inconclusive, 4 too slow.
	Code   int    `json:"code"`
	Reason string `json:"reason"`
	// Run is the run's id, Fingerprint that of the plan and of the settings that its rows
	// depend on, V1 and V2 are the implementations. Without stored evidence they are "".
	Run         string `json:"run"`
	Fingerprint string `json:"fingerprint"`
	V1          string `json:"v1"`
	V2          string `json:"v2"`
	// From and To are positions of the input, Offsets those of the topic-partitions.
	From    int64                  `json:"from"`
	To      int64                  `json:"to"`
	Offsets []evidence.OffsetRange `json:"offsets"`
	// First and Last are the times of the evidence, MadeAt is the time of the verdict. A time that
	// is not known is null.
	First   *time.Time `json:"first_evidence"`
	Last    *time.Time `json:"last_evidence"`
	MadeAt  time.Time  `json:"made_at"`
	Expires *time.Time `json:"expires"`
	// Policy is the policy with the required level.
	Policy  Policy  `json:"policy"`
	Digests Digests `json:"digests"`
	// Rules are the results of all rules of the gate, Missing those that a pass still needs.
	Rules   []gate.RuleResult `json:"rules"`
	Missing []Missing         `json:"missing"`
	// Records and Ledger count the records, Outputs says what was compared of each output.
	Records     int64                    `json:"records"`
	Ledger      diff.Ledger              `json:"ledger"`
	LevelHeld   diff.Level               `json:"level_held"`
	Outputs     []diff.Output            `json:"outputs"`
	Divergences Divergences              `json:"divergences"`
	Signatures  []Signature              `json:"signatures"`
	Accepted    []gate.AcceptedSignature `json:"accepted"`
	// Strata counts rows by stratum, also of strata that the policy does not name.
	Strata      map[string]int64          `json:"strata"`
	Sensitivity []evidence.Mutation       `json:"sensitivity"`
	States      evidence.StateComparisons `json:"states"`
	// Confidence is the confidence that was applied: gate.confidence, raised if the run is
	// one of Retries repetitions.
	Confidence    float64                 `json:"confidence"`
	Retries       int                     `json:"retries"`
	Incarnations  int                     `json:"incarnations"`
	Interruptions []evidence.Interruption `json:"interruptions"`
	// Migration is absent for a job whose stage never changed.
	Migration *Migration `json:"migration,omitempty"`
}

// Policy is the policy of a verdict.
type Policy struct {
	RequireLevel diff.Level `json:"require_level"`
	gate.Policy
}

// Digests are digests of what decides a verdict. Those of Policy and Accepted are SHA-256, in
// hexadecimal, of canonical JSON. Those of Rules and Redaction are of the run, and "" if it
// has none.
type Digests struct {
	Policy    string `json:"policy"`
	Accepted  string `json:"accepted"`
	Rules     string `json:"rules"`
	Redaction string `json:"redaction"`
}

// Missing is a requirement that is not met yet.
type Missing struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	// Lacks are the amounts that are missing, with estimates.
	Lacks []gate.Lack `json:"lacks"`
}

// Divergences counts divergences. Accepted are those of accepted signatures among them.
type Divergences struct {
	Root     int64 `json:"root"`
	Cascade  int64 `json:"cascade"`
	Accepted int64 `json:"accepted"`
}

// Signature is a signature as it concerns a verdict.
type Signature struct {
	ID         string     `json:"id"`
	Class      diff.Class `json:"class"`
	Topic      string     `json:"topic"`
	Columns    []string   `json:"columns"`
	Count      int64      `json:"count"`
	Roots      int64      `json:"roots"`
	Hypothesis string     `json:"hypothesis"`
	IsAccepted bool       `json:"is_accepted"`
}

// Make decides on evidence by a policy, and documents it.
func Make(job string, p gate.Policy, e gate.Evidence) (Document, error) {
	v := gate.Decide(p, e)
	return Of(job, p, e, v)
}

// Of documents a verdict.
func Of(job string, p gate.Policy, e gate.Evidence, v gate.Verdict) (Document, error) {
	d := Document{
		Version: Version, Job: job, Verdict: v.State, Code: v.Code(), Reason: v.Reason,
		Offsets: filled(e.Offsets), MadeAt: moment(e.At), Expires: known(e.Expires()),
		First: known(e.Started), Last: known(e.Ended),
		Policy: Policy{e.Require, p}, Rules: filled(v.Rules), Missing: []Missing{},
		Records: e.Ledger.Records(), Ledger: e.Ledger, LevelHeld: e.Diff.LevelHeld, Outputs: filled(e.Diff.Outputs),
		Divergences: Divergences{Root: e.Diff.Root, Cascade: e.Diff.Cascade},
		Signatures:  []Signature{}, Accepted: filled(v.Accepted),
		Strata: e.Strata, Sensitivity: filled(e.Sensitivity.Mutations), States: e.States,
		Confidence: v.Confidence, Incarnations: 1, Interruptions: []evidence.Interruption{},
	}
	if d.Strata == nil {
		d.Strata = map[string]int64{}
	}
	if s := e.Stored; s != nil {
		d.Run, d.Fingerprint, d.V1, d.V2 = s.Identity.Run, s.Identity.Fingerprint, s.Identity.V1, s.Identity.V2
		d.Digests.Rules, d.Digests.Redaction = s.Identity.Rules, s.Identity.RedactedColumns()
		d.From, d.To = s.From, s.To
		d.First, d.Last = known(s.First), known(s.Last)
		d.Retries, d.Incarnations, d.Interruptions = s.Retries, s.Incarnations, filled(s.Interruptions)
		d.Migration = migrationOf(s.StageChanges)
	}
	if d.V1 == "" && e.Current != nil {
		d.V1, d.V2, d.Fingerprint = e.Current.V1, e.Current.V2, e.Current.Fingerprint
	}
	d.fillMissing(v)
	d.fillSignatures(e, v)
	if err := d.Digests.fill(d.Policy, e.Accepted); err != nil {
		return d, err
	}
	var err error
	d.ID, err = d.id()
	return d, err
}

func (d *Document) fillMissing(v gate.Verdict) {
	for _, r := range v.Rules {
		if r.State == gate.Inconclusive {
			d.Missing = append(d.Missing, Missing{r.Name, r.Reason, filled(r.Lacks)})
		}
	}
}

func (d *Document) fillSignatures(e gate.Evidence, v gate.Verdict) {
	accepted := map[string]bool{}
	for _, a := range v.Accepted {
		if a.Count > 0 && !a.IsExceeded {
			accepted[a.Signature] = true
			d.Divergences.Accepted += a.Count
		}
	}
	for i := range e.Diff.Signatures {
		s := &e.Diff.Signatures[i]
		d.Signatures = append(d.Signatures, Signature{
			ID: s.ID, Class: s.Class, Topic: s.Topic, Columns: filled(s.Columns), Count: s.Count, Roots: s.Roots,
			Hypothesis: s.HypothesisText, IsAccepted: accepted[s.ID],
		})
	}
}

// filled returns a list that is [] in JSON if it is empty.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// moment is a time as documents have it: UTC, to the millisecond.
func moment(t time.Time) time.Time { return t.UTC().Round(time.Millisecond) }

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = moment(t)
	return &t
}
