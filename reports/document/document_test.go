package document_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// end is the end of the window of the reports.
var end = time.Date(2026, 11, 30, 2, 17, 0, 0, time.UTC)

func window() document.Window {
	return document.Window{From: end.Add(-24 * time.Hour), To: end, Zone: "UTC"}
}

// stretch is evidence with signatures of the given ids.
func stretch(ids ...string) evidence.Stretch {
	s := evidence.Stretch{Job: "trades", Identity: evidence.RunIdentity{Run: "r1", V2: "v2:4"}, First: end.Add(-24 * time.Hour), Last: end}
	s.Ledger.Compared, s.Require = 10, diff.E3
	for _, id := range ids {
		s.Diff.Signatures = append(s.Diff.Signatures, diff.Signature{ID: id, Class: diff.ValueClass, Topic: "out", Columns: []string{"A"}, Count: 3, Roots: 1})
		s.Diff.Root++
	}
	return s
}

// report is the report on a stretch under a policy that any equal output passes.
func report(t *testing.T, s evidence.Stretch, previous *document.Document, accepted ...gate.Acceptance) *document.Document {
	t.Helper()
	p := gate.DefaultPolicy()
	d, err := document.New(document.Source{Evidence: gate.OfStretch(&s, accepted, end), Policy: p, Window: window(), Made: end, JobFile: "job's.yaml", Previous: previous})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADifferenceIsNewKnownOrGone(t *testing.T) {
	before := report(t, stretch("a", "b"), nil)
	s := stretch("b", "c", "d")
	s.Sightings = []evidence.Sighting{
		{Signature: "b", First: end.Add(-48 * time.Hour), Last: end.Add(-20 * time.Hour)},
		{Signature: "c", First: end.Add(-time.Hour), Last: end},
		{Signature: "d", First: end.Add(-72 * time.Hour), Last: end},
	}
	d := report(t, s, before)
	for i, want := range []document.Difference{
		{Signature: "b", Status: document.StatusKnown, Persists: false},
		{Signature: "c", Status: document.StatusNew, Persists: true},
		{Signature: "d", Status: document.StatusKnown, Persists: true}, // seen before the window
	} {
		if got := d.Differences[i]; got.Signature != want.Signature || got.Status != want.Status || got.Persists != want.Persists {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if c := d.Changes; c.New != 1 || c.Known != 2 || len(c.Gone) != 1 || c.Gone[0].Signature != "a" {
		t.Errorf("%+v", c)
	}
	if want := `parallax explain 'job'\''s.yaml' b`; d.Differences[0].Explain != want {
		t.Errorf("%s, want %s", d.Differences[0].Explain, want)
	}
}

func TestTheChangesAreSaidInSentences(t *testing.T) {
	ratio := func(s evidence.Stretch, r evidence.Figure) evidence.Stretch {
		s.Throughput.Contended.Value = r
		return s
	}
	another := stretch()
	another.Identity = evidence.RunIdentity{Run: "r2", V2: "v2:8"}
	for name, c := range map[string]struct {
		before, now evidence.Stretch
		want        []string
	}{
		"nothing":     {stretch("a"), stretch("a"), nil},
		"a new one":   {stretch(), stretch("a", "b"), []string{"The verdict is fail; it was inconclusive.", "2 differences are new."}},
		"gone":        {stretch("a"), stretch(), []string{"The verdict is inconclusive; it was fail.", "1 difference is gone."}},
		"slower":      {ratio(stretch(), 2), ratio(stretch(), 1.5), []string{"V2 is 1.50 times as fast as V1; it was 2.00."}},
		"about equal": {ratio(stretch(), 2), ratio(stretch(), 1.95), nil},
		"another run": {stretch(), another, []string{"Another run began: V2 is another version."}},
	} {
		d := report(t, c.now, report(t, c.before, nil))
		if !slices.Equal(d.Changes.Sentences, c.want) {
			t.Errorf("%s: %q, want %q", name, d.Changes.Sentences, c.want)
		}
	}
	if d := report(t, stretch(), nil); d.Changes != nil {
		t.Errorf("changes without an earlier report: %+v", d.Changes)
	}
}

func TestWhatExpiresWithinFourteenDaysIsSaid(t *testing.T) {
	s := stretch()
	for _, day := range []string{"2026-12-15", "2026-12-14", "2026-12-01", "2026-11-30", "2026-11-29"} {
		s.Diff.Tolerated = append(s.Diff.Tolerated, diff.Tolerated{Text: "rule", Rule: diff.Rule{Owner: "ana", Expires: diff.Day(day)}})
	}
	var got []string
	for _, e := range report(t, s, nil, gate.Acceptance{Signature: "a", Owner: "bo", Expires: "2026-12-02"}).Expiring {
		got = append(got, e.Kind+" "+e.Text())
	}
	want := []string{"rule expired on 2026-11-29", "rule expires today", "rule expires tomorrow", "acceptance expires in 2 days, on 2026-12-02", "rule expires in 14 days, on 2026-12-14"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	d := report(t, stretch("a"), report(t, stretch("b"), nil))
	var first, second bytes.Buffer
	if err := d.JSON(&first); err != nil {
		t.Fatal(err)
	}
	read, err := document.Read(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.JSON(&second); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("written:\n%s\nread and written again:\n%s", first.String(), second.String())
	}
	if _, err := document.Read(strings.NewReader(`{"v":99}`)); err == nil {
		t.Error("a report of another version was read")
	}
	for _, list := range []string{`"expiring": []`, `"accepted": []`, `"offsets": []`} {
		if !strings.Contains(first.String(), list) {
			t.Errorf("no %s: an empty list is a list", list)
		}
	}
	if !json.Valid(first.Bytes()) {
		t.Error("the report is not JSON")
	}
}

func TestMarkdownHasTheVerdictAndWhatTheReportAdds(t *testing.T) {
	s := stretch("a")
	s.Columns = []evidence.Column{{Topic: "o|ut\n<b>", Name: "A_B", Rows: 10, Differ: 2}, {Topic: "out", Name: "SAME", Rows: 10, Same: 10}}
	var b strings.Builder
	if err := report(t, s, report(t, stretch(), nil)).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## Parallax: fail of job trades\n", "**V2 must not take over: it differs from V1.**", "Since the last report: The verdict is fail; it was inconclusive. 1 difference is new.\n",
		"| `a` | new |  |  | `parallax explain 'job'\\''s.yaml' a` |\n", `| o\|ut &lt;b>.A\_B | 10 | 2 | 0 | 0 |`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "SAME") {
		t.Error("a column that is the same is listed")
	}
}

func TestTheTextEndsWithTheChanges(t *testing.T) {
	var b strings.Builder
	if err := report(t, stretch("a"), report(t, stretch(), nil)).Text(&b, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"FAIL  trades\n", "report        2026-11-29 02:17 to 2026-11-30 02:17 (UTC)\n", "  changes     The verdict is fail; it was inconclusive.\n              1 difference is new.\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestTheNameOfAReportIsTheNameOfAFile(t *testing.T) {
	for job, want := range map[string]string{"trades": "trades-20261130T021700Z", "../a b/ü": "_._a_b___-20261130T021700Z", ".x": "_x-20261130T021700Z"} {
		if got := document.ID(job, end); got != want {
			t.Errorf("%s: %s, want %s", job, got, want)
		}
	}
}
