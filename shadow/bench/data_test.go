package bench

import (
	"strings"
	"testing"
)

const clicks = "CREATE STREAM clicks (page STRING, ms INT) WITH (kafka_topic='clicks', value_format='JSON');\n"

func values(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`{"page":"` + string(rune('a'+i%7)) + `","ms":12}` + "\n")
	}
	return b.String()
}

func runData(t *testing.T, sql, lines string) *Document {
	t.Helper()
	doc := &Document{}
	opt := Options{Batches: []int{100}, Rounds: 1}
	if err := RunData(t.Context(), clicks+sql, strings.NewReader(lines), opt, doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOwnDataIsMeasuredOnAllPathsButTheFloor(t *testing.T) {
	doc := runData(t, "SELECT page, COUNT(*) AS n FROM clicks GROUP BY page EMIT CHANGES;", values(700))
	for _, path := range []string{"direct", "v1", "v2:1", "v2:2", "v2:4", "v2:8"} {
		r := doc.Find(DataScenario, path, 0, 0)
		if r == nil || r.Rows != 700 {
			t.Errorf("%s: %+v", path, r)
		}
	}
	if r := doc.Find(DataScenario, "v2:4", 0, 0); r.Strategy != "always_hash" || r.Skew < 1 {
		t.Errorf("v2:4 has strategy %q and skew %v", r.Strategy, r.Skew)
	}
	if doc.Find(DataScenario, "floor", 0, 0) != nil {
		t.Error("there is a floor")
	}
}

func TestStateThatCannotBeSplitIsSaidSo(t *testing.T) {
	doc := runData(t, "SELECT COUNT(*) AS n FROM clicks EMIT CHANGES;", values(100))
	if doc.Find(DataScenario, "v2:1", 0, 0) == nil || doc.Find(DataScenario, "v2:2", 0, 0) != nil {
		t.Errorf("got %+v", doc.Results)
	}
	if notes := strings.Join(doc.Notes, "\n"); !strings.Contains(notes, "cannot be split over V2's partitions") {
		t.Errorf("the notes are %q", notes)
	}
}

func TestValuesThatDoNotDecodeAreCounted(t *testing.T) {
	doc := runData(t, "SELECT page FROM clicks;", values(10)+"{oops\n"+values(5))
	if notes := strings.Join(doc.Notes, "\n"); !strings.Contains(notes, "1 of 16 values cannot be decoded") || !strings.Contains(notes, "value 11") {
		t.Errorf("the notes are %q", notes)
	}
	if r := doc.Find(DataScenario, "v1", 0, 0); r.Rows != 15 {
		t.Errorf("V1 makes %d rows", r.Rows)
	}
	err := RunData(t.Context(), clicks+"SELECT page FROM clicks;", strings.NewReader("{\n"), Options{}, &Document{})
	if err == nil || !strings.Contains(err.Error(), "none of the values can be decoded") {
		t.Errorf("got %v", err)
	}
}
