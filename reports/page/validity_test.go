package page_test

import (
	"bytes"
	"strings"
	"testing"

	"parallax/reports/look/looktest"
)

func TestEveryPageIsValid(t *testing.T) {
	for name, d := range samples() {
		t.Run(name, func(t *testing.T) {
			for i, w := range looktest.Check(write(t, d), inlineStyle) {
				if t.Error(w); i > 10 {
					break
				}
			}
		})
	}
}

// inlineStyle allows what the report has: a file without a server can have its style only inside.
func inlineStyle(_, attribute, _ string) bool { return attribute == "style" }

// TestDataNeverBecomesMarkup: names and values of the data are shown as they are.
func TestDataNeverBecomesMarkup(t *testing.T) {
	page := string(write(t, made(many(3), nil)))
	for _, bad := range []string{"<script>", "\x1b", "\x00", "\u202e", "<b>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q of the data", bad)
		}
	}
	if !strings.Contains(page, "&lt;script&gt;alert") {
		t.Error("the data is not shown")
	}
}

// TestTenThousandDifferencesTakeAtMostTwoMegabytes although every text is as long as it may be.
func TestTenThousandDifferencesTakeAtMostTwoMegabytes(t *testing.T) {
	page := write(t, made(many(10_000), nil))
	if len(page) > 2_000_000 {
		t.Errorf("%d bytes", len(page))
	}
	if !bytes.Contains(page, []byte("more differences: the JSON form has all of them.")) {
		t.Error("the page does not say that differences are left out")
	}
	t.Log(len(page), "bytes")
}
