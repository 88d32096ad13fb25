package functions

import (
	"slices"
	"strings"
	"testing"

	"parallax/processors/row"
)

// A long part is found where package strings finds it.
func TestSearchFindsWhatStringsFinds(t *testing.T) {
	long := strings.Repeat("ab", 40)
	for _, s := range []string{"", "ab", long, "x" + long + long + "x", strings.Repeat("ab", 100) + "c", strings.Repeat(long+"a", 3)} {
		for _, part := range []string{"ab", "a", long, long + "a"} {
			if got, want := Index(s, part), strings.Index(s, part); got != want {
				t.Errorf("Index(%q, %q) = %d, want %d", s, part, got, want)
			}
			if got, want := slices.Collect(parts(s, part)), strings.Split(s, part); !slices.Equal(got, want) {
				t.Errorf("parts(%q, %q) = %q, want %q", s, part, got, want)
			}
			if got, want := count(s, part), strings.Count(s, part); got != want {
				t.Errorf("count(%q, %q) = %d, want %d", s, part, got, want)
			}
			for _, by := range []string{"", "+", long + "++"} {
				got, err := replaceAll(s, part, by)
				if want := strings.ReplaceAll(s, part, by); got != want || err != nil {
					t.Errorf("replaceAll(%q, %q, %q) = %q, %v, want %q", s, part, by, got, err, want)
				}
			}
		}
	}
}

// No function goes over its arguments again and again: with 2 MB each of these took minutes.
func TestFunctionsAreLinear(t *testing.T) {
	const n = 1 << 21
	as := strings.Repeat("a", n)
	var object strings.Builder
	for i := 0; object.Len() < n; i++ {
		object.WriteString(`,"` + strings.Repeat("k", i%7) + row.NewBigint(int64(i)).String() + `":1`)
	}
	fields := "{" + object.String()[1:] + "}"
	deep := strings.Repeat(`{"a":`, 9000) + `"` + as + `"` + strings.Repeat("}", 9000)
	text := func(s string) row.Value { return row.NewString(s) }
	for _, c := range []struct {
		function string
		args     []row.Value
	}{
		{"INSTR", []row.Value{text(as), text(as[:n/2]), row.NewInt(1), row.NewInt(n)}},
		{"INSTR", []row.Value{text(as), text(as[:n/2]), row.NewInt(-1), row.NewInt(n)}},
		{"JSON_KEYS", []row.Value{text(fields)}},
		{"JSON_CONCAT", []row.Value{text(fields), text(fields)}},
		{"EXTRACTJSONFIELD", []row.Value{text(deep), text("$" + strings.Repeat(".a", 9000))}},
		{"JSON_ARRAY_CONTAINS", []row.Value{text(`["` + strings.Repeat(`x","`, n/4) + `"]`), row.NewBytes([]byte(as))}},
		{"REGEXP_REPLACE", []row.Value{text(as), text("(b*)"), text(strings.Repeat("$1", n/4))}},
	} {
		f := Lookup(c.function)
		types := make([]row.Type, len(c.args))
		for i, a := range c.args {
			types[i] = row.Of(a.Kind())
		}
		eval, wrong := f.Evaluation(make([]row.Value, len(c.args)), types)
		if wrong != "" {
			t.Fatalf("%s: %s", c.function, wrong)
		}
		v, err := f.Compute(new(Budget), eval, c.args, nil, row.Of(row.String))
		if (err != nil) != (c.function == "REGEXP_REPLACE") || err == nil && v.IsNull() {
			t.Errorf("%s: %v, null %v", c.function, err, v.IsNull())
		}
	}
}
