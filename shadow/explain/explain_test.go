package explain

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/faults"
	"parallax/processors/row"
)

// kindOf is a fault of the catalogue.
func kindOf(t *testing.T, name string) faults.Kind {
	t.Helper()
	f, err := faults.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return f.Kind
}

// TestACorrectV2ShowsNothing: what a replay does not show is said to be so, with what may
// differ.
func TestACorrectV2ShowsNothing(t *testing.T) {
	s, records := faulty(t, kindOf(t, "echo"), 500)
	x, err := Explain(t.Context(), s, records, Options{Target: Target{ID: "4383b341414e"}})
	if err != nil {
		t.Fatal(err)
	}
	if x.Shown || x.Records != 0 || len(x.Others) != 0 {
		t.Errorf("shown %v with %d records, others %v", x.Shown, x.Records, x.Others)
	}
	if text := strings.Join(x.Why, "\n"); !strings.Contains(text, "state from before") || !strings.Contains(text, "timing") {
		t.Errorf("why: %s", text)
	}
}

// TestAnotherDivergenceIsNotTheOneThatWasAskedFor: it is listed, and not explained.
func TestAnotherDivergenceIsNotTheOneThatWasAskedFor(t *testing.T) {
	s, records := faulty(t, kindOf(t, "scale"), 300)
	x, err := Explain(t.Context(), s, records, Options{Target: Target{ID: "000000000000"}})
	if err != nil {
		t.Fatal(err)
	}
	if x.Shown || len(x.Others) == 0 || x.Others[0].Class != diff.TypeClass {
		t.Errorf("shown %v, others %v", x.Shown, x.Others)
	}
}

// TestASignatureIsFoundByItsID, and its columns stay the same while the input is reduced.
func TestASignatureIsFoundByItsID(t *testing.T) {
	s, records := faulty(t, kindOf(t, "scale"), 300)
	way := Way{V2: s.V2}
	all, err := s.replay(t.Context(), records, way)
	if err != nil || len(all.Signatures) < 2 {
		t.Fatalf("%d signatures, %v", len(all.Signatures), err)
	}
	for _, want := range all.Signatures {
		x, err := Explain(t.Context(), s, records, Options{Target: Target{ID: want.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if !x.Shown || x.Signature.ID != want.ID || !slices.Equal(x.Signature.Columns, want.Columns) || x.Records != 1 {
			t.Errorf("%s in %s: found %v %s in %s with %d records", want.ID, want.Topic, x.Shown, x.Signature.ID, x.Signature.Topic, x.Records)
		}
	}
}

// TestTheFirstStageThatDiffersIsNamed: of a join's stages the one that loses its rows.
func TestTheFirstStageThatDiffersIsNamed(t *testing.T) {
	s, records := faulty(t, kindOf(t, "join-forgets"), 2_000)
	x, err := Explain(t.Context(), s, records, Options{Target: Target{Class: diff.Missing}})
	if err != nil {
		t.Fatal(err)
	}
	if !x.Shown || x.Stage == nil || !strings.Contains(x.Stage.Text(), "join") {
		t.Errorf("shown %v, stage %v", x.Shown, x.Stage)
	}
}

// TestAV2ThatHangsIsNotReduced: one replay shows it, after V2's deadline.
func TestAV2ThatHangsIsNotReduced(t *testing.T) {
	s, records := faulty(t, kindOf(t, "hang"), 20)
	s.Deadline = time.Millisecond
	x, err := Explain(t.Context(), s, records, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !x.Shown || x.Signature.Class != diff.ArmError || x.Records != 1 || x.Tries != 0 || len(x.Matrix) != 0 || x.Wrong != "v2" {
		t.Errorf("shown %v as %s, %d records after %d tries, %d cells, wrong: %s", x.Shown, x.Signature.Class, x.Records, x.Tries, len(x.Matrix), x.Wrong)
	}
}

// TestATryIsWhatTheLimitCounts: a reduction that has no tries left keeps what it has.
func TestATryIsWhatTheLimitCounts(t *testing.T) {
	s, records := faulty(t, kindOf(t, "interleave"), 1_000)
	x, err := Explain(t.Context(), s, records, Options{Target: Target{Class: diff.Reorder, Topic: "fills"}, limits: limits{tries: 5, records: 1 << 30}})
	if err != nil {
		t.Fatal(err)
	}
	if !x.Shown || !x.Exhausted || x.Tries != 5 || x.Records < 65 {
		t.Errorf("shown %v, exhausted %v after %d tries, %d records", x.Shown, x.Exhausted, x.Tries, x.Records)
	}
}

// TestAJSONValueKeepsItsText: only what is replaced changes.
func TestAJSONValueKeepsItsText(t *testing.T) {
	const text = `{"b":1.10,"a":[1,{"x":"é\n"},null],"c":{"d":true,"b":1e400},"b":2}`
	rec := row.Record{Value: []byte(text)}
	rewrite(&rec, func(_ string, n *node) *node { return n })
	if string(rec.Value) != text {
		t.Errorf("got %s", rec.Value)
	}
	rewrite(&rec, func(path string, n *node) *node {
		if path == "a[].x" || path == "c.b" {
			return nil
		}
		return n
	})
	if want := `{"b":1.10,"a":[1,{},null],"c":{"d":true},"b":2}`; string(rec.Value) != want {
		t.Errorf("got %s, want %s", rec.Value, want)
	}
	for _, bad := range []string{`{"a":1`, `{} {}`, ``, `{"a":1}x`} {
		if _, ok := parseNode([]byte(bad)); ok {
			t.Errorf("%q is JSON", bad)
		}
	}
}

// TestSimplerValuesAreShorter: otherwise a reduction might not end.
func TestSimplerValuesAreShorter(t *testing.T) {
	for _, text := range []string{`"ACME"`, `"é"`, `""`, `"a"`, "0", "1", "12", "-5", "-50", "-1.5", "1.5", "100000", "1e9", "true", "null"} {
		for _, s := range simpler(text) {
			if len(s) >= len(text) {
				t.Errorf("%s is not shorter than %s", s, text)
			}
			if _, ok := parseNode([]byte(s)); !ok {
				t.Errorf("%s, from %s, is not JSON", s, text)
			}
		}
	}
}
