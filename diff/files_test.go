package diff_test

import (
	"strings"
	"testing"

	"parallax/diff"
)

const (
	rowA  = `{"topic":"OUT","partition":0,"key":{"K":"a"},"value":{"K":"a","N":1.10},"timestamp":5,"cause":{"topic":"in","partition":0,"offset":0}}`
	rowB  = `{"topic":"OUT","partition":0,"key":{"K":"b"},"value":{"K":"b","N":2},"timestamp":6,"cause":{"topic":"in","partition":0,"offset":1}}`
	gone  = `{"topic":"OUT","partition":0,"key":{"K":"a"},"value":null,"timestamp":5,"cause":null}`
	other = `{"topic":"OUT","timestamp":5,"value":{"N":1.10,"K":"a"},"cause":{"topic":"in","partition":0,"offset":0},"key":{"K":"a"},"partition":0}`
)

func TestFilesCompareAtEveryLevel(t *testing.T) {
	for _, c := range []struct {
		name, left, right string
		held              diff.Level
		class             diff.Class
	}{
		{"the same bytes", rowA + "\n" + rowB + "\n", rowA + "\n" + rowB + "\n", diff.E0, ""},
		{"the same rows written otherwise", rowA, other, diff.E1, ""},
		{"two keys in another order", rowA + "\n" + rowB, rowB + "\n" + rowA, diff.E2, diff.Reorder},
		{"a row twice", rowA + "\n" + rowB, rowA + "\n" + rowA + "\n" + rowB, diff.E3, diff.Duplicate},
		{"digits after the point", rowA, strings.Replace(rowA, "1.10", "1.1", 1), diff.None, diff.TypeClass},
		{"a number as text", rowB, strings.Replace(rowB, `"N":2`, `"N":"2"`, 1), diff.None, diff.ValueClass},
		{"a row less", rowA + "\n" + rowB, rowA, diff.None, diff.Missing},
		{"a deletion less", rowA + "\n" + gone, rowA, diff.None, diff.Tombstone},
		{"nothing at all", "", "", diff.E0, ""},
		{"nothing against something", "", rowA, diff.None, diff.Extra},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := diff.CompareFiles(strings.NewReader(c.left), strings.NewReader(c.right), "left", "right", diff.Options{Require: diff.E1})
			if err != nil {
				t.Fatal(err)
			}
			if res.LevelHeld != c.held {
				t.Errorf("held %s, want %s", res.LevelHeld, c.held)
			}
			if c.class == "" && res.Root != 0 || c.class != "" && res.ByClass[c.class] == 0 {
				t.Errorf("classes %v, want %q", res.ByClass, c.class)
			}
		})
	}
}

func TestALineThatIsNoOutputRecordIsNamed(t *testing.T) {
	for line, want := range map[string]string{
		`{"topic":"OUT"}`:                  "right:2: not an output record: it wants topic and value",
		`{"topic":"OUT","value":{},"x":1}`: "right:2: not an output record: unknown field",
		`nonsense`:                         "right:2: not an output record",
	} {
		_, err := diff.CompareFiles(strings.NewReader(rowA), strings.NewReader(rowA+"\n"+line), "left", "right", diff.Options{Require: diff.E1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}
