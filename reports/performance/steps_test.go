package performance

import (
	"strings"
	"testing"
)

// The breakdown of direct's time, and the effect of large batches, are in the text and on
// the page.
func TestTheStepsOfDirectAndLargeBatchesAreShownInTextAndPage(t *testing.T) {
	d := document()
	var text strings.Builder
	if err := Text(&text, d); err != nil {
		t.Fatal(err)
	}
	page, err := Page("", d)
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"text":                  {text.String(), "scenario 3b             200.0      90.0     50.0     20.0      36.0       4.0    400,000  00ff"},
		"page":                  {page, "| 3b | 200 | 90 (45 %) | 50 (25 %) | 20 (10 %) | 36 (18 %) | 4 (2 %) | 400,000 | `00ff` |"},
		"large batches in text": {text.String(), "scenario 3b   v2:4     2 cores  batches of 100,000 (1,500) over 1,000   0.95 (0.90 to 1.00)"},
		"large batches on page": {page, "| 3b | v2:4 | 2 | 100,000 | 1,000 | 1,500 | 0.95 | 0.90 to 1.00 |"},
	} {
		if !strings.Contains(pair[0], pair[1]) {
			t.Errorf("%s lacks %q", what, pair[1])
		}
	}
}
