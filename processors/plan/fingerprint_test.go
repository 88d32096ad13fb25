package plan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parallax/processors/row"
)

const fingerprinted = `CREATE STREAM trades (symbol STRING, price DOUBLE, quantity INT, at STRING) WITH (kafka_topic='trades', value_format='JSON', timestamp='at', timestamp_format='yyyy-MM-dd');
CREATE TABLE names (id STRING PRIMARY KEY, name STRING) WITH (kafka_topic='names', value_format='JSON');
CREATE TABLE totals AS SELECT symbol, COUNT(*) AS n, SUM(price) AS total FROM trades WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS) WHERE quantity > 1 GROUP BY symbol HAVING COUNT(*) > 2 EMIT CHANGES;
CREATE STREAM named WITH (kafka_topic='named') AS SELECT t.symbol AS symbol, t.price * 2 AS price, n.name AS name FROM trades t JOIN names n ON t.symbol = n.id;
CREATE STREAM recent WITH (kafka_topic='recent', partitions=2) AS SELECT symbol, SUM(quantity) OVER (PARTITION BY symbol ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s FROM trades;
CREATE TABLE counts AS SELECT name, COUNT(*) AS n FROM names GROUP BY name;
CREATE STREAM few AS SELECT symbol, price FROM trades LIMIT 5;
`

func partsOf(t *testing.T, script string) []Part {
	t.Helper()
	p, err := Compile(script, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Parts()
}

func fingerprintOf(t *testing.T, script string) string {
	t.Helper()
	p, err := Compile(script, BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Fingerprint()
}

func TestWhatAPlanDoesChangesItsFingerprint(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"price DOUBLE", "price DECIMAL(10, 2)", "source TRADES: the list of columns differs"},
		{"at STRING", "at STRING, more INT", "source TRADES: the list of columns differs"},
		{"kafka_topic='trades'", "kafka_topic='orders'", "source TRADES: the topic differs"},
		{"yyyy-MM-dd", "dd-MM-yyyy", "source TRADES: the event time differs"},
		{"kafka_topic='names', value_format='JSON'", "kafka_topic='names', value_format='DELIMITED'", "table NAMES: the format differs"},
		{"SIZE 1 MINUTE", "SIZE 2 MINUTES", "query TOTALS: the window differs"},
		{"PERIOD 5", "PERIOD 6", "query TOTALS: the window differs"},
		{"TUMBLING (SIZE 1 MINUTE", "HOPPING (SIZE 1 MINUTE, ADVANCE BY 30 SECONDS", "query TOTALS: the window differs"},
		{"SUM(price) AS total", "MAX(price) AS total", "query TOTALS: the list of aggregates differs"},
		{"SUM(price) AS total", "SUM(price) AS sum", "query TOTALS: the list of columns differs"},
		{"quantity > 1", "quantity > 2", "query TOTALS: the WHERE differs"},
		{"quantity > 1", "quantity >= 1", "query TOTALS: the WHERE differs"},
		{"COUNT(*) > 2", "COUNT(*) > 3", "query TOTALS: the HAVING differs"},
		{"EMIT CHANGES", "EMIT FINAL", "query TOTALS: the EMIT clause differs"},
		{"t.price * 2", "t.price * 3", "query NAMED: the list of columns differs"},
		{"JOIN names", "LEFT JOIN names", "query NAMED: the join differs"},
		{"kafka_topic='named'", "kafka_topic='renamed'", "query NAMED: the sink differs"},
		{"kafka_topic='named'", "kafka_topic='named', value_format='DELIMITED'", "query NAMED: the format differs"},
		{"2 PRECEDING", "3 PRECEDING", "query RECENT: the list of OVER calls differs"},
		{"SELECT name, COUNT(*) AS n FROM names GROUP BY name", "SELECT UCASE(name) AS name, COUNT(*) AS n FROM names GROUP BY UCASE(name)", "query COUNTS: the list of columns differs"},
		{"LIMIT 5", "LIMIT 6", "query FEW: the LIMIT differs"},
		{"LIMIT 5", "", "query FEW: the LIMIT differs"},
		{"CREATE STREAM few AS SELECT symbol, price FROM trades LIMIT 5;", "", "query FEW is missing"},
		{"CREATE STREAM few", "CREATE STREAM more AS SELECT symbol FROM trades; CREATE STREAM few", "query MORE is new"},
		{"CREATE STREAM few", "CREATE STREAM some", "query FEW is missing"},
	} {
		changed := strings.ReplaceAll(fingerprinted, c.old, c.new)
		if changed == fingerprinted {
			t.Errorf("%q is not in the script", c.old)
			continue
		}
		if got := Difference(partsOf(t, fingerprinted), partsOf(t, changed)); got != c.want {
			t.Errorf("%s instead of %s: %q, want %q", c.new, c.old, got, c.want)
		}
		if fingerprintOf(t, fingerprinted) == fingerprintOf(t, changed) {
			t.Errorf("%s instead of %s has the same fingerprint", c.new, c.old)
		}
	}
}

func TestHowAScriptIsWrittenDoesNotChangeItsFingerprint(t *testing.T) {
	for _, c := range []struct{ old, new string }{
		{"\n", "\n\n-- a comment\n"},
		{" AS SELECT", "\n\t AS /* another one */ select"},
		{"trades t JOIN", "trades x JOIN"},
		{"partitions=2", "partitions=3"},
		{"symbol", "SYMBOL"},
		{"1 MINUTE", "60 SECONDS"},
	} {
		changed := strings.ReplaceAll(fingerprinted, c.old, c.new)
		if c.new == "trades x JOIN" {
			changed = strings.NewReplacer("t.symbol", "x.symbol", "t.price", "x.price").Replace(changed)
		}
		if d := Difference(partsOf(t, fingerprinted), partsOf(t, changed)); d != "" || changed == fingerprinted {
			t.Errorf("%q instead of %q: %s", c.new, c.old, d)
		}
		if fingerprintOf(t, fingerprinted) != fingerprintOf(t, changed) {
			t.Errorf("%q instead of %q has another fingerprint", c.new, c.old)
		}
	}
}

func TestPartsAreTheSameAfterJSON(t *testing.T) {
	parts := partsOf(t, fingerprinted)
	text, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	var back []Part
	if err := json.Unmarshal(text, &back); err != nil || Difference(parts, back) != "" {
		t.Errorf("%v: %s", err, Difference(parts, back))
	}
}

// TestEveryFieldIsPartOfTheFingerprint: a new field must be assigned to an aspect or left
// out.
func TestEveryFieldIsPartOfTheFingerprint(t *testing.T) {
	fields := func(list []aspect, prefix string) (names []string) {
		for _, a := range list {
			for _, f := range a.fields {
				if name, ok := strings.CutPrefix(f, prefix); ok && !strings.Contains(name, ".") {
					names = append(names, name)
				}
			}
		}
		return names
	}
	for _, c := range []struct {
		of     reflect.Type
		placed []string
	}{
		{reflect.TypeFor[row.Source](), fields(sourceAspects, "")},
		{reflect.TypeFor[Query](), fields(queryAspects, "")},
		{reflect.TypeFor[Aggregation](), fields(queryAspects, "Aggregation.")},
		{reflect.TypeFor[row.Sink](), fields(queryAspects, "Sink.")},
	} {
		for i := range c.of.NumField() {
			f := c.of.Field(i)
			if f.IsExported() && slices.Contains(c.placed, f.Name) == slices.Contains(leftOut[c.of], f.Name) {
				t.Errorf("%s.%s must be in one of the aspects or in leftOut", c.of, f.Name)
			}
		}
	}
}
