package main

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"parallax/processors/faults"
	"parallax/processors/pipeline"
	"parallax/processors/row"
	"parallax/shadow/demo"
	"parallax/shadow/kafka"
	"parallax/shadow/workload"
)

// The demo's default scenario has what makes comparing hard, so that the demo shows what
// a V2 gets wrong about it, and enough of each output for its policy.
func TestTheDefaultDemoHasWhatMakesComparingHard(t *testing.T) {
	r := newReproduction(t, faults.Kind{})
	if last := r.scenario.Records % kafka.DefaultConfig().Batch; last == 0 {
		t.Error("the last batch is a whole one")
	}
	var records []row.Record
	g := r.scenario.Generate(workload.Options{Records: r.scenario.Records, Seed: 1, Partitions: demo.SourcePartitions})
	for rec, ok := g.Next(); ok; rec, ok = g.Next() {
		records = append(records, rec)
	}
	v1, err := pipeline.New(r.plan, deadLetterOptions(r.scenario))
	if err != nil {
		t.Fatal(err)
	}
	defer v1.Close()
	found := map[string]int{}
	keys, units := make([]map[string]bool, len(r.plan.Queries)), make([]map[string]bool, len(r.plan.Queries))
	for q := range keys {
		keys[q], units[q] = map[string]bool{}, map[string]bool{}
	}
	for _, b := range r.batches(t, records, kafka.DefaultConfig().Batch) {
		for i := range b.Len() {
			if b.Record(i).State == row.Undecodable {
				found["undecodable records"]++
			}
		}
		o, err := v1.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for _, dead := range o.DeadLetters {
			if strings.Contains(dead.Reason, "late") {
				found["late dead letters"]++
			} else {
				found["dead letters of expressions"]++
			}
		}
		for i := range o.Changes {
			c := &o.Changes[i]
			if b.Flush() {
				found["rows of the flush"]++
			}
			for _, v := range c.Key {
				if v.IsNull() {
					found["NULL in keys"]++
				}
				if v.Kind() == row.String && !isASCII(v.Str()) {
					found["keys that are not ASCII"]++
				}
				if v.Kind() == row.Bigint && v.Int64() > 1<<53 {
					found["keys above 2^53"]++
				}
			}
			for _, v := range c.Values {
				switch {
				case v.IsNull():
					found["NULL in values"]++
				case v.Kind() == row.String && !isASCII(v.Str()):
					found["values that are not ASCII"]++
				case v.Kind() == row.Bigint && v.Int64() > 1<<53:
					found["values above 2^53"]++
				case v.Kind() == row.Bigint && v.Int64() > math.MaxInt32:
					found["values above 2^31"]++
				}
			}
			key := row.AppendKey(nil, c.Key...)
			keys[c.Query][string(key)] = true
			units[c.Query][string(row.AppendKey(key, row.NewBigint(c.WindowStart)))] = true
		}
	}
	for _, what := range []string{
		"undecodable records", "late dead letters", "dead letters of expressions", "rows of the flush", "NULL in keys", "NULL in values",
		"keys that are not ASCII", "values that are not ASCII", "keys above 2^53", "values above 2^53", "values above 2^31",
	} {
		if found[what] == 0 {
			t.Errorf("it has no %s", what)
		}
	}
	chained := false
	for q, query := range r.plan.Queries {
		chained = chained || len(query.Inputs) > 0
		if n := int64(len(keys[q])); n < r.scenario.MinKeys {
			t.Errorf("%s has %d keys, and the policy wants %d", query.Sink.Topic, n, r.scenario.MinKeys)
		}
		if n := int64(len(units[q])); n < r.scenario.MinUnits {
			t.Errorf("%s has %d keys and windows, and the policy wants %d", query.Sink.Topic, n, r.scenario.MinUnits)
		}
		if bound := 1 - math.Pow(0.05, 1/float64(len(units[q]))); bound > r.scenario.MaxProbability {
			t.Errorf("%s has %d keys and windows, which show %.4f, and the policy wants %v", query.Sink.Topic, len(units[q]), bound, r.scenario.MaxProbability)
		}
	}
	if len(r.plan.Queries) < 2 || !chained {
		t.Errorf("it has %d outputs, of which one reads another: %v", len(r.plan.Queries), chained)
	}
}

func isASCII(s string) bool { return utf8.RuneCountInString(s) == len(s) }
