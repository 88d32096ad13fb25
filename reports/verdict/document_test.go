package verdict_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

var update = flag.Bool("update", false, "write the golden files")

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// stretch is evidence of two outputs that passes the default policy.
func stretch() *evidence.Stretch {
	output := func(topic string) diff.Output {
		return diff.Output{Topic: topic, LevelHeld: diff.E1, Rows: 19_000, Unit: diff.UnitKeyWindow, Units: 5_000, Keys: 1_200, ClosedWindows: 4_000}
	}
	return &evidence.Stretch{
		Job: "trades", To: 20_000, First: at.Add(-9 * time.Hour), Last: at.Add(-time.Hour), Incarnations: 2,
		Identity: evidence.RunIdentity{Run: "0123456789ab", Fingerprint: "f00d", V1: "v1 1.4.0", V2: "v2:4 1.4.0", Rules: "aa"},
		Interruptions: []evidence.Interruption{
			{Kind: "hole", At: at.Add(-9 * time.Hour), To: 0, Reason: "V2 was shed: it was too slow"},
		},
		Report: evidence.Report{
			Run:    evidence.Run{Offsets: []evidence.OffsetRange{{From: 5, To: 20_004}}},
			Ledger: diff.Ledger{Compared: 19_000, Filtered: 900, Undecodable: 100}, Require: diff.E3,
			Diff:      diff.Result{LevelHeld: diff.E1, Outputs: []diff.Output{output("by-minute"), output("by-day")}},
			EventSpan: 600_000, WindowSize: 60_000, WindowGrace: 10_000,
			Candidate: evidence.Candidate{
				Implementation: "V2", Partitions: []evidence.Partition{{Records: 10_000}, {Records: 9_900}},
				Routing: []evidence.Routing{{Records: []int64{10_000, 9_900}}},
			},
			Strata:      map[string]int64{"tombstones": 120, "late": 0},
			Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{{Name: "extra", Class: "extra", Injected: 40, Detected: 40}}},
			States:      evidence.StateComparisons{Equal: 12},
		},
	}
}

// diverging adds divergences to an output; the texts have what XML and Markdown escape.
func diverging(s *evidence.Stretch, id, column string, count, roots int64) {
	d, o := &s.Diff, &s.Diff.Outputs[0]
	d.Root, d.Cascade, d.LevelHeld = d.Root+roots, d.Cascade+count-roots, diff.None
	d.ByClass = map[diff.Class]int64{diff.ValueClass: d.Root + d.Cascade}
	o.Root, o.Cascade, o.LevelHeld = o.Root+roots, o.Cascade+count-roots, diff.None
	d.Signatures = append(d.Signatures, diff.Signature{ID: id, Class: diff.ValueClass, Topic: o.Topic, Columns: []string{column}, Count: count, Roots: roots, HypothesisText: "V2's <sum> is \x00|rounded|"})
}

// documents are verdicts of each state.
func documents(t *testing.T) map[string]verdict.Document {
	t.Helper()
	accepted := []gate.Acceptance{{Signature: "00aa11bb22cc", Owner: "team fees", Reason: "new rounding", Expires: "2026-12-31", MaxCount: 100}}
	list := map[string]verdict.Document{}
	for name, change := range map[string]func(*evidence.Stretch, *gate.Evidence, *gate.Policy){
		"pass": func(*evidence.Stretch, *gate.Evidence, *gate.Policy) {},
		"accepted": func(s *evidence.Stretch, e *gate.Evidence, _ *gate.Policy) {
			diverging(s, "00aa11bb22cc", "FEE", 7, 3)
			e.Accepted = accepted
		},
		"fail": func(s *evidence.Stretch, e *gate.Evidence, _ *gate.Policy) {
			diverging(s, "00aa11bb22cc", "FEE", 7, 3)
			diverging(s, "ffeeddccbbaa", "TOTAL", 2, 1)
			e.Accepted = accepted
		},
		"inconclusive": func(s *evidence.Stretch, _ *gate.Evidence, p *gate.Policy) {
			s.Diff.Outputs[1].Units = 1_588
			s.Retries, p.Strata.Session = 1, 50
		},
		"stale": func(s *evidence.Stretch, _ *gate.Evidence, _ *gate.Policy) { s.Last = at.Add(-25 * time.Hour) },
		"error": func(s *evidence.Stretch, _ *gate.Evidence, _ *gate.Policy) { s.Sensitivity.Mutations[0].Detected = 39 },
		"forced": func(s *evidence.Stretch, _ *gate.Evidence, _ *gate.Policy) {
			canary := stage.Stage{Kind: stage.Canary, Percent: 5}
			s.StageChanges = []stage.Change{
				{To: canary, Step: 1, At: at.Add(-3 * time.Hour), Who: "ana", Why: "we know", IsForced: true, Run: "0123456789ab", Position: 70},
				{From: canary, Step: -1, At: at.Add(-2 * time.Hour), Who: "parallax", Why: "V2 was detached: it hung", Cause: stage.Detached, IsAutomatic: true, Strikes: 3, IsHeld: true, Position: 90},
			}
		},
		"empty": func(s *evidence.Stretch, _ *gate.Evidence, _ *gate.Policy) { *s = evidence.Stretch{} },
	} {
		s, p := stretch(), gate.DefaultPolicy()
		e := gate.Evidence{Stored: s, At: at}
		change(s, &e, &p)
		e.Report = s.Report
		d, err := verdict.Make("trades", p, e)
		if err != nil {
			t.Fatal(err)
		}
		list[name] = d
	}
	return list
}

