package sensitivity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/sensitivity"
)

// sized counts the rows and bytes that are compared.
type sized struct {
	sensitivity.Comparison
	mostRows, mostBytes *int
}

func (s sized) Compare(v1, v2 *row.Outcome) {
	*s.mostRows = max(*s.mostRows, len(v1.Changes), len(v2.Changes))
	bytes := 0
	for i := range v1.Changes {
		for _, v := range v1.Changes[i].Values {
			bytes += v.Footprint()
		}
	}
	*s.mostBytes = max(*s.mostBytes, bytes)
	s.Comparison.Compare(v1, v2)
}

// A round compares a few rows at a time, however many a batch has and however large they are.
func TestWhatARoundComparesIsBounded(t *testing.T) {
	const columns = 2000
	wide := &row.Sink{Topic: "wide", Key: []row.Column{column("K")}}
	for i := range columns {
		wide.Values = append(wide.Values, column(fmt.Sprint("C", i)))
	}
	for _, c := range []struct {
		name     string
		rows     int
		textSize int
		injected bool
	}{
		{"many rows", 20_000, 10, true},
		{"texts of 500 KB", 20, 500_000, true},
		{"texts of 2 MB, which are not copied", 20, 2_000_000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := row.NewString(strings.Repeat("x", c.textSize))
			values := slices.Repeat([]row.Value{row.NewBigint(1)}, columns)
			values[columns/2] = text
			b := row.NewBatch(0, 0, make([]row.Record, 1), nil)
			o := &row.Outcome{Batch: b, Dispositions: []row.Disposition{row.Output}}
			for i := range c.rows {
				o.Changes = append(o.Changes, row.Change{Phase: 1, Step: 1, Ordinal: uint32(i), Key: []row.Value{row.NewBigint(int64(i % 7))}, Values: values, Timestamp: int64(i)})
			}
			mostRows, mostBytes := 0, 0
			check := sensitivity.New(sensitivity.Options{Sinks: []*row.Sink{wide}, New: func() sensitivity.Comparison {
				return sized{diff.New([]*row.Sink{wide}, diff.Options{}), &mostRows, &mostBytes}
			}})
			if err := check.On(o, o, diff.Found{Equal: true}); err != nil {
				t.Fatal(err)
			}
			for _, m := range check.Count().Mutations {
				if m.Detected != m.Injected {
					t.Errorf("%+v", m)
				}
				if m.Name == "value STRING" && (m.Injected == 1) != c.injected {
					t.Errorf("a text was changed %d times", m.Injected)
				}
			}
			if mostRows > 10 || mostBytes > 3<<20 {
				t.Errorf("%d rows of %d bytes were compared at once", mostRows, mostBytes)
			}
		})
	}
}
