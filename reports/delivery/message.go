package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Message is a report as receivers get it. Its JSON is the body of a webhook of format json.
type Message struct {
	// Event is "report", or "test" for a delivery by --test-delivery.
	Event string `json:"event"`
	// ID is the same in each attempt, so that a receiver can recognise a repetition.
	ID       string          `json:"id"`
	Job      string          `json:"job"`
	Window   document.Window `json:"window"`
	Verdict  string          `json:"verdict"`
	Code     int             `json:"code"`
	Decision string          `json:"decision"`
	Headline string          `json:"headline"`
	Reason   string          `json:"reason"`
	Missing  []string        `json:"missing"`
	Changes  []string        `json:"changes"`
	Level    diff.Level      `json:"level_held"`
	Roots    int64           `json:"roots"`
	Ratio    evidence.Figure `json:"ratio"`
	// File is the name of the HTML file in the folder of reports.
	File string `json:"file"`

	// Text is the body of a mail, HTML the page that is attached to it.
	Text string `json:"-"`
	HTML []byte `json:"-"`
}

// longest bounds a text of a message.
const longest = 1000

// New makes the message for a report; html is its page.
func New(d *document.Document, html []byte, isTest bool) (*Message, error) {
	s := &d.Summary
	_, ratio := s.Throughput.Judged()
	m := &Message{
		Event: "report", ID: d.ID, Job: s.Job, Window: d.Window, Verdict: s.Verdict, Code: s.Code, Decision: d.Decision(),
		Headline: row.ShortenTo(reports.Headline(*s), longest), Reason: row.ShortenTo(s.Reason, longest), Missing: []string{}, Changes: []string{},
		Level: s.LevelHeld, Roots: s.Divergences.Root, Ratio: ratio.Value, File: d.ID + ".html", HTML: html,
	}
	if isTest {
		m.Event, m.ID = "test", d.ID+"-test"
	}
	for _, missing := range d.Verdict.Missing {
		m.Missing = append(m.Missing, row.ShortenTo(missing.Reason, longest))
	}
	if d.Changes != nil {
		m.Changes = append(m.Changes, d.Changes.Sentences...)
	}
	var text bytes.Buffer
	if err := d.Text(&text, nil); err != nil {
		return nil, err
	}
	m.Text = text.String()
	return m, nil
}

// Title is the message in a line.
func (m *Message) Title() string {
	title := fmt.Sprintf("%s: job %s, %s (%s)", strings.ToUpper(m.Verdict), row.ShortenTo(m.Job, 100), m.Decision, m.Window.To.In(m.Window.Location()).Format(time.DateOnly))
	if m.Event == "test" {
		return "Test of delivery: " + title
	}
	return title
}

// Send delivers a message, with repetitions where the receiver may be there later. The error
// has no secrets.
func (c Config) Send(ctx context.Context, m *Message) error {
	if c.isWebhook() {
		return c.post(ctx, m)
	}
	return c.mail(ctx, m)
}

// body returns the body of a webhook's request.
func (c Config) body(m *Message) ([]byte, error) {
	if c.Format != "slack" {
		return json.Marshal(m)
	}
	lines := []string{"*" + slackText(m.Title()) + "*", slackText(m.Headline)}
	if gate.State(m.Verdict) == gate.Inconclusive {
		for _, missing := range m.Missing {
			lines = append(lines, "• missing: "+slackText(missing))
		}
	}
	for _, c := range m.Changes {
		lines = append(lines, "• "+slackText(c))
	}
	return json.Marshal(map[string]any{
		"text":   m.Title(),
		"blocks": []any{map[string]any{"type": "section", "text": map[string]string{"type": "mrkdwn", "text": row.ShortenTo(strings.Join(lines, "\n"), 2900)}}},
	})
}

// slackText escapes what Slack reads as its own.
func slackText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
