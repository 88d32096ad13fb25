package processortest

import (
	"context"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/processortest/generate"
	"parallax/processors/row"
	"parallax/processors/sql"
)

// broken is a processor whose outcomes are modified by a spoiler.
type broken struct {
	processors.Processor
	spoil func(*row.Outcome)
}

func (b broken) Process(ctx context.Context, batch *row.Batch) (*row.Outcome, error) {
	o, err := b.Processor.Process(ctx, batch)
	if err == nil {
		b.spoil(o)
	}
	return o, err
}

// spoilers are faults of a processor. The suite must detect each one on an input that
// triggers it.
var spoilers = map[string]func(*row.Outcome){
	"a row is missing": func(o *row.Outcome) {
		if n := len(o.Changes); n > 0 {
			o.Changes = o.Changes[:n-1]
		}
	},
	"a row comes twice": func(o *row.Outcome) {
		if n := len(o.Changes); n > 0 {
			o.Changes = append(o.Changes, o.Changes[n-1])
		}
	},
	"two rows change places": func(o *row.Outcome) {
		if n := len(o.Changes); n > 1 {
			o.Changes[0], o.Changes[n-1] = o.Changes[n-1], o.Changes[0]
		}
	},
	"a row is deleted instead": func(o *row.Outcome) {
		for i := range o.Changes {
			o.Changes[i].Values = nil
		}
	},
	"a timestamp is off": func(o *row.Outcome) {
		for i := range o.Changes {
			o.Changes[i].Timestamp++
		}
	},
	"a cause is off": func(o *row.Outcome) {
		for i := range o.Changes {
			o.Changes[i].Cause = 0
		}
	},
	"a disposition is off": func(o *row.Outcome) {
		for i, d := range o.Dispositions {
			if d == row.StateOnly {
				o.Dispositions[i] = row.Output
			}
		}
	},
	"an undecodable record has a disposition": func(o *row.Outcome) {
		for i, d := range o.Dispositions {
			if d == row.DispositionNone {
				o.Dispositions[i] = row.Filtered
			}
		}
	},
	"a disposition is missing": func(o *row.Outcome) {
		if n := len(o.Dispositions); n > 0 {
			o.Dispositions = o.Dispositions[:n-1]
		}
	},
	"errors are not counted":  func(o *row.Outcome) { o.ExpressionErrors = 0 },
	"windows are not counted": func(o *row.Outcome) { o.ClosedWindows = 0 },
	"merge dropped something": func(o *row.Outcome) { o.Deduplicated = 1 },
}

// spoilt returns a case that triggers each spoiler.
func spoilt(t *testing.T) *generate.Case {
	script, err := sql.Parse(`CREATE STREAM s (trader STRING, n INT, quantity BIGINT) WITH (kafka_topic='s', value_format='JSON');
CREATE TABLE totals AS SELECT trader, COUNT(*) AS records, SUM(quantity / n) AS q FROM s WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 3 SECONDS) GROUP BY trader EMIT FINAL;`)
	if err != nil {
		t.Fatal(err)
	}
	record := func(at int64, raw string) generate.Record { return generate.Record{Topic: "s", Time: at, Raw: raw} }
	return &generate.Case{Script: script, Records: []generate.Record{
		record(1000, `{"trader":"t1","n":0,"quantity":3}`),
		record(2000, `{"trader":"t2","n":1,"quantity":3}`),
		record(3000, `{"trader"`),
		record(40_000, `{"trader":"t1","n":1}`),
	}}
}

func TestTheSuiteNoticesAProcessorThatIsWrong(t *testing.T) {
	try := func(v Variant) string {
		tr := trial{variants: []Variant{v}, sizes: []int{3, 1}, from: Named("v1"), to: Named("v1")}
		return tr.differences(spoilt(t))
	}
	if d := try(Oracle); d != "" {
		t.Fatalf("the oracle differs from itself: %s", d)
	}
	for name, spoil := range spoilers {
		t.Run(name, func(t *testing.T) {
			d := try(Variant{Name: name, New: func(p *plan.Plan, opt processors.Options) (processors.Processor, error) {
				inner, err := Oracle.New(p, opt)
				return broken{inner, spoil}, err
			}})
			if d == "" {
				t.Error("nothing was noticed")
			}
		})
	}
}

