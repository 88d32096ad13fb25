package document

import (
	"fmt"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Changes say what is different from the report before.
type Changes struct {
	// Since is the window of the report before.
	Since Window `json:"since"`
	// The figures of the report before.
	Verdict string          `json:"verdict"`
	Level   diff.Level      `json:"level_held"`
	Roots   int64           `json:"roots"`
	Ratio   evidence.Figure `json:"ratio"`
	V2      string          `json:"v2"`
	// New and Known count the differences of this report.
	New   int `json:"new"`
	Known int `json:"known"`
	// Gone are the differences that are not in this report.
	Gone []Gone `json:"gone"`
	// Sentences say what changed, for people; none if nothing did.
	Sentences []string `json:"sentences"`
}

// changes compares a report with the one before; nil if there is none.
func changes(d, previous *Document) *Changes {
	if previous == nil {
		return nil
	}
	_, ratio := previous.Summary.Throughput.Judged()
	c := &Changes{
		Since: previous.Window, Verdict: previous.Summary.Verdict, Level: previous.Summary.LevelHeld, Roots: previous.Summary.Divergences.Root,
		Ratio: ratio.Value, V2: previous.Stretch.Identity.V2, Gone: gone(d, previous), Sentences: []string{},
	}
	for _, one := range d.Differences {
		if one.Status == StatusNew {
			c.New++
		} else {
			c.Known++
		}
	}
	c.Sentences = append(c.Sentences, c.sentences(d, previous)...)
	return c
}

// leastChange is the smallest change of a ratio that is worth a sentence.
const leastChange = 0.05

func (c *Changes) sentences(d, previous *Document) (list []string) {
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if now := d.Summary.Verdict; now != c.Verdict {
		say("The verdict is %s; it was %s.", now, c.Verdict)
	}
	if now := d.Summary.LevelHeld; now != c.Level {
		say("The level held is %s; it was %s.", now, c.Level)
	}
	if c.New > 0 {
		say("%s new.", isOrAre(c.New, "difference"))
	}
	if n := len(c.Gone); n > 0 {
		say("%s gone.", isOrAre(n, "difference"))
	}
	if _, now := d.Summary.Throughput.Judged(); now.Value != 0 && c.Ratio != 0 {
		if by := float64(now.Value/c.Ratio) - 1; by >= leastChange || by <= -leastChange {
			say("V2 is %.2f times as fast as V1; it was %.2f.", now.Value, c.Ratio)
		}
	}
	if now := d.Stretch.Identity; now.Run != previous.Stretch.Identity.Run {
		say("Another run began: %s.", why(previous.Stretch.Identity, now))
	}
	return list
}

// why says what is different between two runs.
func why(before, now evidence.RunIdentity) string {
	for _, c := range []struct {
		what        string
		before, now string
	}{
		{"V2 is another version", before.V2, now.V2},
		{"V1 is another version", before.V1, now.V1},
		{"the plan or its settings changed", before.Fingerprint, now.Fingerprint},
		{"the rules that tolerate differences changed", before.Rules, now.Rules},
		{"the redaction changed", before.Redaction, now.Redaction},
	} {
		if c.before != c.now {
			return c.what
		}
	}
	return "the job was started from the beginning"
}

func isOrAre(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return gate.Thousands(int64(n)) + " " + what + "s are"
}
