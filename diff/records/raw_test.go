package records_test

import (
	"strings"
	"testing"

	"parallax/diff/records"
	"parallax/processors/row"
)

// All spellings of a number are one value; other numbers are others.
func TestNumbersWithoutASchemaAreComparedByValue(t *testing.T) {
	var p records.ValueParser
	parse := func(text string) (row.Value, bool) {
		v, spelling, err := p.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return v, spelling == 0
	}
	for _, same := range [][]string{
		{"1", "1.0", "1.00", "1e0", "10e-1", "0.1e1", "1E+0"},
		{"1000", "1e3", "1000.0", "10.00e2"},
		{"0", "-0", "0.0", "0e9", "-0.00"},
		{"-0.005", "-5e-3", "-0.0050"},
		{"12345678901234567890123", "1.2345678901234567890123e22"},
		{"1e400", "10e399", "0.1e401"},
		{"1e-400", "0.1e-399"},
		{`{"a":[1,2.50],"b":null}`, `{"b":null,"a":[1.0,2.5]}`},
		{`"\u0041"`, `"A"`},
	} {
		first, isPlain := parse(same[0])
		if !isPlain && len(same[0]) < 5 {
			t.Errorf("%s is not plain", same[0])
		}
		for _, text := range same[1:] {
			if v, _ := parse(text); !row.Equal(v, first) {
				t.Errorf("%s is %s, and %s is %s", text, v, same[0], first)
			}
		}
	}
	for _, other := range [][2]string{
		{"1", "1.0000000000000001"}, {"9007199254740993", "9007199254740992"}, {"1e400", "1e401"}, {"1", `"1"`}, {"null", `{}`}, {"[1,2]", "[2,1]"}, {"0.1", "0.01"}, {"1", "-1"},
	} {
		a, _ := parse(other[0])
		if b, _ := parse(other[1]); row.Equal(a, b) {
			t.Errorf("%s and %s are equal", other[0], other[1])
		}
	}
	for text, want := range map[string]bool{"1.0": false, "1e3": false, "-0": false, "0.5": true, "-12": true, `{"a":[1,{"b":2.50}]}`: false, `{"a":"1.0"}`: true} {
		if _, isPlain := parse(text); isPlain != want {
			t.Errorf("%s is plain: %v", text, isPlain)
		}
	}
	for _, text := range []string{"", "{", "1 2", `{"a":1,"a":2}`, "\"\xff\"", "01", `"\ud800"`} {
		if _, _, err := p.Parse([]byte(text)); err == nil {
			t.Errorf("%q is a value", text)
		}
	}
}

func TestEachLineVisitsOutputRecords(t *testing.T) {
	const in = `{"topic":"out","partition":2,"key":{"K":"a"},"window":{"start":0,"end":60000},"value":{"N":1},"timestamp":5}

{"topic":"out","key":null,"value":null}
`
	var got []string
	err := records.EachLine(t.Context(), strings.NewReader(in), "in", func(l *records.RawLine) error {
		got = append(got, string(l.Key)+" "+string(l.Value))
		if l.Number == 1 && (!l.HasWindow || l.WindowEnd != 60_000 || l.Partition != 2 || l.Timestamp != 5) {
			t.Errorf("%+v", l)
		}
		return nil
	})
	if err != nil || strings.Join(got, "; ") != `{"K":"a"} {"N":1};  ` {
		t.Errorf("%q, %v", got, err)
	}
	err = records.EachLine(t.Context(), strings.NewReader(in+"{}\n"), "in", func(*records.RawLine) error { return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "in:4: not an output record: ") {
		t.Error(err)
	}
}
