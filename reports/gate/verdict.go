package gate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"parallax/shadow/evidence"
)

// Evidence is the input of a verdict.
type Evidence struct {
	// Report contains the results of the run.
	evidence.Report
	// At is when that is judged: rules expire.
	At time.Time
}

// State is the result of a verdict.
type State string

// The states. Without any evidence the state is Inconclusive.
const (
	Pass         State = "pass"
	Fail         State = "fail"
	Inconclusive State = "inconclusive"
	Error        State = "error"
)

// Code is the state's exit code.
func (s State) Code() int {
	switch s {
	case Pass:
		return 0
	case Fail:
		return 1
	case Error:
		return 2
	}
	return 3
}

// Verdict says whether V2 may replace V1, with the reasons.
type Verdict struct {
	State  State
	Reason string
	// Slow: only the performance gate failed.
	Slow bool
	// Missing are the requirements for a pass that are not met yet, one sentence each.
	Missing []string
}

// Code is the verdict's exit code: the state's, or the one for a correct V2 that is too
// slow.
func (v Verdict) Code() int {
	if v.Slow {
		return 4
	}
	return v.State.Code()
}

// rule is a rule of the gate. It returns the reason if it applies, "" otherwise.
type rule struct {
	state State
	check func(Policy, Evidence) string
}

// rules, by priority: error before fail before inconclusive. The numbers are those of
// docs/EQUIVALENCE.md.
var rules = []rule{
	{Error, func(_ Policy, e Evidence) string { return e.Broken }},
	{Error, gap},                  // 1
	{Fail, divergences},           // 2
	{Fail, belowLevel},            // 2
	{Inconclusive, empty},         // 4
	{Inconclusive, v2Gone},        // 1, 6
	{Inconclusive, noV2},          // 6
	{Inconclusive, fewPartitions}, // 6
	{Inconclusive, forced},        // 6
	{Inconclusive, openLedger},    // 1
	{Inconclusive, noWork},        // 6
	{Inconclusive, noRows},        // 6
	{Inconclusive, suppressed},    // 3
	{Inconclusive, tolerated},     // 3
	{Inconclusive, fewRecords},    // 4
	{Inconclusive, mostlyLate},    // 4
	{Inconclusive, fewUnits},      // 4
	{Inconclusive, fewKeys},       // 4
	{Inconclusive, noWindows},     // 4
	{Inconclusive, shortTime},     // 5
	{Inconclusive, lagging},       // 6
	{Inconclusive, notSureEnough}, // 8
	{Inconclusive, speedUnknown},  // performance
}

// Decide applies every rule.
func Decide(p Policy, e Evidence) Verdict {
	v := Verdict{State: Pass}
	var reasons []string
	for _, r := range rules {
		wrong := r.check(p, e)
		if wrong == "" {
			continue
		}
		if r.state == Inconclusive {
			v.Missing = append(v.Missing, wrong)
		}
		if v.State == Pass {
			v.State = r.state
		}
		if r.state == v.State {
			reasons = append(reasons, wrong)
		}
	}
	if v.State == Pass {
		if slow := tooSlow(p, e); slow != "" {
			return Verdict{State: Fail, Reason: slow, Slow: true}
		}
		reasons = []string{held(p, e)}
		if hidden, rows := toleratedRows(e); hidden > 0 {
			reasons = append(reasons, fmt.Sprintf("rules tolerated differences in %s of %s rows", Thousands(hidden), Thousands(rows)))
		}
		if fast := fastEnough(p, e); fast != "" {
			reasons = append(reasons, fast)
		}
	}
	v.Reason = strings.Join(reasons, "; ")
	return v
}

func gap(_ Policy, e Evidence) string {
	if e.Ledger.Gap == 0 {
		return ""
	}
	return fmt.Sprintf("the ledger is inconsistent: %s records are in no bucket, or in two", Thousands(e.Ledger.Gap))
}

func divergences(_ Policy, e Evidence) string {
	if e.Diff.Root == 0 {
		return ""
	}
	text := fmt.Sprintf("%s at level %s (%s)", plural(e.Diff.Root, "root divergence"), e.Require, strings.Join(classes(e), ", "))
	if len(e.Diff.Outputs) < 2 {
		return text
	}
	var of []string
	for _, o := range e.Diff.Outputs {
		if o.Root > 0 {
			of = append(of, fmt.Sprintf("%s of %s", Thousands(o.Root), o.Topic))
		}
	}
	if len(of) > 0 {
		text += ": " + strings.Join(of, ", ")
	}
	return text
}

// classes returns the classes of the divergences.
func classes(e Evidence) (names []string) {
	for _, c := range slices.Sorted(maps.Keys(e.Diff.ByClass)) {
		names = append(names, string(c))
	}
	return names
}

