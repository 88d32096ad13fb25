package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff"
	"parallax/reports/store"
	"parallax/shadow/demo"
	"parallax/shadow/evidence"
)

// ranDemo is a demo with a fault that has run, with its job file and summary in a folder.
func ranDemo(t *testing.T, fault string, records int) (d *demo.Demo, dir string, signatures []diff.Signature) {
	t.Helper()
	d, err := demo.New(demo.Options{Records: records, Fault: fault, Partitions: 4, Strategy: "auto", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	if err := d.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := d.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	line, err := summary(r).JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"job.yaml": strings.Replace(d.JobFile(), "my-first-job", "parallax-demo", 1), "summary.json": string(line),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d, dir, r.Evidence.Diff.Signatures
}

// groups is what the broker knows of its consumer groups, and of its transactions.
func groups(t *testing.T, admin *kadm.Client) string {
	t.Helper()
	described, err := admin.DescribeGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	offsets := admin.FetchManyOffsets(t.Context(), described.Names()...)
	transactions, err := admin.ListTransactions(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{described, offsets, transactions})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExplainReadsTheTopicsAndTouchesNoGroup: while a member of the job's group is there, each
// divergence of a run's summary is explained from the topics; the group's members, generation
// and offsets, other groups and transactions stay as they are.
func TestExplainReadsTheTopicsAndTouchesNoGroup(t *testing.T) {
	d, dir, signatures := ranDemo(t, "split-key", 1_500)
	assigned := make(chan struct{})
	member, err := kgo.NewClient(
		kgo.SeedBrokers(d.Addrs()...), kgo.ConsumerGroup("parallax-demo"), kgo.ConsumeTopics(d.Scenario.Topics...), kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { close(assigned) }),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer member.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(d.Addrs()...), kgo.ConsumeTopics())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	<-assigned
	before := groups(t, admin)
	if !strings.Contains(before, `"Stable"`) || len(signatures) == 0 {
		t.Fatalf("%d signatures, groups %s", len(signatures), before)
	}
	for _, s := range signatures {
		code, out, errs := runIn(t, dir, nil, "explain", "job.yaml", s.ID, "--summary", "summary.json", "--fault", "split-key", "-o", "found")
		if code != 0 || !strings.Contains(out, s.ID) {
			t.Errorf("%s: %d\n%s%s", s.ID, code, out, errs)
		}
		if code, out, errs := runLine(t, filepath.Join(dir, "found"), commandIn(t, filepath.Join(dir, "found", "README.md"))); code != exitFail && code != exitPass {
			t.Errorf("%s: its folder: %d\n%s%s", s.ID, code, out, errs)
		}
	}
	if after := groups(t, admin); !reflect.DeepEqual(before, after) {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

// TestExplainReadsWhatFitsBeforeTheCause: of more records than may be replayed the last ones
// before the cause are read, and without a cause the command says what to do.
func TestExplainReadsWhatFitsBeforeTheCause(t *testing.T) {
	_, dir, signatures := ranDemo(t, "scale", 1_200)
	args := []string{"explain", "job.yaml", "--fault", "scale", "--records", "100"}
	if code, _, errs := runIn(t, dir, nil, args...); code != exitError || !strings.Contains(errs, "--from") {
		t.Errorf("without a cause: %d, %s", code, errs)
	}
	var late diff.Signature
	for _, s := range signatures {
		if s.Latest != nil && len(s.Latest.Causes) > 0 {
			late = s
			late.Example = *s.Latest
		}
	}
	text, err := json.Marshal(map[string]any{"signatures": []diff.Signature{late}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "late.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runIn(t, dir, nil, append(args, "--summary", "late.json")...)
	if code != 0 || !strings.HasPrefix(out, late.ID) {
		t.Errorf("%s, caused by %v: %d\n%s%s", late.ID, late.Example.Causes, code, out, errs)
	}
	code, _, errs = runIn(t, dir, nil, "explain", "job.yaml", "--fault", "scale", "--from", "yesterday")
	if code != exitError || !strings.Contains(errs, "must be a time") {
		t.Errorf("--from yesterday: %d, %s", code, errs)
	}
}

// TestExplainFindsTheCauseInTheStoredEvidence of the job, and ends the replay there. The
// earliest sample is the one that is replayed up to.
func TestExplainFindsTheCauseInTheStoredEvidence(t *testing.T) {
	_, dir, signatures := ranDemo(t, "scale", 600)
	known := signatures[slices.IndexFunc(signatures, func(s diff.Signature) bool { return s.Topic == "fills" })]
	cause := known.Example.Causes[0]
	w, err := store.Open(filepath.Join(dir, "evidence"), "demo-desks", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	err = w.Append(evidence.RunIdentity{Fingerprint: "f", V1: "v1", V2: "v2:4"}, &evidence.Span{
		Version: evidence.SpanVersion, Job: "demo-desks", Task: "all", Incarnation: "one", From: 0, To: 600, Merged: 1, Wall: [2]time.Time{now, now.Add(time.Second)},
		Divergences: []evidence.Divergence{{
			Signature: known.ID, Class: known.Class, Topic: known.Topic, Columns: known.Columns, Root: known.Roots, Seen: [2]time.Time{now, now},
			Samples: evidence.Samples{First: &evidence.Sample{Example: known.Example}},
		}},
	})
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runIn(t, dir, nil, "explain", "job.yaml", known.ID, "--fault", "scale", "--json")
	var got struct {
		Shown     bool
		Read      int
		Signature diff.Signature
		More      []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || !got.Shown || got.Signature.ID != known.ID || got.Read > 600/2 ||
		!slices.ContainsFunc(got.More, func(s string) bool {
			return strings.HasPrefix(s, "Another V2 is replayed: the evidence is of v2:4, and the replay runs v2:4 auto ")
		}) {
		t.Errorf("cause %v: %d, shown %v with %d records, %s, %v\n%s", cause, code, got.Shown, got.Read, got.Signature.ID, err, errs)
	}
	for _, id := range []string{"8f97", "8F9717A99F45", "8f9717a99f45 ", "summary.json"} {
		if code, _, errs := runIn(t, dir, nil, "explain", "job.yaml", id, "--fault", "scale"); code != exitError || !strings.Contains(errs, "is not the id of a divergence: 12 hexadecimal digits") {
			t.Errorf("%s: %d, %s", id, code, errs)
		}
	}
	if code, _, errs := runIn(t, dir, nil, "explain", "job.yaml", "000000000000", "--evidence", "evidence", "--fault", "scale"); code != exitError || !strings.Contains(errs, "no stored evidence of divergence 000000000000") {
		t.Errorf("an unknown id: %d, %s", code, errs)
	}
}
