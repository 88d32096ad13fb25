package opinion_test

import (
	"math"
	"testing"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/shadow/opinion"
)

// one returns an outcome with one row without a key.
func one(values ...row.Value) *row.Outcome {
	return &row.Outcome{Changes: []row.Change{{Phase: 1, Values: values}}}
}

func sinkOf(format row.Format, columns ...string) []*row.Sink {
	s := &row.Sink{Topic: "out", Format: format, Delimiter: ",", KeyFormat: row.FormatNone}
	for _, name := range columns {
		s.Values = append(s.Values, row.Column{Name: name})
	}
	return []*row.Sink{s}
}

func newJudge(t *testing.T, sinks []*row.Sink) *opinion.Judge {
	t.Helper()
	j, err := opinion.New(t.Context(), sinks)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Values that are equal to a reader have the same bytes here, even if the format writes
// them differently.
func TestEqualValuesOfOtherBitsAreTheSame(t *testing.T) {
	nan, zero := math.Float64frombits(0x7ff8000000000123), math.Copysign(0, -1)
	for _, format := range []row.Format{row.FormatJSON, row.FormatKafka, row.FormatDelimited} {
		j := newJudge(t, sinkOf(format, "V"))
		for name, pair := range map[string][2]row.Value{
			"NaNs":            {row.NewDouble(math.NaN()), row.NewDouble(nan)},
			"zeros":           {row.NewDouble(0), row.NewDouble(zero)},
			"zeros in arrays": {row.NewArray([]row.Value{row.NewDouble(0)}), row.NewArray([]row.Value{row.NewDouble(zero)})},
		} {
			if d := j.Difference(one(pair[0]), one(pair[1]), opinion.Options{}); d != "" {
				t.Errorf("%s as %s: %s", name, format, d)
			}
		}
	}
}

// A format may write the same for values that are not equal, or nothing at all.
func TestValuesThatAFormatWritesAlikeAreDifferent(t *testing.T) {
	hidden := sinkOf(row.FormatJSON, "V", "W")
	hidden[0].InValue = []bool{false, true}
	ten := row.NewDecimal(numeric.Int128Of(10), 1)
	for name, c := range map[string]struct {
		sinks []*row.Sink
		a, b  []row.Value
	}{
		"an INT and a BIGINT":       {sinkOf(row.FormatJSON, "V"), []row.Value{row.NewInt(1)}, []row.Value{row.NewBigint(1)}},
		"inside an array":           {sinkOf(row.FormatJSON, "V"), []row.Value{row.NewArray([]row.Value{row.NewInt(1)})}, []row.Value{row.NewArray([]row.Value{row.NewBigint(1)})}},
		"a number and its text":     {sinkOf(row.FormatDelimited, "V"), []row.Value{ten}, []row.Value{row.NewString("1.0")}},
		"bytes that are no UTF-8":   {sinkOf(row.FormatJSON, "V"), []row.Value{row.NewString("\xff")}, []row.Value{row.NewString("\ufffd")}},
		"fields of other names":     {sinkOf(row.FormatJSON, "V"), []row.Value{row.NewStruct([]string{"A"}, []row.Value{ten})}, []row.Value{row.NewStruct([]string{"B"}, []row.Value{ten})}},
		"a column that is left out": {hidden, []row.Value{row.NewInt(1), ten}, []row.Value{row.NewInt(2), ten}},
	} {
		if d := newJudge(t, c.sinks).Difference(one(c.a...), one(c.b...), opinion.Options{}); d == "" {
			t.Errorf("%s: no difference", name)
		}
	}
}