func empty(_ Policy, e Evidence) string {
	if e.Ledger.Records() > 0 {
		return ""
	}
	return "no records: nothing was compared"
}

func v2Gone(_ Policy, e Evidence) string {
	switch {
	case e.V2Off:
		return "V2 is off, so nothing is compared"
	case e.Shed:
		return "V2 was shed: " + e.Detached
	case e.Detached != "":
		return "V2 was detached: " + e.Detached
	}
	return ""
}

func forced(_ Policy, e Evidence) string {
	for _, r := range e.Routing {
		if r.Forced {
			return fmt.Sprintf("V2 was forced to split state, which is an experiment and never a pass: %s is routed by %s, %s", r.Query, r.Strategy, r.Why)
		}
	}
	return ""
}

func openLedger(_ Policy, e Evidence) string {
	pending := e.Ledger.Pending
	if e.Running {
		pending = 0 // they are on their way
	}
	var open []string
	for _, b := range []struct {
		name string
		n    int64
	}{
		{"pending", pending},
		{"v2_error", e.Ledger.V2Error},
		{"not_comparable", e.Ledger.NotComparable},
		{"shed", e.Ledger.Shed},
	} {
		if b.n > 0 {
			open = append(open, fmt.Sprintf("%s %s", Thousands(b.n), b.name))
		}
	}
	if len(open) == 0 {
		return ""
	}
	return "the ledger is not closed: " + strings.Join(open, ", ")
}

func noWork(_ Policy, e Evidence) string {
	want := e.Ledger.Compared + e.Ledger.Filtered - e.Uncounted
	processed := e.Processed()
	if e.V2Off || e.Detached != "" || processed == want || e.Running && processed > want {
		return ""
	}
	return fmt.Sprintf("V2's partitions processed %s records, and %s were compared or filtered: V2 did not do the work itself", Thousands(processed), Thousands(want))
}

func suppressed(_ Policy, e Evidence) string {
	var wrong []string
	for _, t := range e.Diff.Tolerated {
		r := t.Rule
		if r.Expired(e.At) {
			wrong = append(wrong, fmt.Sprintf("the rule %q of %s expired on %s", t.Text, r.Owner, r.Expires))
		}
		if t.Rate() > r.MaxRate {
			wrong = append(wrong, fmt.Sprintf("the rule %q of %s tolerated %.3g %% of the rows, %.3g %% are allowed", t.Text, r.Owner, 100*t.Rate(), 100*r.MaxRate))
		}
	}
	return strings.Join(wrong, "; ")
}

// toleratedRows adds up the rows that rules tolerated and all rows.
func toleratedRows(e Evidence) (hidden, rows int64) {
	for _, o := range e.Diff.Outputs {
		hidden += o.ToleratedRows
		rows += o.Rows
	}
	return hidden, rows
}

func fewRecords(p Policy, e Evidence) string {
	return atLeast("records", e.Ledger.Compared+e.Ledger.Filtered, p.MinRecords, "gate.min_records")
}

func mostlyLate(p Policy, e Evidence) string {
	records := e.Ledger.Compared + e.Ledger.Filtered
	if records == 0 || float64(e.Late) <= p.MaxLate*float64(records) {
		return ""
	}
	return fmt.Sprintf("%s of %s records (%.3g %%) came too late for every window, and gate.max_late allows %.3g %%: both paths dropped them",
		Thousands(e.Late), Thousands(records), 100*float64(e.Late)/float64(records), 100*p.MaxLate)
}

func shortTime(p Policy, e Evidence) string {
	want, auto, err := p.minEventTime()
	if err != nil {
		return err.Error()
	}
	if auto {
		want = 0
		if e.WindowSize > 0 {
			want = ms(2*e.WindowSize + min(e.Lateness, e.WindowGrace))
		}
	}
	if have := ms(e.EventSpan); have < want {
		return fmt.Sprintf("event time spans %v between its 1 %% and 99 %% quantiles, and %v are required", have, want)
	}
	return ""
}

func lagging(_ Policy, e Evidence) string {
	if !e.LagGrowing {
		return ""
	}
	return "V1 does not keep up with its input: its lag has grown over the last minutes"
}

// atLeast says how many more are needed to reach a minimum of the policy.
func atLeast(what string, have, want int64, knob string) string {
	if have >= want {
		return ""
	}
	return fmt.Sprintf("needs %s more %s (%s of %s, %s)", Thousands(want-have), what, Thousands(have), Thousands(want), knob)
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Thousands(n) + " " + what + "s"
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// Thousands writes an integer with its thousands separated.
func Thousands(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
