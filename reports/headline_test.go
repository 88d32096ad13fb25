package reports_test

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

func TestTheHeadlineSaysInWordsWhatHappened(t *testing.T) {
	right := func(ratio evidence.Figure, interval evidence.Interval) reports.Summary {
		return reports.Summary{Verdict: "pass", Records: 10, Throughput: evidence.Throughput{Contended: evidence.Ratio{Value: ratio, CI95: interval}}}
	}
	isolated := right(0.8, evidence.Interval{0.7, 0.9})
	isolated.Throughput.Isolated = &evidence.Ratio{Value: 1.5, CI95: evidence.Interval{1.4, 1.6}}
	tooSlow := right(0.55, evidence.Interval{0.5, 0.6})
	tooSlow.Verdict, tooSlow.Code = "fail", 4
	wrong := func(s diff.Signature) reports.Summary {
		return reports.Summary{Verdict: "fail", Divergences: diff.Divergences{Root: 3}, Signatures: []diff.Signature{s, {Class: diff.Extra}}}
	}
	accepted := func(verdict string, roots, count int64) reports.Summary {
		s := reports.Summary{Verdict: verdict, Records: 9, Ledger: diff.Ledger{Compared: 9}, Divergences: diff.Divergences{Root: roots, Cascade: 1}}
		s.Accepted = []gate.AcceptedSignature{{Count: count}, {Count: 100, IsExceeded: true}, {Count: 100, HasExpired: true}}
		return s
	}
	slowAndAccepted := accepted("fail", 3, 4)
	slowAndAccepted.Code = 4
	for name, c := range map[string]struct {
		summary reports.Summary
		want    string
	}{
		"all accepted":          {accepted("inconclusive", 3, 4), "no difference was found that is not accepted, but the evidence is not enough to call V2 right"},
		"some accepted":         {accepted("inconclusive", 4, 4), "differences were found, but the evidence is not enough to call V2 right"},
		"right, with accepted":  {accepted("pass", 3, 4), "right, apart from accepted differences (4 divergences); its speed cannot be compared with V1's in this run"},
		"slow, with accepted":   {slowAndAccepted, "right, apart from accepted differences (4 divergences); its speed cannot be compared with V1's in this run"},
		"only cascades":         {reports.Summary{Verdict: "fail", Code: 1, Signatures: []diff.Signature{{Class: diff.Extra, Topic: "out"}}}, "wrong in out: V2 has rows that V1 does not have"},
		"faster":                {right(1.47, evidence.Interval{1.2, 1.8}), "right, and 1.47 times as fast"},
		"slower":                {right(0.55, evidence.Interval{0.5, 0.6}), "right, but 0.55 times as fast: V2 would be no gain here"},
		"neither":               {right(0.98, evidence.Interval{0.9, 1.1}), "right, and about as fast, as far as this run can tell (0.98 times)"},
		"few batches":           {right(0.9, evidence.Interval{}), "right, but 0.90 times as fast: V2 would be no gain here"},
		"isolated":              {isolated, "right, and 1.50 times as fast"},
		"the performance gate":  {tooSlow, "right, but 0.55 times as fast: V2 would be no gain here"},
		"speed not measured":    {reports.Summary{Verdict: "pass"}, "right; its speed cannot be compared with V1's in this run"},
		"wrong, explained":      {wrong(diff.Signature{Class: diff.ValueClass, Topic: "out", HypothesisText: "parts add up"}), "wrong in out: parts add up"},
		"wrong, not explained":  {wrong(diff.Signature{Class: diff.Missing, Topic: "out"}), "wrong in out: V2 lacks rows that V1 has"},
		"failed":                {wrong(diff.Signature{Class: diff.ArmError, Example: diff.Example{Error: "panic: oops"}}), "wrong: V2 failed: panic: oops"},
		"an error":              {reports.Summary{Verdict: "error"}, "the run or its comparison failed, so there is no result about V2"},
		"an error after roots":  {reports.Summary{Verdict: "error", Divergences: diff.Divergences{Root: 1}, Signatures: []diff.Signature{{Class: diff.Extra, Topic: "out"}}}, "the run failed; before that V2 was wrong in out: V2 has rows that V1 does not have"},
		"no input":              {reports.Summary{Verdict: "inconclusive"}, "there was no input, so nothing was compared"},
		"V2 is off":             {reports.Summary{Verdict: "inconclusive", Records: 9}, "nothing was compared"},
		"too little":            {reports.Summary{Verdict: "inconclusive", Records: 9, Ledger: diff.Ledger{Compared: 9}}, "no difference was found, but the evidence is not enough to call V2 right"},
		"V2 was away meanwhile": {reports.Summary{Verdict: "inconclusive", Records: 9_000, Ledger: diff.Ledger{Compared: 4_000, Shed: 5_000}, V2: evidence.Candidate{HoleCount: 1}}, "V2 was not running once, so 5,000 of 9,000 records were not compared; no difference was found in the others"},
	} {
		if got := reports.Headline(c.summary); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Colour sequences go to the terminal, the text to the writer that escapes data.
func TestColoursGoAroundTheText(t *testing.T) {
	var plain, text, both strings.Builder
	s := reports.Summary{Job: "j", Verdict: "fail", Reason: "why", Divergences: diff.Divergences{Root: 1}, Signatures: []diff.Signature{{ID: "0123", Class: diff.Missing}}}
	if err := reports.Text(&plain, s); err != nil {
		t.Fatal(err)
	}
	escapes := writer(func(p []byte) { both.Write(p) })
	through := writer(func(p []byte) { text.Write(p); both.Write(p) })
	if err := reports.StyledText(through, escapes, s); err != nil {
		t.Fatal(err)
	}
	if text.String() != plain.String() {
		t.Errorf("the text with colours is another one:\n%s\nwithout:\n%s", text.String(), plain.String())
	}
	for _, want := range []string{"\x1b[1;31mFAIL  j\x1b[0m\n", "\x1b[1m  wrong: V2 lacks rows that V1 has\x1b[0m\n", "\x1b[1m  0123  missing\x1b[0m\n"} {
		if !strings.Contains(both.String(), want) {
			t.Errorf("no %q in %q", want, both.String())
		}
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }
