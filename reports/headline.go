package reports

import (
	"fmt"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Headline summarises a run in one sentence.
func Headline(s Summary) string {
	switch gate.State(s.Verdict) {
	case gate.Pass:
		return "right" + acceptedClause(s) + speedClause(s.Throughput)
	case gate.Error:
		if s.Divergences.Root > 0 {
			return "the run failed; before that V2 was wrong" + explanation(s.Signatures)
		}
		return "the run or its comparison failed, so there is no result about V2"
	case gate.Fail:
		if s.IsOnlySlow() {
			return "right" + acceptedClause(s) + speedClause(s.Throughput)
		}
		return "wrong" + explanation(s.Signatures)
	}
	switch {
	case s.Records == 0:
		return "there was no input, so nothing was compared"
	case s.Ledger.Compared+s.Ledger.Filtered == 0:
		return "nothing was compared"
	case s.V2.HoleCount > 0:
		return fmt.Sprintf("V2 was not running %s, so %s of %s records were not compared; %s in the others",
			times(s.V2.HoleCount), gate.Thousands(s.Ledger.NotComparable+s.Ledger.Shed+s.Ledger.V2Error), gate.Thousands(s.Records), found(s))
	}
	return found(s) + ", but the evidence is not enough to call V2 right"
}

// found says what an inconclusive run found. Differences that are not accepted may be among it if
// the evidence is of another V2, or if an acceptance has expired.
func found(s Summary) string {
	switch n := s.accepted(); {
	case s.Divergences.Root+s.Divergences.Cascade == 0:
		return "no difference was found"
	case n >= s.Divergences.Root+s.Divergences.Cascade:
		return "no difference was found that is not accepted"
	}
	return "differences were found"
}

// accepted counts the divergences that are accepted.
func (s *Summary) accepted() (n int64) {
	for i := range s.Accepted {
		if a := &s.Accepted[i]; !a.IsExceeded && !a.HasExpired {
			n += a.Count
		}
	}
	return n
}

// acceptedClause says that a V2 that is right differs as intended.
func acceptedClause(s Summary) string {
	if n := s.accepted(); n > 0 {
		return fmt.Sprintf(", apart from accepted differences (%s)", counted(n, "divergence"))
	}
	return ""
}

// counted returns a number with its noun.
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return gate.Thousands(n) + " " + noun
}

// IsOnlySlow reports whether V2 fails only because it is too slow.
func (s *Summary) IsOnlySlow() bool { return IsOnlySlow(gate.State(s.Verdict), s.Code) }

// IsOnlySlow reports whether a verdict with this code says that V2 fails only because it is too
// slow.
func IsOnlySlow(verdict gate.State, code int) bool { return verdict == gate.Fail && code == slowCode }

// slowCode is the code of a V2 that is right and too slow.
var slowCode = gate.Verdict{State: gate.Fail, Slow: true}.Code()

// speedClause says whether V2 would be faster: by its speed relative to V1's, measured one
// path at a time if available, else concurrently.
func speedClause(t evidence.Throughput) string {
	r := t.Contended
	if i := t.Isolated; i != nil && i.Value != 0 {
		r = *i
	}
	if r.Value == 0 {
		return "; its speed cannot be compared with V1's in this run"
	}
	ratio := float64(r.Value)
	low, high := 0.95*ratio, 1.05*ratio
	if r.CI95.IsKnown() {
		low, high = r.CI95[0], r.CI95[1]
	}
	switch {
	case high < 1:
		return fmt.Sprintf(", but %.2f times as fast: V2 would be no gain here", ratio)
	case low > 1:
		return fmt.Sprintf(", and %.2f times as fast", ratio)
	}
	return fmt.Sprintf(", and about as fast, as far as this run can tell (%.2f times)", ratio)
}

// classTexts describe the classes of divergence, for signatures without a more specific
// hypothesis.
var classTexts = map[diff.Class]string{
	diff.Missing:      "V2 lacks rows that V1 has",
	diff.Extra:        "V2 has rows that V1 does not have",
	diff.ValueClass:   "V2's rows have other values than V1's",
	diff.TypeClass:    "V2's values are the same numbers in other types",
	diff.Schema:       "V2's rows have other columns than V1's",
	diff.KeyClass:     "V2's rows have other keys than V1's",
	diff.WindowBounds: "V2's windows have other bounds than V1's",
	diff.Tombstone:    "V2 deletes other rows than V1",
	diff.Reorder:      "V2's rows come in another order than V1's",
	diff.Duplicate:    "V2 has rows twice",
	diff.Early:        "V2 has rows of windows that have not closed yet",
	diff.Late:         "V2 has rows of windows that had closed",
	diff.Routing:      "rows of one key come from several of V2's partitions",
	diff.ArmError:     "V2 failed",
	diff.StateClass:   "at a checkpoint V2's state is not V1's",
}

// ClassText says what the divergences of a class are.
func ClassText(c diff.Class) string { return classTexts[c] }

// explanation describes the first signature, which explains most divergences.
func explanation(list []diff.Signature) string {
	if len(list) == 0 {
		return ": V2's rows are not V1's"
	}
	s := &list[0]
	text := classTexts[s.Class]
	switch {
	case s.HypothesisText != "":
		text = s.HypothesisText
	case s.Class == diff.Reorder && s.Note != "":
		text += ": " + s.Note
	case s.Example.State != nil && len(s.Example.State.Keys) > 0:
		text += fmt.Sprintf(": %s, %s", s.Example.State.Stage, s.Example.State.Keys[0].Key)
	case s.Example.Error != "":
		text += ": " + s.Example.Error
	}
	if s.Topic != "" {
		return " in " + s.Topic + ": " + text
	}
	return ": " + text
}
