package page_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"parallax/reports/look/looktest"

	"parallax/diff"
	"parallax/diff/tables"
	"parallax/reports"
	"parallax/reports/page"
)

// rows is a source of rows in memory: a key and a value each.
type rows [][2]string

func (r rows) Name() string   { return "<b>rows</b>" }
func (r rows) Topic() string  { return "rows" }
func (r rows) Offsets() int64 { return int64(len(r)) }

func (r rows) Read(_ context.Context, visit func(*tables.Record) error) error {
	for i, kv := range r {
		if err := visit(&tables.Record{Offset: int64(i), Key: []byte(kv[0]), Value: []byte(kv[1])}); err != nil {
			return err
		}
	}
	return nil
}

// The page of a comparison is valid, shows both rows, and data never becomes markup.
func TestThePageOfAComparison(t *testing.T) {
	left := rows{{"a", `{"n":1,"m":"<script>alert(1)</script>"}`}, {"b", `{"n":2}`}, {"d", `{"n":2}`}}
	for name, right := range map[string]rows{
		"different": {{"a", `{"n":2,"m":"<script>alert(1)</script>"}`}, {"b", `{"n":2.0}`}, {"c", `{"n":`}},
		"equal":     left,
		"unpaired":  {{"x", `{"n":1}`}},
		"empty":     {},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := tables.Compare(t.Context(), left, right, tables.Options{Memory: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			verdict := reports.Equal
			if !r.Holds(diff.E6) {
				verdict = reports.Different
			}
			var b bytes.Buffer
			err = page.WriteComparison(&b, page.Comparison{Left: left.Name(), Right: right.Name(), Required: diff.E6, Verdict: verdict, Reason: "<i>why</i>", Result: r, Made: time.Unix(0, 0)})
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range looktest.Check(b.Bytes(), inlineStyle) {
				t.Error(wrong)
			}
			text := b.String()
			for _, bad := range []string{"<script>", "<b>", "<i>"} {
				if strings.Contains(text, bad) {
					t.Errorf("the page has %s of the data", bad)
				}
			}
			if name == "different" && (!strings.Contains(text, "value: n") || !strings.Contains(text, "&lt;script&gt;alert(1)") || !strings.Contains(text, "0@2: value:")) {
				t.Error("the page does not show the difference")
			}
		})
	}
}
