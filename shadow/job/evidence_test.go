package job_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parallax/config"
	"parallax/processors/faults"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

// stores makes a run store its evidence, in short spans.
func (in *instalments) stores(cfg *config.Job, opt *job.Options) {
	opt.StoreEvidence = true
	opt.SpanPeriod = time.Millisecond
	cfg.Evidence.Dir = filepath.Join(in.dir, "evidence")
}

// stretch returns the clean stretch of a job's newest run.
func (in *instalments) stretch(name string) (*evidence.Stretch, []store.Run) {
	in.t.Helper()
	r, err := store.OpenReader(filepath.Join(in.dir, "evidence"), name)
	if err != nil {
		in.t.Fatal(err)
	}
	defer r.Close()
	runs, err := r.Runs()
	if err != nil {
		in.t.Fatal(err)
	}
	s, err := r.Stretch(store.Query{})
	if err != nil {
		in.t.Fatal(err)
	}
	in.validate(r)
	return s, runs
}

// validate holds docs/span.schema.json against what is stored, without a field that it does not
// name.
func (in *instalments) validate(r *store.Reader) {
	in.t.Helper()
	schema := strictSchema(in.t)
	err := r.Spans(store.Query{}, func(s *evidence.Span) error {
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	})
	if err != nil {
		in.t.Error(err)
	}
}

// TestEvidenceOfARunGoesOnOverRestarts: what is stored by a job that is run in parts, with other
// numbers of records each time, is what one run stores.
func TestEvidenceOfARunGoesOnOverRestarts(t *testing.T) {
	in := newInstalments(t)
	var last *job.Result
	for i := range 4 {
		in.produce(700 + 111*i)
		var err error
		if last, err = in.run("parts", 3, i == 3, in.stores); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := in.run("whole", 3, true, in.stores)
	if err != nil {
		t.Fatal(err)
	}
	parts, runs := in.stretch("parts")
	one, _ := in.stretch("whole")
	if len(runs) != 1 || parts.Incarnations != 4 || len(parts.Interruptions) != 0 || parts.Before != nil {
		t.Fatalf("%d runs, %d incarnations, interruptions: %+v", len(runs), parts.Incarnations, parts.Interruptions)
	}
	if last.ThisOne == nil || last.ThisOne.Ledger.Records() != 1033 || last.Incarnations != 4 {
		t.Errorf("the last of %d incarnations has %+v", last.Incarnations, last.ThisOne)
	}
	if whole.ThisOne != nil || whole.Incarnations != 1 {
		t.Errorf("a run of its own has %d incarnations", whole.Incarnations)
	}
	for _, s := range []*evidence.Stretch{parts, one, {Report: last.Evidence}} {
		if s.Ledger != whole.Evidence.Ledger || s.Processed() != whole.Evidence.Processed() || s.Diff.LevelHeld != whole.Evidence.Diff.LevelHeld ||
			s.Outputs != whole.Evidence.Outputs || s.Uncounted != whole.Evidence.Uncounted || s.Late != whole.Evidence.Late {
			t.Errorf("the ledger is %+v with %d processed, want %+v with %d", s.Ledger, s.Processed(), whole.Evidence.Ledger, whole.Evidence.Processed())
		}
		for i, o := range s.Diff.Outputs {
			want := whole.Evidence.Diff.Outputs[i]
			if o.Rows != want.Rows || o.Units != want.Units || o.Keys != want.Keys || o.LevelHeld != want.LevelHeld {
				t.Errorf("%s: %+v, want %+v", o.Topic, o, want)
			}
		}
		for i := range s.Columns { // the topics are named for the jobs
			s.Columns[i].Topic = whole.Evidence.Columns[i].Topic
		}
		if !reflect.DeepEqual(s.Strata, whole.Evidence.Strata) || !reflect.DeepEqual(s.Columns, whole.Evidence.Columns) {
			t.Errorf("strata %v, columns %v; want %v, %v", s.Strata, s.Columns, whole.Evidence.Strata, whole.Evidence.Columns)
		}
	}
}

// TestTheVerdictOfARunInPartsIsThatOfAllParts: a divergence of the first part, or evidence of a
// part that was not stored, is no pass at the end of the last one.
func TestTheVerdictOfARunInPartsIsThatOfAllParts(t *testing.T) {
	for name, change := range map[string]func(cfg *config.Job, opt *job.Options){
		"divergence": func(_ *config.Job, opt *job.Options) {
			fault, err := faults.Parse("impossible-value")
			if err != nil {
				t.Fatal(err)
			}
			opt.BuildV2 = fault.New
		},
		"not-stored": func(_ *config.Job, opt *job.Options) { opt.StoreEvidence = false },
	} {
		in := newInstalments(t)
		policy := func(cfg *config.Job) {
			cfg.Gate.MinRecords, cfg.Gate.MinKeys, cfg.Gate.MinUnits, cfg.Gate.MaxProbability, cfg.Gate.MinEventTime = 1, 1, 1, 0.5, "0s"
		}
		var last *job.Result
		for i := range 3 {
			in.produce(500)
			var err error
			last, err = in.run(name, 3, i == 2, func(cfg *config.Job, opt *job.Options) {
				in.stores(cfg, opt)
				policy(cfg)
				if i == 1 {
					change(cfg, opt)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		own := gate.Decide(last.Policy, gate.Evidence{Report: *last.ThisOne, At: time.Now()})
		if own.State != gate.Pass {
			t.Fatalf("%s: the last part by itself: %s, %s", name, own.State, own.Reason)
		}
		want := map[string]gate.State{"divergence": gate.Fail, "not-stored": gate.Inconclusive}[name]
		if last.Verdict.State != want {
			t.Errorf("%s: the run: %s, %s; want %s", name, last.Verdict.State, last.Verdict.Reason, want)
		}
	}
}

// TestAnotherConfigurationBeginsARun: what was proven for another V2 or other rules says nothing.
func TestAnotherConfigurationBeginsARun(t *testing.T) {
	in := newInstalments(t)
	for i, partitions := range []int{2, 3} {
		in.produce(500)
		if _, err := in.run("parts", partitions, i == 1, in.stores); err != nil {
			t.Fatal(err)
		}
	}
	s, runs := in.stretch("parts")
	if len(runs) != 2 || s.Ledger.Records() != 500 || s.Retries != 0 || s.Before != nil {
		t.Errorf("%d runs, the newest with %+v, %d retries", len(runs), s.Ledger, s.Retries)
	}
}

// strictSchema is the published schema, with no other fields allowed.
func strictSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return strict(t, filepath.Join("..", "..", "docs", "span.schema.json"))
}

// TestWhatWasNotStoredIsMissing: a process that ended before it stored its evidence leaves a
// hole, after which the clean stretch begins. Nothing is counted twice.
func TestWhatWasNotStoredIsMissing(t *testing.T) {
	in := newInstalments(t)
	for i := range 3 {
		in.produce(500)
		change := in.stores
		if i == 1 {
			change = func(cfg *config.Job, opt *job.Options) {
				in.stores(cfg, opt)
				opt.StoreEvidence = false
			}
		}
		if _, err := in.run("parts", 3, i == 2, change); err != nil {
			t.Fatal(err)
		}
	}
	s, runs := in.stretch("parts")
	if len(runs) != 1 || s.From != 1000 || s.To != 1500 || s.Ledger.Records() != 500 || s.Before == nil || s.Before.Records != 500 {
		t.Fatalf("%d runs, the stretch is from %d to %d with %+v, before: %+v", len(runs), s.From, s.To, s.Ledger, s.Before)
	}
	if want := []evidence.PositionRange{{From: 500, To: 1000}}; !reflect.DeepEqual(s.Missing, want) || len(s.Interruptions) != 1 || s.Interruptions[0].Kind != "missing" {
		t.Errorf("missing %v, interruptions %+v", s.Missing, s.Interruptions)
	}
	if want := s.Ledger.Compared + s.Ledger.Filtered - s.Uncounted; s.Processed() != want {
		t.Errorf("V2's partitions processed %d records of the stretch, want %d", s.Processed(), want)
	}
}

// TestARunThatEndsStoresItsVerdict: it is that of the evidence of all parts, by the job's
// policy and about what the job is.
func TestARunThatEndsStoresItsVerdict(t *testing.T) {
	in := newInstalments(t)
	for i := range 2 {
		in.produce(700 + 111*i)
		if _, err := in.run("judged", 3, i == 1, in.stores); err != nil {
			t.Fatal(err)
		}
	}
	r, err := store.OpenReader(filepath.Join(in.dir, "evidence"), "judged")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.Verdicts()
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Stretch(store.Query{})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d verdicts of 2 parts (%v)", len(list), err)
	}
	for i, v := range list {
		var d verdict.Document
		if err := json.Unmarshal(v.Document, &d); err != nil || verdict.Check(v.Document) != nil {
			t.Fatalf("%s: %v, %v", v.Document, err, verdict.Check(v.Document))
		}
		if v.Run != s.Identity.Run || string(d.Verdict) != v.State || d.V2 != s.Identity.V2 {
			t.Errorf("verdict %d is of run %s and V2 %q, %s; want run %s and V2 %q", i, v.Run, d.V2, v.State, s.Identity.Run, s.Identity.V2)
		}
		if i == 1 && d.Records != s.Ledger.Records() {
			t.Errorf("the last verdict is of %d records, and %d are stored", d.Records, s.Ledger.Records())
		}
		for _, rule := range d.Rules {
			if rule.Name == "same_run" && rule.State != gate.Pass {
				t.Errorf("verdict %d: %s", i, rule.Reason)
			}
		}
	}
}
