package gate

import (
	"fmt"
	"strings"

	"parallax/diff"
)

// The rules in this file apply to each output topic separately, because the rows of one
// output say nothing about another. An output without compared rows is reported by noRows.

// eachOutput joins the results of check for the outputs with compared rows.
func eachOutput(e Evidence, check func(diff.Output) string) string {
	var wrong []string
	for _, o := range e.Diff.Outputs {
		if o.Rows == 0 {
			continue
		}
		if text := check(o); text != "" {
			wrong = append(wrong, text)
		}
	}
	return strings.Join(wrong, "; ")
}

func noRows(_ Policy, e Evidence) string {
	if e.Ledger.Records() == 0 {
		return ""
	}
	var without []string
	for _, o := range e.Diff.Outputs {
		if o.Rows == 0 {
			without = append(without, o.Topic)
		}
	}
	if len(without) == len(e.Diff.Outputs) {
		return "no output row was compared"
	}
	if len(without) > 0 {
		return "no output row of " + strings.Join(without, ", ") + " was compared"
	}
	return ""
}

// belowLevel checks the level of each output. A level below the required one comes with a root
// divergence, which the rule divergences reports or which is accepted; if not, the comparison is
// not consistent. No level below E4 is enough, whatever is required: paths that differed
// throughout the run can end at the same table.
func belowLevel(_ Policy, e Evidence) []finding {
	left := withoutAccepted(e)
	text := eachOutput(e, func(o diff.Output) string {
		required := max(e.Require, diff.E4)
		isAccepted := left.acceptedOf[o.Topic] > 0 && o.Root <= left.rootsOf[o.Topic]
		if o.LevelHeld >= required || isAccepted {
			return ""
		}
		return fmt.Sprintf("%s held %s, and %s is required", o.Topic, o.LevelHeld, required)
	})
	if text == "" {
		return nil
	}
	return []finding{{text: text, isSaid: left.roots > 0}}
}

func fewUnits(p Policy, e Evidence) (wrong []finding) {
	for _, o := range e.Diff.Outputs {
		if o.Rows > 0 {
			wrong = append(wrong, atLeast(fmt.Sprintf("%s of %s", o.Unit, o.Topic), o.Units, p.MinUnits, "gate.min_units", unitRate(e, o.Topic, o.Units))...)
		}
	}
	return wrong
}

// fewKeys suggests a setting for an input without more keys, because, unlike records, keys
// do not increase with time.
func fewKeys(p Policy, e Evidence) string {
	least := p.MinKeys
	short := eachOutput(e, func(o diff.Output) string {
		if !o.Unit.IsKeyed() || o.Keys >= p.MinKeys {
			return ""
		}
		least = min(least, o.Keys)
		return fmt.Sprintf("%s has %s", o.Topic, plural(o.Keys, "distinct key"))
	})
	if short == "" {
		return ""
	}
	return fmt.Sprintf("%s: gate.min_keys is %s; if the input has no more keys, set gate.min_keys: %d", short, Thousands(p.MinKeys), least)
}

func noWindows(_ Policy, e Evidence) string {
	return eachOutput(e, func(o diff.Output) string {
		if !o.Unit.IsWindowed() || o.ClosedWindows > 0 {
			return ""
		}
		return "no window of " + o.Topic + " has closed"
	})
}

func notSureEnough(p Policy, e Evidence) (wrong []finding) {
	left := withoutAccepted(e)
	for _, o := range e.Diff.Outputs {
		diverged := max(0, o.Root-left.rootsOf[o.Topic])
		bound := UpperBound(diverged, o.Units, p.Confidence)
		if o.Rows == 0 || bound <= p.MaxProbability {
			continue
		}
		if left.roots > 0 { // no further evidence makes it a pass
			wrong = append(wrong, finding{isSaid: true, text: fmt.Sprintf("with %s in %s %s of %s, up to %.3g %% of them may diverge, %.3g %% are allowed (gate.max_probability)",
				plural(diverged, "root divergence"), Thousands(o.Units), o.Unit, o.Topic, 100*bound, 100*p.MaxProbability)})
			continue
		}
		l := lack(fmt.Sprintf("%s of %s", o.Unit, o.Topic), TrialsFor(p.MaxProbability, p.Confidence)-o.Units, unitRate(e, o.Topic, o.Units))
		wrong = append(wrong, finding{lack: l, text: fmt.Sprintf(
			"with %.4g %% confidence%s up to %.3g %% of the %s of %s may diverge, %.3g %% are allowed (gate.max_probability): needs %s more%s",
			100*p.Confidence, becauseOfRetries(e), 100*bound, o.Unit, o.Topic, 100*p.MaxProbability, Thousands(l.Count), l.estimate())})
	}
	return wrong
}

// weakest is the output with the fewest units; ok is false if there are no outputs.
func weakest(e Evidence) (least diff.Output, ok bool) {
	for i, o := range e.Diff.Outputs {
		if i == 0 || o.Units < least.Units {
			least = o
		}
	}
	return least, len(e.Diff.Outputs) > 0
}

// held is the first part of a pass's reason: what held which level, with which certainty.
// Of several outputs the one with the fewest units is used.
func held(p Policy, e Evidence) string {
	records := Thousands(e.Ledger.Compared + e.Ledger.Filtered)
	o, ok := weakest(e)
	if !ok {
		return fmt.Sprintf("%s records held %s", records, e.Diff.LevelHeld)
	}
	of := ""
	if len(e.Diff.Outputs) > 1 {
		of = fmt.Sprintf(" of %s, the output with the fewest,", o.Topic)
	}
	text := fmt.Sprintf("%s records and %s %s%s held %s; with %.4g %% confidence%s fewer than %.3g %% of them diverge",
		records, Thousands(o.Units), o.Unit, of, e.Diff.LevelHeld, 100*p.Confidence, becauseOfRetries(e), 100*UpperBound(0, o.Units, p.Confidence))
	if usual := DefaultPolicy().MaxProbability; p.MaxProbability > usual {
		text += fmt.Sprintf(", which is weak evidence: gate.max_probability is %.3g %% here and %.3g %% by default", 100*p.MaxProbability, 100*usual)
	}
	return text
}
