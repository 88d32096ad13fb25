package verdict

import (
	"fmt"
	"time"

	"parallax/shadow/stage"
)

// Migration says in which stage a job's migration is, and which of its changes the gate did not
// allow.
type Migration struct {
	Stage stage.Stage `json:"stage"`
	Since time.Time   `json:"since"`
	// IsHeld: a person has to release it. Strikes is how often the job went back by itself.
	IsHeld  bool `json:"held"`
	Strikes int  `json:"strikes"`
	// Back is the newest change by which the job went back by itself; null for none.
	Back *stage.Change `json:"back"`
	// Forced are the changes that were forced, the oldest first.
	Forced []stage.Change `json:"forced"`
}

// migrationOf returns what the changes of stage, the oldest first, come to; nil if there are none.
func migrationOf(changes []stage.Change) *Migration {
	if len(changes) == 0 {
		return nil
	}
	last := changes[len(changes)-1]
	m := &Migration{Stage: last.To, Since: moment(last.At), IsHeld: last.IsHeld, Strikes: last.Strikes, Forced: []stage.Change{}}
	for i := range changes {
		c := &changes[i]
		if c.IsForced {
			m.Forced = append(m.Forced, *c)
		}
		if c.IsAutomatic && c.IsBack() {
			m.Back = c
		}
	}
	return m
}

// form is how text and Markdown write times.
const form = "2006-01-02 15:04:05"

// Facts says it for people, as pairs of a name and a sentence.
func (m *Migration) Facts() (list [][2]string) {
	if m == nil {
		return nil
	}
	text := fmt.Sprintf("%s since %s UTC", m.Stage, m.Since.UTC().Format(form))
	if m.IsHeld {
		text += fmt.Sprintf(", held after it went back %s by itself", counted(int64(m.Strikes), "time"))
	}
	list = append(list, [2]string{"stage", text})
	for _, c := range m.Forced {
		list = append(list, [2]string{"forced", fmt.Sprintf("from %s to %s at %s UTC by %s: %s", c.From, c.To, c.At.UTC().Format(form), c.Who, c.Why)})
	}
	if c := m.Back; c != nil {
		list = append(list, [2]string{"went back", fmt.Sprintf("from %s to %s at %s UTC: %s", c.From, c.To, c.At.UTC().Format(form), c.Why)})
	}
	return list
}
