package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

var nightsDir = flag.String("nights", "", "keep the reports of TestAWeekOfNights in this folder")

const nightsJob = `job: trades-by-symbol
kafka: {brokers: [localhost:1], group: g}
sql: |
  CREATE STREAM trades (symbol STRING, fee DOUBLE) WITH (kafka_topic='trades');
  CREATE TABLE fees WITH (kafka_topic='fees') AS SELECT symbol, SUM(fee) AS fee FROM trades GROUP BY symbol EMIT CHANGES;
reports: {schedule: "17 3 * * *", time_zone: Europe/Berlin, keep: 3650d}
`

const feeSignature = "5d0c1f7a9e21"

// hour is the evidence of the hour that ends at a time.
func hour(n int64, end time.Time, isFaulty bool) *evidence.Span {
	const records, keys = 50_000, 200
	level := diff.E1
	rule := diff.Rule{Topic: "fees", Column: "FEE", ULP: 4, Owner: "ana@example.com", Reason: "V2 adds in another order", Expires: "2026-10-23", MaxRate: 0.01}
	ratio := 1.7 + 0.1*float64(n%12)/12
	s := &evidence.Span{
		Version: evidence.SpanVersion, Job: "trades-by-symbol", Task: "all", Incarnation: "one", From: records * n, To: records * (n + 1), Batches: [2]int64{n, n}, Merged: 1,
		Program: evidence.Program{Version: "1.5.0", Commit: "0123456789ab"}, Wall: [2]time.Time{end.Add(-time.Hour), end}, Stage: "shadow",
		Ledger: diff.Ledger{Compared: records - 500, Filtered: 500}, Require: diff.E1, Levels: map[string]diff.Level{"fees": level},
		Topics: []evidence.Topic{{Topic: "fees", Level: &level, Unit: diff.UnitKey, Rows: records - 500, NewUnits: keys, ToleratedRows: 3}},
		Rules:  []evidence.RuleHits{{ID: "r1", Rule: rule, Hits: 3, Of: records - 500}},
		Columns: []evidence.Column{
			{Topic: "fees", Name: "SYMBOL", Rows: records - 500, Same: records - 500}, {Topic: "fees", Name: "FEE", Rows: records - 500, Same: records - 503, Tolerated: 3},
		},
		Mutations: []evidence.Mutation{{Name: "value:DOUBLE", Class: "value", Injected: 20, Detected: 20}, {Name: "missing", Class: "missing", Injected: 20, Detected: 20}},
		Lag:       evidence.Lag{Most: 800 + 40*(n%17)},
		V2: &evidence.SpanV2{
			Processor: "v2:4", Implementation: "V2", Strategy: "always_hash",
			Routing: []evidence.Routed{{Routing: evidence.Routing{Query: "FEES", Strategy: "always_hash", Records: []int64{12_600, 12_400, 12_700, 12_300}}, Output: "fees"}},
		},
		Partitions: []evidence.Work{{Records: 12_600}, {Records: 12_400}, {Records: 12_700}, {Records: 12_300}}, StateEqual: evidence.StateComparisons{Equal: 60},
	}
	for i := range int64(keys) {
		s.Topics[0].Keys.Add(uint64(keys*n+i) * 0x9e3779b97f4a7c15)
		s.Topics[0].Units.Add(uint64(keys*n+i) * 0x9e3779b97f4a7c15)
	}
	for range 50 { // batches of a thousand records
		v1 := 2_400_000 + 20_000*(n%9)
		s.Speed.Add(1000, [2]int{990, 990}, [2]int64{v1, int64(float64(v1) / ratio)}, [2]int64{}, false)
		s.Speed.Blocks = append(s.Speed.Blocks, evidence.Block{Batches: 1, V1: v1, V2: int64(float64(v1) / ratio)})
	}
	if isFaulty {
		addFault(s, end)
	}
	return s
}

// addFault makes V2 round fees in another way for five keys of an hour.
func addFault(s *evidence.Span, end time.Time) {
	none := diff.None
	example := evidence.Sample{Example: diff.Example{
		Topic: "fees", Key: map[string]string{"SYMBOL": "CB"}, V1: `{"SYMBOL":"CB","FEE":10.13}`, V2: `{"SYMBOL":"CB","FEE":10.12}`,
		Columns: []diff.ColumnDiff{{Name: "FEE", V1: "10.13", V2: "10.12"}}, Causes: []diff.Cause{{Topic: "trades", Partition: 1, Offset: s.From}}, Batch: s.Batches[0],
	}}
	s.Levels["fees"], s.Topics[0].Level, s.Topics[0].Root, s.Topics[0].Cascade = none, &none, 5, 20
	s.Columns[1].Same, s.Columns[1].Differ = s.Columns[1].Same-25, 25
	s.ByClass, s.Origin = map[diff.Class]int64{diff.ValueClass: 25}, &diff.Origin{FirstBatch: s.Batches[0], LastBatch: s.Batches[1], V2Partitions: []int32{1, 2}}
	s.Divergences = []evidence.Divergence{{
		Signature: feeSignature, Class: diff.ValueClass, Topic: "fees", Columns: []string{"FEE"}, Root: 5, Cascade: 20, V2Partitions: []int32{1, 2},
		Seen: [2]time.Time{end.Add(-50 * time.Minute), end.Add(-time.Minute)}, Samples: evidence.Samples{First: &example},
	}}
}

