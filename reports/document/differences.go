package document

import (
	"fmt"
	"strings"
	"time"

	"parallax/diff"
)

// Status says whether a difference was there before.
type Status string

// The states of a difference.
const (
	StatusNew   Status = "new"
	StatusKnown Status = "known"
)

// Difference says more about a signature.
type Difference struct {
	Signature string `json:"signature"`
	// Status is StatusKnown if the report before has the signature, or if it was seen before the
	// window.
	Status Status `json:"status"`
	// FirstSeen and LastSeen are zero if the evidence does not say when it was.
	FirstSeen time.Time `json:"first_seen,omitzero"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
	// Persists says that it occurred in the last part of the evidence.
	Persists bool `json:"persists"`
	// Accepted: a person accepted it, and it did not occur more often than that allows.
	Accepted bool `json:"accepted"`
	// Explain is the command that replays the difference and reduces it.
	Explain string `json:"explain"`
}

// lastPart is the part of the evidence in which a difference must have occurred to be called
// persistent: a tenth of it, at most an hour.
func (d *Document) lastPart() time.Duration {
	return min(d.Stretch.Last.Sub(d.Stretch.First)/10, time.Hour)
}

func (d *Document) differences(previous *Document) {
	before := map[string]bool{}
	if previous != nil {
		for i := range previous.Summary.Signatures {
			before[previous.Summary.Signatures[i].ID] = true
		}
	}
	seen := map[string]int{}
	for i, s := range d.Stretch.Sightings {
		seen[s.Signature] = i
	}
	accepted := map[string]bool{}
	for i := range d.Verdict.Signatures {
		accepted[d.Verdict.Signatures[i].ID] = d.Verdict.Signatures[i].IsAccepted
	}
	d.Differences = make([]Difference, len(d.Summary.Signatures))
	for i := range d.Summary.Signatures {
		id := d.Summary.Signatures[i].ID
		one := Difference{Signature: id, Status: StatusNew, Accepted: accepted[id], Explain: Command("explain", d.JobFile, id)}
		if at, ok := seen[id]; ok {
			s := d.Stretch.Sightings[at]
			one.FirstSeen, one.LastSeen = s.First, s.Last
			one.Persists = !s.Last.Before(d.Stretch.Last.Add(-d.lastPart()))
		}
		isOlder := !one.FirstSeen.IsZero() && one.FirstSeen.Before(d.Window.From)
		if before[id] || isOlder {
			one.Status = StatusKnown
		}
		d.Differences[i] = one
	}
}

// Gone is a difference that the report before has, and this one has not.
type Gone struct {
	Signature string     `json:"signature"`
	Class     diff.Class `json:"class"`
	Topic     string     `json:"topic"`
	Columns   []string   `json:"columns"`
	Count     int64      `json:"count"` // in the report before
}

func gone(d, previous *Document) []Gone {
	list := []Gone{}
	now := map[string]bool{}
	for _, one := range d.Differences {
		now[one.Signature] = true
	}
	for i := range previous.Summary.Signatures {
		if s := &previous.Summary.Signatures[i]; !now[s.ID] {
			list = append(list, Gone{s.ID, s.Class, s.Topic, s.Columns, s.Count})
		}
	}
	return list
}

// Command returns a command of parallax for a shell.
func Command(words ...string) string {
	line := "parallax"
	for _, w := range words {
		line += " " + shellWord(w)
	}
	return line
}

// shellWord quotes a word if a shell would change it.
func shellWord(w string) string {
	isPlain := w != ""
	for _, c := range w {
		isPlain = isPlain && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:@%+,", c))
	}
	if isPlain {
		return w
	}
	return fmt.Sprintf("'%s'", strings.ReplaceAll(w, "'", `'\''`))
}
