package performance

import (
	"strings"
	"testing"
)

func TestWhatAStageCostsIsInTextAndPage(t *testing.T) {
	d := document()
	var text strings.Builder
	if err := Text(&text, d); err != nil {
		t.Fatal(err)
	}
	page, err := Page("", d)
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{
		{text.String(), "scenario 3b, full speed                 canary:25    1,000,000    1.00      2,000      5,000          700        5,000    400,000  00ff"},
		{page, "| scenario 3b, full speed | shadow |  | 1,000,000 | 1.00 (0.90 to 1.10) | 2,000 (1,000 to 3,000) | 5,000 (4,000 to 6,000) |  |  | 0 | 400,000 | 400,000 | 0 | `00ff` |"},
		{page, "| scenario 3b, full speed | promoted |  | 1,000,000 | 1.00 (0.90 to 1.10) | 2,000 (1,000 to 3,000) | 5,000 (4,000 to 6,000) | 700 (500 to 900) | 5,000 (4,000 to 6,000) | 0 | 400,000 | 400,000 | 400,000 | `00ff` |"},
	} {
		if !strings.Contains(pair[0], pair[1]) {
			t.Errorf("%q is not in\n%s", pair[1], pair[0])
		}
	}
}
