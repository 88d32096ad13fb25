// Package announce logs the divergences of a run while it goes on, at a bounded rate.
//
// Stability: ours.
package announce

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"parallax/diff"
)

// Announcer logs the first divergence of each signature while the run goes on, at most
// mostAnnounced of them in announcePeriod: a V2 that is wrong everywhere must not fill
// the log. What it did not log is counted in the next line. The zero value logs nothing.
// It is used by one goroutine and has no clock of its own.
type Announcer struct {
	Log   *slog.Logger
	begun time.Time // of the current period
	// logged counts the lines of the period, skipped the signatures without a line since
	// the last one.
	logged, skipped int
}

const (
	mostAnnounced  = 5
	announcePeriod = 30 * time.Second
)

// whatToDo is the advice in each line.
const whatToDo = "V1's rows are the ones that are written; do not let V2 take over. Look at the cause record, then correct V2, or allow the difference with a rule in diff.rules if it is intended"

// Announce takes the signatures that are new.
func (a *Announcer) Announce(now time.Time, list []diff.Signature) {
	if a.Log == nil {
		return
	}
	for i := range list {
		if now.Sub(a.begun) >= announcePeriod {
			a.begun, a.logged = now, 0
		}
		if a.logged == mostAnnounced {
			a.skipped++
			continue
		}
		a.logged++
		attrs := describeSignature(&list[i])
		if a.skipped > 0 {
			attrs = append(attrs, "other new signatures that were not logged", a.skipped)
			a.skipped = 0
		}
		a.Log.Warn("V2 diverges from V1", append(attrs, "what to do", whatToDo)...)
	}
}

// describeSignature returns what a log line says of a signature, as slog's pairs.
func describeSignature(s *diff.Signature) []any {
	attrs := []any{"signature", s.ID, "class", string(s.Class)}
	add := func(name, value string) {
		if value != "" {
			attrs = append(attrs, name, value)
		}
	}
	ex := &s.Example
	add("output", s.Topic)
	add("key", ex.KeyText())
	var columns []string
	for _, c := range ex.Columns {
		columns = append(columns, fmt.Sprintf("%s: V1 %s, V2 %s", c.Name, c.Text(c.V1), c.Text(c.V2)))
	}
	add("differs in", strings.Join(columns, "; "))
	if len(ex.Columns) == 0 {
		add("row of V1", ex.V1)
		add("row of V2", ex.V2)
	}
	if ex.State != nil {
		add("state of", ex.State.Stage)
		if len(ex.State.Keys) > 0 {
			k := ex.State.Keys[0]
			add("first key", k.Key)
			add("V1 has", k.V1)
			add("V2 has", k.V2)
		}
	}
	add("that is", s.Note)
	add("hypothesis", s.HypothesisText)
	add("error", ex.Error)
	if len(ex.Causes) > 0 {
		c := ex.Causes[0]
		add("cause", fmt.Sprintf("%s/%d@%d", c.Topic, c.Partition, c.Offset))
	}
	return append(attrs, "batch", ex.Batch)
}
