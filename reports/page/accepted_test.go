package page_test

import (
	"strings"
	"testing"

	"parallax/diff"
)

// TestAReportOfAcceptedDifferences: the page does not say that there is none, and the outputs' table
// counts them.
func TestAReportOfAcceptedDifferences(t *testing.T) {
	s := stretch()
	s.Diff.Outputs[1].Root, s.Diff.Root, s.Diff.Cascade = 40, 40, 7
	s.Diff.ByClass = map[diff.Class]int64{diff.ValueClass: 47}
	s.Diff.Signatures = []diff.Signature{{ID: "77aa12bb90ce", Class: diff.ValueClass, Topic: "large-trades", Columns: []string{"FEE"}, Count: 47, Roots: 40}}
	text := string(write(t, made(s, nil)))
	for _, want := range []string{"apart from accepted differences (47 divergences)", "All of them are accepted.", `<td class="n">40</td><td class="n">0</td><td class="n">47</td></tr>`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}
