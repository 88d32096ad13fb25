package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/server/resource"
)

// functions are what templates call.
func (p *Pages) functions() template.FuncMap {
	return template.FuncMap{
		"text": look.Text, "name": look.Name, "sentence": func(s string) string { return look.Sentence(look.Text(s)) },
		"n": gate.Thousands, "count": func(n int, what string) string { return look.Count(int64(n), what) }, "capital": capital, "span": span,
		"ago": p.ago, "moment": p.moment, "time": p.moment,
		"verdictKind": verdictKind, "stateKind": stateKind, "statusKind": statusKind, "changeKind": changeKind, "interruption": interruption,
		"meter": meter, "ledgerBar": ledgerBar, "split": split, "spark": spark, "ratio": ratio, "verdictIcon": verdictIcon, "address": address,
	}
}

// span is a duration in its two largest units: 40 s, 1 h, 2 h 10 min, 3 d 4 h.
func span(d time.Duration) string {
	d = max(d, 0)
	two := func(large int, l string, small int, s string) string {
		if small == 0 {
			return fmt.Sprintf("%d %s", large, l)
		}
		return fmt.Sprintf("%d %s %d %s", large, l, small, s)
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return two(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	return two(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
}

// ago is how long ago a time was, or how far ahead it is, with the time itself.
func (p *Pages) ago(t time.Time) template.HTML {
	if t.IsZero() {
		return "never"
	}
	d := p.Now().Sub(t)
	words := span(d) + " ago"
	switch {
	case d < -time.Second:
		words = "in " + span(-d)
	case d < time.Second:
		words = "just now"
	}
	return p.timeElement(t, words, p.format(t))
}

// moment is a time in full.
func (p *Pages) moment(t time.Time) template.HTML {
	if t.IsZero() {
		return "never"
	}
	return p.timeElement(t, p.format(t), "")
}

func (p *Pages) format(t time.Time) string {
	return t.In(p.Location).Format("Mon 2 Jan 2006, 15:04:05 MST")
}

func (p *Pages) timeElement(t time.Time, words, title string) template.HTML {
	if title != "" {
		title = ` title="` + template.HTMLEscapeString(title) + `"`
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `"` + title + `>` + template.HTMLEscapeString(words) + `</time>`)
}

// verdictKind is the class of a verdict in the style sheet.
func verdictKind(v any) string {
	switch s := fmt.Sprint(v); s {
	case "pass", "fail", "inconclusive", "error":
		return s
	}
	return "plain"
}

func stateKind(s resource.State) string {
	switch s {
	case resource.Running:
		return "pass"
	case resource.Failed:
		return "fail"
	case resource.Waiting, resource.Paused:
		return "inconclusive"
	}
	return "plain"
}

// statusKind is that of a signature.
func statusKind(s string) string {
	switch s {
	case "open":
		return "fail"
	case "expired":
		return "inconclusive"
	}
	return "plain"
}

// changeKind is that of a change of a job file.
func changeKind(s string) string {
	switch s {
	case "refused":
		return "fail"
	case "new_run":
		return "inconclusive"
	case "none":
		return "plain"
	}
	return "pass"
}

// interruption says what ended a clean stretch.
func interruption(kind string) string {
	switch kind {
	case "hole":
		return "V2 was away"
	case "missing":
		return "Evidence missing"
	case "fallback":
		return "Fallback to V1"
	case "rollback":
		return "Back to an earlier stage"
	}
	return look.Name(kind)
}

func ratio(r *float64) string {
	if r == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f ×", *r)
}

// compact is a number with at most three digits and a unit.
func compact(f float64) string {
	switch {
	case f >= 1e9:
		return fmt.Sprintf("%.3g G", f/1e9)
	case f >= 1e6:
		return fmt.Sprintf("%.3g M", f/1e6)
	case f >= 1e4:
		return fmt.Sprintf("%.3g k", f/1e3)
	}
	return gate.Thousands(int64(math.Round(f)))
}

// said says what came of a change; which one is in the address that it led to.
func said(did string, job *resource.Job) string {
	if job == nil {
		return map[string]string{"remove": "The job was removed."}[did]
	}
	name := look.Name(job.Job)
	switch did {
	case "stage":
		return name + " is in " + job.Stage.String() + " now."
	case "release":
		return "The migration of " + name + " is released."
	case "rule":
		return "The rule is in force."
	case "accept":
		return "The signature is accepted."
	case "deploy":
		return name + " is deployed."
	case "pause", "resume", "restart", "stop":
		return name + ": " + did + " was asked for. It is " + string(job.State) + "."
	}
	return ""
}

// capital begins with a capital letter.
func capital(v any) string {
	s := fmt.Sprint(v)
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