// TestAWeekOfNights simulates a week of a job: a fault appears on the third night and is
// accepted on the fifth, a rule expires on the sixth, and the clocks change on the seventh.
func TestAWeekOfNights(t *testing.T) {
	dir := t.TempDir()
	if *nightsDir != "" {
		var err error
		if dir, err = filepath.Abs(*nightsDir); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "trades.yaml")
	if err := os.WriteFile(path, []byte(nightsJob), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := config.Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := reported(l, l.EvidenceDir())
	w, err := store.Open(l.EvidenceDir(), j.Name, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	begun, n := time.Date(2026, 10, 18, 3, 17, 0, 0, berlin), int64(0)
	for night := 1; night <= 7; night++ {
		if night == 5 {
			accept(t, path)
		}
		over := begun.AddDate(0, 0, night)
		for end := begun.Add(time.Duration(n+1) * time.Hour); !end.After(over); end = end.Add(time.Hour) {
			isFaulty := night >= 3
			if err := w.Append(evidence.RunIdentity{Fingerprint: "b1946ac92492", V1: "v1 1.4.0", V2: "v2:4 1.5.0"}, hour(n, end, isFaulty)); err != nil {
				t.Fatal(err)
			}
			n++
		}
		if err := j.Check(t.Context(), over.Add(time.Minute)); err != nil { // while the job runs
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checkNights(t, path)
}

func accept(t *testing.T, job string) {
	t.Helper()
	var out, errs strings.Builder
	args := []string{"accept", job, feeSignature, "--owner", "fees-team", "--reason", "intended: V2 rounds fees half even", "--expires", "2099-12-31", "--max-count", "1000"}
	if code := run(t.Context(), args, nil, &out, &errs); code != 0 {
		t.Fatalf("code %d: %s", code, errs.String())
	}
}

// checkNights compares the reports and the history with what happened.
func checkNights(t *testing.T, job string) {
	t.Helper()
	l, err := config.Load(job, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenReader(l.EvidenceDir(), l.Job.Name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := r.Reports()
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	var states, days []string
	for _, row := range rows {
		states = append(states, row.State)
	}
	if want := []string{"pass", "pass", "fail", "fail", "pass", "inconclusive", "inconclusive"}; !slices.Equal(states, want) {
		t.Fatalf("the reports are %q, want %q", states, want)
	}
	if last := rows[6]; last.To.Sub(last.From) != 25*time.Hour {
		t.Errorf("the night of the change of clocks has %v", last.To.Sub(last.From))
	}
	for night, wants := range map[int][]string{
		1: {"V2 may take over.", "There is no earlier report of this job."},
		2: {"Nothing changed since the report of"},
		3: {"V2 must not take over", "The verdict is fail; it was pass.", "1 difference is new."},
		4: {"0 new, 1 known, 0 gone", "expires tomorrow"},
		5: {"V2 may take over.", "The verdict is pass; it was fail.", "fees-team", "expires today"},
		6: {"expired on 2026-10-23", "The verdict is inconclusive; it was pass."},
	} {
		id := "trades-by-symbol-" + rows[night-1].To.Format("20060102T150405Z")
		text, err := os.ReadFile(filepath.Join(l.ReportsDir(), id+".html"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("the report of night %d does not say %q", night, want)
			}
		}
	}
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"history", job, "--json"}, nil, &out, &errs); code != 0 {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	var history struct{ Nights []night }
	if err := json.Unmarshal([]byte(out.String()), &history); err != nil {
		t.Fatal(err)
	}
	for _, n := range history.Nights {
		if n.IsStored {
			days = append(days, n.Day[8:]+" "+string(n.Verdict))
		}
	}
	if want := []string{"18 pass", "19 pass", "20 fail", "21 fail", "22 pass", "23 inconclusive", "24 inconclusive"}; !slices.Equal(days, want) {
		t.Errorf("the history is %q, want %q", days, want)
	}
}
