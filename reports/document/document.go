// Package document owns the contents of a report on stored evidence: it adds to evidence and
// verdict what changed since the report before, since when each difference exists, and what
// expires soon. It writes the report as JSON, Markdown and text; package page draws it as HTML.
//
// Stability: ours.
package document

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"parallax/reports"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
)

// Version is the version of the document's JSON. Within a version fields are only added.
const Version = 1

// Document is a report. Its JSON is a contract with other programs.
type Document struct {
	Version int `json:"v"`
	// ID names the report: the job and the end of its window.
	ID string `json:"id"`
	// Made is the time at which the report was created; Window is the time that it covers.
	Made   time.Time `json:"made"`
	Window Window    `json:"window"`
	// JobFile is the job file, for the commands that the report shows.
	JobFile string `json:"job_file"`
	// Summary is the run as `parallax run --json` writes it.
	Summary reports.Summary `json:"summary"`
	// Verdict is the verdict document: rules, what is missing, acceptances, digests.
	Verdict verdict.Document `json:"verdict"`
	// Changes say what is different from the report before; nil if there is none.
	Changes *Changes `json:"changes"`
	// Differences say more about each of Summary.Signatures, in the same order.
	Differences []Difference `json:"differences"`
	// Lacks are the amounts among them, with the time that they take.
	Lacks []gate.Lack `json:"lacks"`
	// Rules are the results of the gate's rules.
	Rules []gate.RuleResult `json:"rules"`
	// Accepted are the differences that a person accepted, with how often they occurred.
	Accepted []gate.AcceptedSignature `json:"accepted"`
	// Deliveries are the last attempts to deliver earlier reports.
	Deliveries []Delivery `json:"deliveries"`
	// Expiring are the rules and acceptances that expired or expire soon, the first one first.
	Expiring []Expiry `json:"expiring"`

	Stretch     evidence.Stretch     `json:"stretch"`
	Sensitivity evidence.Sensitivity `json:"sensitivity"`
	Strata      map[string]int64     `json:"strata"`
	Columns     []evidence.Column    `json:"columns"`
}

// Delivery is an attempt to deliver a report.
type Delivery struct {
	// Report is the end of the report's window.
	Report      time.Time `json:"report"`
	Channel     string    `json:"channel"`
	At          time.Time `json:"at"`
	IsDelivered bool      `json:"is_delivered"`
	// Detail is the error, "" if it was delivered.
	Detail string `json:"detail"`
}

// Window is the time that a report is about, from From to before To.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Zone is the time zone in which people read the report, such as Europe/Berlin.
	Zone string `json:"zone"`
}

// Source has the inputs of a report.
type Source struct {
	// Evidence is stored evidence: see gate.OfStretch.
	Evidence gate.Evidence
	Policy   gate.Policy
	Window   Window
	Made     time.Time
	JobFile  string
	// Previous is the report before; nil if there is none.
	Previous *Document
	// Deliveries are the attempts to deliver reports since then.
	Deliveries []Delivery
}

// New judges the evidence and makes the report.
func New(s Source) (*Document, error) {
	v := gate.Decide(s.Policy, s.Evidence)
	of, stored := s.Evidence.Report, *s.Evidence.Stored
	full, err := verdict.Of(stored.Job, s.Policy, s.Evidence, v)
	if err != nil {
		return nil, err
	}
	d := &Document{
		Version: Version, ID: ID(stored.Job, s.Window.To), Made: s.Made, Window: s.Window, JobFile: s.JobFile,
		Summary: reports.Summarise(stored.Job, of, s.Policy, v), Verdict: full,
		Stretch: stored, Sensitivity: of.Sensitivity, Strata: of.Strata, Columns: of.Columns,
		Deliveries: append([]Delivery{}, s.Deliveries...),
	}
	d.differences(s.Previous)
	d.Changes = changes(d, s.Previous)
	d.expiries()
	return d, nil
}

// ID returns the name of a job's report about the window that ends at a time. It is also the
// key by which a receiver recognises a report that it got twice.
func ID(job string, end time.Time) string {
	return fmt.Sprintf("%s-%s", fileName(job), end.UTC().Format("20060102T150405Z"))
}

// fileName replaces what cannot be a part of a file's name everywhere.
func fileName(job string) string {
	name := []byte(job)
	for i, c := range name {
		isPlain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' && i > 0
		if !isPlain {
			name[i] = '_'
		}
	}
	return string(name[:min(len(name), 100)])
}

// Location is the time zone of the window; UTC if the machine does not know it.
func (w Window) Location() *time.Location {
	if l, err := time.LoadLocation(w.Zone); err == nil {
		return l
	}
	return time.UTC
}

// JSON writes the document as indented JSON.
func (d *Document) JSON(w io.Writer) error {
	line, err := d.Summary.JSON() // fills in the empty lists
	if err != nil {
		return err
	}
	filled := struct {
		*Document
		Summary json.RawMessage `json:"summary"`
	}{d, line}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	return e.Encode(filled)
}

// Read reads a report that JSON wrote.
func Read(r io.Reader) (*Document, error) {
	d := &Document{}
	if err := json.NewDecoder(r).Decode(d); err != nil {
		return nil, err
	}
	if d.Version != Version {
		return nil, fmt.Errorf("the report has version %d, and this program reads version %d", d.Version, Version)
	}
	return d, nil
}