// TestVerdictsFitTheSchema also refuses a field that the schema does not describe.
func TestVerdictsFitTheSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/verdict.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(tree)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("verdict.schema.json", tree); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("verdict.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	states := map[gate.State]bool{}
	for name, d := range documents(t) {
		states[d.Verdict] = true
		line, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := verdict.Check(line); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := verdict.Check(bytes.Replace(line, []byte(`"verdict":"`), []byte(`"verdict":"x`), 1)); err == nil {
			t.Errorf("%s: a changed document has the id of the document", name)
		}
	}
	if len(states) != 4 {
		t.Errorf("only the states %v were checked", states)
	}
}

// closeObjects refuses properties that an object of a schema does not list.
func closeObjects(tree any) {
	switch x := tree.(type) {
	case map[string]any:
		if _, ok := x["properties"].(map[string]any); ok {
			x["additionalProperties"] = false
		}
		for _, inner := range x {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range x {
			closeObjects(inner)
		}
	}
}

func TestTheIDIsThatOfTheVerdictNotOfTheMoment(t *testing.T) {
	make := func(change func(*evidence.Stretch, *gate.Policy, *gate.Evidence)) verdict.Document {
		s, p := stretch(), gate.DefaultPolicy()
		e := gate.Evidence{Stored: s, At: at}
		change(s, &p, &e)
		e.Report = s.Report
		d, err := verdict.Make("trades", p, e)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := make(func(*evidence.Stretch, *gate.Policy, *gate.Evidence) {})
	later := make(func(_ *evidence.Stretch, _ *gate.Policy, e *gate.Evidence) { e.At = at.Add(time.Minute) })
	if first.ID != later.ID || len(first.ID) != 12 || first.MadeAt.Equal(later.MadeAt) {
		t.Errorf("%s at %v and %s at %v", first.ID, first.MadeAt, later.ID, later.MadeAt)
	}
	for name, change := range map[string]func(*evidence.Stretch, *gate.Policy, *gate.Evidence){
		"more evidence":   func(s *evidence.Stretch, _ *gate.Policy, _ *gate.Evidence) { s.To++ },
		"another policy":  func(_ *evidence.Stretch, p *gate.Policy, _ *gate.Evidence) { p.MinKeys-- },
		"another version": func(s *evidence.Stretch, _ *gate.Policy, _ *gate.Evidence) { s.Identity.V2 = "v2:4 1.5.0" },
		"an acceptance": func(_ *evidence.Stretch, _ *gate.Policy, e *gate.Evidence) {
			e.Accepted = []gate.Acceptance{{Signature: "00aa11bb22cc", Expires: "2030-12-31"}}
		},
	} {
		if d := make(change); d.ID == first.ID {
			t.Errorf("%s: the id is the same", name)
		}
	}
}

func TestAVerdictExpiresADayAfterItsLastEvidence(t *testing.T) {
	d := documents(t)["pass"]
	if d.Expires == nil || !d.Expires.Equal(at.Add(23*time.Hour)) {
		t.Errorf("expires %v", d.Expires)
	}
	if empty := documents(t)["empty"]; empty.Expires != nil || empty.Verdict != gate.Inconclusive {
		t.Errorf("empty: %s, expires %v", empty.Verdict, empty.Expires)
	}
}

// TestForms compares the forms for people and CI servers with golden files.
func TestForms(t *testing.T) {
	for name, d := range documents(t) {
		d.ID = "0123456789ab" // the id changes with every field that is added
		for ext, write := range map[string]func(*bytes.Buffer) error{
			"txt": func(b *bytes.Buffer) error { return d.Text(b) },
			"xml": func(b *bytes.Buffer) error { return d.JUnit(b) },
			"md":  func(b *bytes.Buffer) error { return d.Markdown(b) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			path := "testdata/" + name + "." + ext
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("%s:\n%s\nwant\n%s", path, b.String(), want)
			}
		}
	}
}

// TestJUnitCountsWhatIsNotAPass reads the XML as a CI server does.
func TestJUnitCountsWhatIsNotAPass(t *testing.T) {
	for name, want := range map[string]struct{ failures, errors int }{
		"pass": {0, 0}, "accepted": {0, 0}, "fail": {4, 0}, "error": {0, 1}, "inconclusive": {0, 3}, "stale": {0, 1},
	} {
		d := documents(t)[name]
		var b bytes.Buffer
		if err := d.JUnit(&b); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Suites   []struct {
				Cases []struct {
					Name    string    `xml:"name,attr"`
					Failure *struct{} `xml:"failure"`
					Error   *struct{} `xml:"error"`
					Skipped *struct{} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		failures, errs, tests := 0, 0, 0
		for _, s := range got.Suites {
			for _, c := range s.Cases {
				tests++
				if c.Failure != nil {
					failures++
				}
				if c.Error != nil {
					errs++
				}
				if c.Skipped != nil {
					t.Errorf("%s: %s is skipped", name, c.Name)
				}
			}
		}
		if failures != want.failures || errs != want.errors || got.Failures != failures || got.Errors != errs || got.Tests != tests {
			t.Errorf("%s: %d failures, %d errors, %d tests (%+v); want %+v", name, failures, errs, tests, got, want)
		}
		if want := len(d.Rules) + len(d.Signatures) + len(d.Outputs); tests != want {
			t.Errorf("%s: %d cases for %d rules, signatures and outputs", name, tests, want)
		}
	}
}

func TestMarkdownKeepsItsTables(t *testing.T) {
	var b bytes.Buffer
	if err := documents(t)["fail"].Markdown(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "| `") {
			if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); cells != 4 {
				t.Errorf("%d bars in %s", cells, line)
			}
		}
	}
	var all map[string]any
	line, err := documents(t)["fail"].JSON()
	if err != nil || json.Unmarshal(line, &all) != nil || bytes.ContainsRune(line, '\n') {
		t.Errorf("%v: %s", err, line)
	}
}
