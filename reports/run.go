package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Run identifies a run, with the policy that applied to it.
type Run struct {
	evidence.Run
	Policy Policy `json:"policy"`
	evidence.SetAside
}

// Policy contains the requirements for a pass.
type Policy struct {
	RequireLevel diff.Level `json:"require_level"`
	gate.Policy
}

// fillRun replaces empty lists by empty arrays.
func (s *Summary) fillRun() {
	if s.Offsets == nil {
		s.Offsets = []evidence.OffsetRange{}
	}
	if s.DeadLetterTopics == nil {
		s.DeadLetterTopics = []string{}
	}
	if s.OpenTransactions == nil {
		s.OpenTransactions = []evidence.OpenTransaction{}
	}
}

// mostOffsets is how many topic-partitions the text shows; the JSON has all.
const mostOffsets = 12

func (t *text) run(s Summary) {
	if s.Started.IsZero() {
		return
	}
	t.line("")
	ended := "15:04:05"
	if s.Started.YearDay() != s.Ended.YearDay() {
		ended = "2006-01-02 15:04:05"
	}
	t.line("run           %s to %s UTC, %s; parallax %s (%s)", s.Started.UTC().Format("2006-01-02 15:04:05"), s.Ended.UTC().Format(ended),
		Duration(s.Ended.Sub(s.Started)), s.Version, shortCommit(s.Commit))
	if p := s.ThisProcess; p != nil {
		t.wrapped("  incarnations  ", fmt.Sprintf("%d, whose evidence is added up; the last one: %s records, %s rows of V1, %s root divergences, %s",
			s.Incarnations, gate.Thousands(p.Records), gate.Thousands(p.Outputs.V1), gate.Thousands(p.Divergences.Root), Duration(p.Took.Std())))
	}
	var offsets []string
	for i, o := range s.Offsets {
		if i == mostOffsets {
			offsets = append(offsets, fmt.Sprintf("and %d more topic-partitions (--json has all)", len(s.Offsets)-i))
			break
		}
		offsets = append(offsets, fmt.Sprintf("%s/%d %s to %s", o.Topic, o.Partition, gate.Thousands(o.From), gate.Thousands(o.To)))
	}
	if len(offsets) == 0 {
		offsets = []string{"no record was processed"}
	}
	t.wrapped("  offsets       ", strings.Join(offsets, ", "))
	t.wrapped("  policy        ", s.Policy.Text())
	if len(s.DeadLetterTopics) > 0 {
		t.wrapped("  dead letters  ", fmt.Sprintf("%s, to %s", gate.Thousands(s.DeadLetters), strings.Join(s.DeadLetterTopics, ", ")))
	}
	for _, o := range s.OpenTransactions {
		t.wrapped("  not read      ", fmt.Sprintf("%s/%d from offset %s to its end, %s: a transaction was open there when the run began", o.Topic, o.Partition, gate.Thousands(o.LastStable), gate.Thousands(o.End)))
	}
}

// Text returns the policy in one line.
func (p Policy) Text() string {
	line := fmt.Sprintf("level %s; at least %s records, %s keys, %s units, %d partitions, event time %s; at most %s %% late, %s %% tolerated, probability %s at confidence %s",
		p.RequireLevel, gate.Thousands(p.MinRecords), gate.Thousands(p.MinKeys), gate.Thousands(p.MinUnits), p.MinPartitions, p.MinEventTime,
		decimal(100*p.MaxLate), decimal(100*p.MaxTolerated), decimal(p.MaxProbability), decimal(p.Confidence))
	for _, s := range p.Strata.List() {
		if s.Min > 0 {
			line += fmt.Sprintf("; at least %s of stratum %s", gate.Thousands(s.Min), s.Name)
		}
	}
	if p.MaxSlowdown != nil {
		line += fmt.Sprintf("; V2 at most %s %% slower", decimal(100**p.MaxSlowdown))
	}
	return line
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'g', 4, 64) }

// shortCommit is as much of a commit as people need.
func shortCommit(commit string) string { return commit[:min(len(commit), 12)] }

// Duration shows a time as people read it: 4.2 s, 3 min 20 s, 2 h 5 min.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
