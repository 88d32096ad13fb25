package reports_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

func ranJob() reports.Summary {
	started := time.Date(2026, 3, 1, 23, 59, 58, 0, time.UTC)
	return reports.Summary{Job: "j", Verdict: "pass", Run: reports.Run{
		Run: evidence.Run{
			Program: evidence.Program{Version: "1.2.3", Commit: "0123456789abcdef"},
			Started: started, Ended: started.Add(200 * time.Second), Took: evidence.Duration(200 * time.Second),
			Offsets: []evidence.OffsetRange{
				{TopicPartition: row.TopicPartition{Topic: "trades", Partition: 0}, From: 17, To: 33_440},
				{TopicPartition: row.TopicPartition{Topic: "trades", Partition: 1}, From: 0, To: 8},
			},
		},
		Policy: reports.Policy{RequireLevel: diff.E3, Policy: gate.DefaultPolicy()},
		SetAside: evidence.SetAside{
			DeadLetters: 1_214, DeadLetterTopics: []string{"trades.dlq"},
			OpenTransactions: []evidence.OpenTransaction{{TopicPartition: row.TopicPartition{Topic: "trades", Partition: 1}, LastStable: 9, End: 12}},
		},
	}}
}

func TestARunIsDescribedAsText(t *testing.T) {
	var b strings.Builder
	if err := reports.Text(&b, ranJob()); err != nil {
		t.Fatal(err)
	}
	const want = `
run           2026-03-01 23:59:58 to 2026-03-02 00:03:18 UTC, 3 min 20 s; parallax 1.2.3 (0123456789ab)
  offsets       trades/0 17 to 33,440, trades/1 0 to 8
  policy        level E3; at least 10,000 records, 1,000 keys, 3,000 units, 2 partitions, event
                time auto; at most 5 % late, 5 % tolerated, probability 0.001 at confidence 0.95
  dead letters  1,214, to trades.dlq
  not read      trades/1 from offset 9 to its end, 12: a transaction was open there when the run
                began
`
	if !strings.HasSuffix(b.String(), want) {
		t.Errorf("%s\ndoes not end with\n%s", b.String(), want)
	}
}

func TestARunIsDescribedAsJSON(t *testing.T) {
	line, err := ranJob().JSON()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(line, &all); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"version": `"1.2.3"`, "started": `"2026-03-01T23:59:58Z"`, "ended": `"2026-03-02T00:03:18Z"`, "duration_ms": "200000",
		"offsets":      `[{"topic":"trades","partition":0,"from":17,"to":33440},{"topic":"trades","partition":1,"from":0,"to":8}]`,
		"dead_letters": "1214", "dead_letter_topics": `["trades.dlq"]`,
		"open_transactions": `[{"topic":"trades","partition":1,"last_stable_offset":9,"end_offset":12}]`,
		"policy":            `{"require_level":"E3","min_records":10000,"min_keys":1000,"min_units":3000,"min_partitions":2,"max_late":0.05,"max_probability":0.001,"confidence":0.95,"min_event_time":"auto","max_tolerated":0.05,"max_slowdown":null}`,
	} {
		if got := string(all[field]); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}