func TestRandomInputsHaveEverythingThatCanGoWrong(t *testing.T) {
	var total Total
	var undecodable, nulls, tombstones, perRecord int
	for seed := range uint64(300) {
		c, err := newCase(golden(generate.New(seed)))
		if err != nil {
			continue // it is refused, which another test counts
		}
		r, err := c.run(Oracle, Oracle, all, -1)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range c.cut[all] {
			for i := range b.Len() {
				perRecord++
				switch b.Record(i).State {
				case row.Undecodable:
					undecodable++
				case row.NullValue:
					nulls++
				}
			}
		}
		for i := range r.total.Changes {
			if r.total.Changes[i].Step == 0 {
				tombstones++
			}
		}
		total.Late += r.total.Late
		total.Closed += r.total.Closed
		total.ExpressionErrors += r.total.ExpressionErrors
		total.DeadLetters = append(total.DeadLetters, r.total.DeadLetters...)
	}
	for what, n := range map[string]int{
		"undecodable records": undecodable, "null values": nulls, "tombstones": tombstones, "late records": int(total.Late),
		"closed windows": int(total.Closed), "expression errors": int(total.ExpressionErrors), "dead letters": len(total.DeadLetters),
	} {
		if n < 20 {
			t.Errorf("%d %s in %d records: too few to show anything", n, what, perRecord)
		}
	}
}

func TestEachRelationSpeaksOfManyScripts(t *testing.T) {
	const scripts, least = 300, 15
	for _, r := range relations {
		said := 0
		for seed := range uint64(scripts) {
			d, ok := r.check(generate.New(seed))
			if d != "" {
				t.Errorf("seed %d: %s: %s", seed, r.name, d)
			}
			if ok {
				said++
			}
		}
		if said < least {
			t.Errorf("%s: said of %d of %d scripts", r.name, said, scripts)
		}
	}
}

func TestCollapseKeepsTheSequenceOfDifferentRowsOfEachKey(t *testing.T) {
	got, err := Collapse(`{"topic":"T","key":{"K":1},"window":{"start":0,"end":5},"value":{"N":1},"timestamp":1}
{"topic":"T","key":{"K":2},"window":{"start":0,"end":5},"value":{"N":1},"timestamp":1}
{"topic":"T","key":{"K":1},"window":{"start":0,"end":5},"value":{"N":1},"timestamp":1}
{"topic":"T","key":{"K":1},"window":{"start":0,"end":5},"value":null,"timestamp":1}
{"topic":"T","key":{"K":1},"window":{"start":0,"end":5},"value":{"N":1},"timestamp":1}
{"topic":"T","key":{"K":1},"window":{"start":0,"end":5},"value":{"N":1},"timestamp":2}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := `T {"K":1} {"start":0,"end":5}: {"N":1} at 1
T {"K":1} {"start":0,"end":5}: null at 1
T {"K":1} {"start":0,"end":5}: {"N":1} at 1
T {"K":1} {"start":0,"end":5}: {"N":1} at 2
T {"K":2} {"start":0,"end":5}: {"N":1} at 1
`
	if d := DiffLines(want, got); d != "" {
		t.Errorf("- wanted, + came:\n%s", d)
	}
}

func TestShortInputLinesAreRecords(t *testing.T) {
	for in, want := range map[string]string{
		`1000 {"a":1}`:            `{"timestamp":1000,"value":{"a":1}}`,
		`- null`:                  `{"value":null}`,
		`p3 5 "k 1" -> {"a":1.0}`: `{"partition":3,"timestamp":5,"key":"k 1","value":{"a":1.0}}`,
		`quotes p1 5 7 -> 1`:      `{"topic":"quotes","partition":1,"timestamp":5,"key":7,"value":1}`,
		`5 {"a":`:                 `{"timestamp":5,"value":{"$bytes":"eyJhIjo="}}`,
		`{"value":null}`:          `{"value":null}`,
		"# a remark":              "",
	} {
		got, err := Lines(in)
		if err != nil || strings.TrimSuffix(got, "\n") != want {
			t.Errorf("%s is %s (%v), want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"later {}", `5 k -> {}`} {
		if got, err := Lines(in); err == nil {
			t.Errorf("%s is taken for %s", in, got)
		}
	}
}
