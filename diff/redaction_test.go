package diff

import (
	"encoding/json"
	"strings"
	"testing"

	"parallax/processors/row"
)

// hides is a Redaction of columns of one topic.
type hides map[string]bool

func (h hides) IsRedacted(_, column string) bool { return h[column] }
func (hides) Replace(text string) string         { return "#" + strings.Repeat("x", len(text)%7) }
func (hides) ReplaceError(string) string         { return "(redacted)" }

// TestExamplesShowNoRedactedValue: not in rows, keys and columns, not as a path inside a column,
// not in a key that is another one, not in a row that has more columns than its output, not in
// the reason of a dead letter. NULL and all else are shown.
func TestExamplesShowNoRedactedValue(t *testing.T) {
	sink := &row.Sink{Topic: "out", Key: []row.Column{{Name: "K"}}, Values: []row.Column{{Name: "A"}, {Name: "M"}, {Name: "B"}}}
	tags := func(name string) row.Value {
		return row.NewMap([]string{"secret" + name}, []row.Value{row.NewString("secret")})
	}
	one := []row.Value{row.NewString("secret1"), tags("1"), row.NewString("open")}
	for name, c := range map[string]struct {
		v1, v2 row.Change
		want   []string
	}{
		"values": {
			row.Change{Values: one},
			row.Change{Values: []row.Value{row.NewString("secret2"), tags("2"), row.NewString("clear")}},
			[]string{`"name":"A","v1":"#","v2":"#"`, `"name":"M","v1":"#`, `"name":"B","v1":"open","v2":"clear"`, `{\"A\":\"#\",\"M\":\"#`},
		},
		"types": {row.Change{Values: one}, row.Change{Values: []row.Value{row.NewBigint(70707), one[1], one[2]}}, []string{`"name":"A","v1":"# (STRING)","v2":"#xxxxx (BIGINT)"`}},
		"NULL":  {row.Change{Values: one}, row.Change{Values: []row.Value{{}, one[1], one[2]}}, []string{`"name":"A","v1":"#","v2":"NULL"`, `{\"A\":null`}},
		"more":  {row.Change{Values: one}, row.Change{Values: append(one[:3:3], row.NewString("secret"))}, []string{`"name":"(columns)","v1":"3","v2":"4"`}},
		"a key": {row.Change{Values: one}, row.Change{Key: []row.Value{row.NewString("secretkey")}, Values: one}, []string{`"name":"key","v1":"K=#`}},
	} {
		t.Run(name, func(t *testing.T) {
			d := New([]*row.Sink{sink}, Options{Redaction: hides{"K": true, "A": true, "M": true}})
			c.v1.Phase, c.v2.Phase = 1, 1
			c.v1.Key = []row.Value{row.NewString("secret")}
			if c.v2.Key == nil {
				c.v2.Key = c.v1.Key
			}
			b := row.NewBatch(1, 0, []row.Record{{}}, nil)
			d.Compare(&row.Outcome{Batch: b, Changes: []row.Change{c.v1}, DeadLetters: []row.DeadLetter{{Reason: "no secret"}}}, &row.Outcome{Batch: b, Changes: []row.Change{c.v2}})
			text, err := json.Marshal(d.Result().Signatures)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "secret") || strings.Contains(string(text), "70707") {
				t.Errorf("a value is shown: %s", text)
			}
			for _, want := range append(c.want, "(redacted)") {
				if !strings.Contains(string(text), want) {
					t.Errorf("no %s in %s", want, text)
				}
			}
		})
	}
}
