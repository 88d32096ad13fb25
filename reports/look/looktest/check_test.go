package looktest_test

import (
	"strings"
	"testing"

	"parallax/reports/look/looktest"
)

func TestTheCheckOfPagesNoticesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"<p><b>a</p></b>": "closes", "<div>": "not closed", `<p id="a"></p><p id="a"></p>`: "two elements", `<a href="#b"></a>`: "no element has the id b",
		"<li>a</li>": "<li> in", "<p><div></div></p>": "in the text of", `<img src="https://x/">`: "loads", "<script></script>": "<script>",
		`<p id="a" style="x"></p>`: "style", `<input id="a">`: "no label", `<label for="b">`: "no element has the id b", `<p onclick="x()"></p>`: "loads or runs",
	} {
		if wrong := strings.Join(looktest.Check([]byte(text), nil), "\n"); !strings.Contains(wrong, want) {
			t.Errorf("%s: %q", text, wrong)
		}
	}
}
