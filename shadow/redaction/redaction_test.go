package redaction

import (
	"slices"
	"strings"
	"testing"

	"parallax/processors/plan"
)

const accounts = `CREATE STREAM trades (id STRING KEY, acct STRING, price DECIMAL(10,2), info STRUCT<owner STRING>, at TIMESTAMP, born TIMESTAMP)
  WITH (kafka_topic='trades', value_format='JSON', timestamp='at');
CREATE STREAM clean WITH (kafka_topic='clean') AS SELECT UCASE(acct) AS account, price, info, at, born, 1 AS one, _KEY AS raw FROM trades;
CREATE TABLE totals WITH (kafka_topic='totals') AS SELECT account, SUM(price) AS total, MAX(info->owner) AS who, COUNT(*) AS n FROM clean GROUP BY account;
CREATE STREAM copies WITH (kafka_topic='copies') AS SELECT acct, CASE WHEN price > 1 THEN 'much' ELSE 'little' END AS size FROM trades WHERE price > 0;`

func planOf(t *testing.T, script string) *plan.Plan {
	t.Helper()
	p, err := plan.Compile(script, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRedactionFollowsValues: a redacted column is redacted where it comes from, through
// expressions, other queries, groups and aggregates, and so is every other column that is made
// of the same fields.
func TestRedactionFollowsValues(t *testing.T) {
	p := planOf(t, accounts)
	for column, want := range map[string]struct{ sources, outputs []string }{
		"totals.ACCOUNT": {[]string{"acct"}, []string{"clean.account", "copies.acct", "totals.account"}},
		"totals.total":   {[]string{"price"}, []string{"clean.price", "copies.size", "totals.total"}},
		"totals.who":     {[]string{"info"}, []string{"clean.info", "totals.who"}},
		"clean.price":    {[]string{"price"}, []string{"clean.price", "copies.size", "totals.total"}},
		"trades.acct":    {[]string{"acct"}, []string{"clean.account", "copies.acct", "totals.account"}},
		"totals.n":       {nil, []string{"totals.n"}},
		"clean.one":      {nil, []string{"clean.one"}},
		"clean.raw":      {[]string{"id", "whole key"}, []string{"clean.id", "clean.raw", "copies.id"}},
		"trades.id":      {[]string{"id"}, []string{"clean.id", "clean.raw", "copies.id"}},
	} {
		r, err := New(p, []string{column}, []byte("key"))
		if err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		var sources, outputs []string
		for c, of := range p.Sources[0].Columns {
			if r.HasSource(0, c) {
				sources = append(sources, strings.ToLower(of.Name))
			}
		}
		slices.Sort(sources)
		if r.HasKey(0) {
			sources = append(sources, "whole key")
		}
		for _, s := range p.Sinks() {
			for _, c := range slices.Concat(s.Key, s.Values) {
				if name := nameOf(s.Topic, c.Name); r.IsRedacted(s.Topic, c.Name) && !slices.Contains(outputs, name) {
					outputs = append(outputs, name)
				}
			}
		}
		slices.Sort(outputs)
		if !slices.Equal(sources, want.sources) || !slices.Equal(outputs, want.outputs) {
			t.Errorf("%s: redacted are the fields %v and the columns %v, want %v and %v", column, sources, outputs, want.sources, want.outputs)
		}
	}
}

// TestColumnsThatCannotBeRedacted: one that does not exist would not be redacted, and times are
// shown.
func TestColumnsThatCannotBeRedacted(t *testing.T) {
	p := planOf(t, accounts+`
CREATE STREAM dated WITH (kafka_topic='dated', timestamp='born') AS SELECT acct, born FROM trades;`)
	for column, why := range map[string]string{
		"clean.nothing": "is not a column", "acct": "is not a column", "trades.at": "it gives the time", "dated.born": "it gives the time", "trades.born": "it gives the time",
	} {
		if err := Check(p, []string{column}); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: got %v, want %q", column, err, why)
		}
	}
	r, err := New(p, []string{"clean.at"}, nil) // a copy of the time can be
	if err != nil || !r.IsRedacted("clean", "AT") || r.HasSource(0, p.Sources[0].Timestamp) {
		t.Errorf("a copy of the time: %v", err)
	}
}

// TestStatesOfRedactedColumns: what a stage keeps contains more than its query's output shows.
func TestStatesOfRedactedColumns(t *testing.T) {
	p := planOf(t, accounts+`
CREATE STREAM fills (acct STRING KEY, fee BIGINT) WITH (kafka_topic='fills', value_format='JSON');
CREATE STREAM joined WITH (kafka_topic='joined') AS SELECT t.acct, f.fee FROM trades t JOIN fills f WITHIN 1 MINUTE ON t.acct = f.acct;`)
	for column, want := range map[string]map[string]Stage{
		"totals.total": {"TOTALS": {Contents: true}, "JOINED": {Key: true, Contents: true}},
		"trades.acct":  {"TOTALS": {Key: true, Contents: true}, "JOINED": {Key: true, Contents: true}},
		"fills.fee":    {"TOTALS": {}, "JOINED": {Key: true, Contents: true}},
		"totals.n":     {"TOTALS": {Contents: true}, "JOINED": {}},
	} {
		r, err := New(p, []string{column}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range p.Stages {
			if name := p.Queries[q.Index].Sink.Name; want[name] != r.OfStage(i) && (name == "TOTALS" || name == "JOINED") {
				t.Errorf("%s: stage %d, %s: got %+v, want %+v", column, i, name, r.OfStage(i), want[name])
			}
		}
	}
}

// TestStagesBeforeTheLast: queries that have several stages, such as those over tables, joins of
// three and those with LIMIT.
func TestStagesBeforeTheLast(t *testing.T) {
	p := planOf(t, accounts+`
CREATE TABLE regrouped WITH (kafka_topic='regrouped') AS SELECT total, COUNT(*) AS n FROM totals GROUP BY total;
CREATE STREAM first WITH (kafka_topic='first') AS SELECT acct FROM trades LIMIT 5;
CREATE STREAM three WITH (kafka_topic='three') AS SELECT a.acct FROM trades a JOIN clean b WITHIN 1 MINUTE ON a.acct = b.account JOIN copies c WITHIN 1 MINUTE ON a.acct = c.acct;`)
	r, err := New(p, []string{"trades.acct"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for i, q := range p.Stages {
		if q.Hidden {
			hidden++
		}
		if name := p.Queries[q.Index].Sink.Name; (name == "THREE" || name == "FIRST") && !r.OfStage(i).Contents {
			t.Errorf("stage %d of %s is shown", i, name)
		}
	}
	if hidden < 3 {
		t.Errorf("%d stages are before the last one of their query", hidden)
	}
}

// TestHashesDependOnTheKey: those of texts, of errors and of hashes of keys.
func TestHashesDependOnTheKey(t *testing.T) {
	p := planOf(t, accounts)
	one, err := New(p, nil, NewKey())
	if err != nil {
		t.Fatal(err)
	}
	two, err := New(p, nil, NewKey())
	if err != nil {
		t.Fatal(err)
	}
	text, again := one.Replace("DE123"), one.Replace("DE123")
	if text != again || one.Replace("DE123") == two.Replace("DE123") || one.Replace("DE123") == one.Replace("DE124") {
		t.Error("texts")
	}
	hash, twice := one.Salted(7), one.Salted(7)
	if hash != twice || one.Salted(7) == two.Salted(7) || one.Salted(7) == one.Salted(8) || one.Salted(7) == 7 {
		t.Error("hashes of keys")
	}
	if text := one.ReplaceError("panic: DE123"); strings.Contains(text, "DE123") || text == two.ReplaceError("panic: DE123") {
		t.Error("errors: " + text)
	}
	if text := one.ReplaceError("division by zero"); text != "division by zero" {
		t.Error("reasons of Parallax: " + text)
	}
}
