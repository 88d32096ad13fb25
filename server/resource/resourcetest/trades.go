package resourcetest

import (
	"fmt"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/server/resource"
	"parallax/shadow/evidence"
)

const (
	splitKey  = "8f9717a99f45"
	lostRow   = "03ab55e10c12"
	lastDigit = "c0142c1f4988"
	longDash  = "5d0e7731ab90"
)

// trades fails: V2 splits a key over its partitions.
func trades() *job {
	j := empty("trades-by-symbol", "/etc/parallax/jobs/trades-by-symbol.yaml")
	j.Job.State, j.LevelHeld, j.Run, j.Records, j.Roots = resource.Running, "none", "7c40d1be22a9", 86_400_000, 8_217
	j.Verdict, j.VerdictReason, j.Job.Since = "fail", "8,217 root divergences at level E2 (value, missing)", Now.Add(-26*time.Hour)
	j.show(shape{
		points: 160, each: 10 * time.Minute, v1: 388_000, ratio: 1.24, lag: 9_400, skipped: func(i int) bool { return i > 60 && i < 67 },
		roots: func(i int) int64 {
			if i < 108 {
				return 0
			}
			return int64(150 + 4*(i-108) - 90*(i*i%7%3) + i*7%31)
		},
	})
	why := "There are 8,217 root divergences at level E2 that no rule and no acceptance covers."
	j.stage.Run, j.stage.Control, j.stage.Since = j.Run, "v1 1.4.0", Now.Add(-26*time.Hour)
	j.stage.Next = &resource.NextStage{Stage: at("canary:1"), At: Now, Missing: []string{why}, IsFail: true}
	j.verdict.ID, j.verdict.Verdict, j.verdict.Code, j.verdict.Reason, j.verdict.Records = "c0ffee7c40a0", gate.Fail, 1, j.VerdictReason, j.Records
	j.verdict.Missing, j.verdict.Divergences = missing(why), verdict.Divergences{Root: 8_217, Cascade: 78_244}
	checkpoint := Now.Add(-52 * time.Second)
	j.details = resource.Details{
		Identity:   identity(j.Run, "v2:4 1.5.0-rc.1"),
		Outputs:    []resource.Output{{Topic: "volumes-by-minute", Level: "none", Rows: 80_551_200, Roots: 8_216}, {Topic: "large-trades", Level: "none", Rows: 2_120_553, Roots: 1}, {Topic: "last-price", Level: "E6", Rows: 40_201_004}},
		Partitions: []resource.Partition{{Partition: 0, Records: 41_604_110, Keys: 3_120, BusyMS: 212_000, Queue: 4_000}, {Partition: 1, Records: 12_011_902, Keys: 3_098, BusyMS: 84_000, Queue: 310}, {Partition: 2, Records: 21_412_003, Keys: 3_144, BusyMS: 121_000, Queue: 1_400}, {Partition: 3, Records: 11_188_335, Keys: 3_079, BusyMS: 78_000, Queue: 210}},
		Timeline:   j.details.Timeline,
		Holes: []evidence.Interruption{
			{Kind: "hole", At: Now.Add(-15 * time.Hour), To: 31_204_000, Reason: "V2 was shed: its queue of 16 batches was full for 103 ms"},
		},
		Routing:   []resource.Routing{{Query: "VOLUMES", Strategy: "round_robin", Why: "forced by processors.v2"}, {Query: "LARGE_TRADES", Strategy: "round_robin", Why: "the query has no state"}, {Query: "LAST_PRICE", Strategy: "always_hash", Why: "GROUP BY SYMBOL"}},
		Mutations: []evidence.Mutation{{Name: "value: BIGINT", Class: "value", Injected: 1720, Detected: 1720}, {Name: "missing row", Class: "missing", Injected: 1718, Detected: 1718}},
		States:    evidence.StateComparisons{Equal: 1411, Differing: 27, NotCompared: 2, Why: "V2 was behind"}, Checkpoint: &checkpoint,
	}
	j.columns = []resource.Column{
		{Topic: "volumes-by-minute", Name: "TRADES", Rows: 80_551_200, Same: 80_464_953, Differ: 86_247},
		{Topic: "volumes-by-minute", Name: "VOLUME", Rows: 80_551_200, Same: 80_464_953, Differ: 86_247},
		{Topic: "volumes-by-minute", Name: "AVERAGE", Rows: 80_551_200, Same: 80_464_740, Tolerated: 41, Differ: 86_419},
		{Topic: "large-trades", Name: "PRICE", Rows: 2_120_553, Same: 2_120_553},
		{Topic: "last-price", Name: "PRICE", Rows: 40_201_004, Same: 40_201_004},
		{Topic: "last-price", Name: "NOTE", Rows: 40_201_004, Same: 40_200_962, NullV1Only: 42},
	}
	j.ledger = resource.Ledger{Ledger: diff.Ledger{Compared: 82_088_051, Filtered: 4_102_330, Undecodable: 183_650, Shed: 25_969}, Records: j.Records, Since: j.since(), Until: newest(), Late: 40_122}
	j.history, j.reports = history(j.Run, "fail", "fail", "fail", "pass", "inconclusive"), nights("fail", "pass", "pass")
	j.rules = resource.Rules{
		Rules: []resource.Rule{
			{Rule: diff.Rule{Topic: "volumes-by-minute", Column: "AVERAGE", ULP: 4, Owner: "ana@example.com", Reason: "V2 adds in another order", Expires: "2026-12-05", MaxRate: 0.001}, Hits: 41},
			{Rule: diff.Rule{Column: "ingested_at", Ignore: true, Owner: "platform", Reason: "the time of processing", Expires: "2026-11-12", MaxRate: 1}, Hits: 0},
		},
		Accepted: []gate.AcceptedSignature{
			{Acceptance: gate.Acceptance{Signature: longDash, Owner: "ben@example.com", Reason: "V2 leaves the note NULL until the first trade: agreed with the readers", Expires: "2027-01-31", MaxCount: 1000}, Class: diff.ValueClass, Topic: "last-price", Count: 42, Roots: 42},
		},
	}
	j.signatures = []resource.Signature{
		signature(diff.Signature{ID: splitKey, Class: diff.ValueClass, Topic: "volumes-by-minute", Columns: []string{"TRADES", "VOLUME", "AVERAGE"}, Count: 86_247, Roots: 8_003, Hypothesis: diff.PartsAddUp, HypothesisText: diff.PartsAddUp.Text(), V2Partitions: []int32{0, 1, 2, 3}}, "open", 8*time.Hour, time.Second),
		signature(diff.Signature{ID: lastDigit, Class: diff.ValueClass, Topic: "volumes-by-minute", Columns: []string{"AVERAGE"}, Count: 213, Roots: 213, Hypothesis: diff.FloatOrder, HypothesisText: diff.FloatOrder.Text(), V2Partitions: []int32{1, 3}}, "open", 6*time.Hour, 4*time.Minute),
		signature(diff.Signature{ID: lostRow, Class: diff.Missing, Topic: "large-trades", Columns: []string{}, Count: 1, Roots: 1, V2Partitions: []int32{2}}, "open", 5*time.Hour, 5*time.Hour),
		signature(diff.Signature{ID: longDash, Class: diff.ValueClass, Topic: "last-price", Columns: []string{"NOTE"}, Count: 42, Roots: 42, V2Partitions: []int32{0}}, "accepted", 26*time.Hour, 2*time.Hour),
	}
	j.divergences = samples()
	for i := range j.signatures {
		for _, d := range j.divergences {
			if d.Signature == j.signatures[i].ID {
				j.signatures[i].Example = d.Example
				break
			}
		}
	}
	return j
}

// signature adds to a signature when it was seen, as times before Now.
func signature(s diff.Signature, status string, first, last time.Duration) resource.Signature {
	return resource.Signature{Signature: s, First: Now.Add(-first), Last: Now.Add(-last), Status: status}
}

// samples are stored divergences; several are of one key.
func samples() []resource.Divergence {
	list := []resource.Divergence{}
	add := func(signature string, class diff.Class, topic string, before time.Duration, e diff.Example) {
		e.Topic = topic
		list = append(list, resource.Divergence{Signature: signature, Class: class, Topic: topic, At: Now.Add(-before), Example: e})
	}
	for i := range 6 {
		window := []int64{Now.Add(-time.Duration(6-i) * time.Minute).UnixMilli(), Now.Add(-time.Duration(5-i) * time.Minute).UnixMilli()}
		v1, v2 := [3]string{fmt.Sprint(2 + i), fmt.Sprint(972 + 211*i), fmt.Sprintf("%.2f", 512.61+float64(i))}, [3]string{fmt.Sprint(1 + i/2), fmt.Sprint(546 + 97*i), fmt.Sprintf("%.2f", 169.84+float64(2*i))}
		row := func(v [3]string) string {
			return fmt.Sprintf(`{"DESK":"Seoul","SYMBOL":"CB","TRADES":%s,"VOLUME":%s,"AVERAGE":%s,"CURRENCY":"KRW"}`, v[0], v[1], v[2])
		}
		add(splitKey, diff.ValueClass, "volumes-by-minute", time.Duration(6-i)*time.Minute, diff.Example{
			Key: map[string]string{"SYMBOL": "CB", "DESK": "Seoul"}, Window: window, V1: row(v1), V2: row(v2),
			Columns: []diff.ColumnDiff{{Name: "TRADES", V1: v1[0], V2: v2[0]}, {Name: "VOLUME", V1: v1[1], V2: v2[1]}, {Name: "AVERAGE", V1: v1[2], V2: v2[2]}},
			Causes:  []diff.Cause{{Topic: "trades", Partition: 1, Offset: int64(43_902_116 + 31*i)}}, V2Partitions: []int32{int32(i % 4)}, Batch: int64(80_071 + i),
		})
	}
	add(lastDigit, diff.ValueClass, "volumes-by-minute", 4*time.Minute, diff.Example{
		Key: map[string]string{"SYMBOL": "ACME", "DESK": "Berlin"}, Window: []int64{Now.Add(-5 * time.Minute).UnixMilli(), Now.Add(-4 * time.Minute).UnixMilli()},
		V1: `{"DESK":"Berlin","SYMBOL":"ACME","TRADES":3,"VOLUME":1204,"AVERAGE":401.3333333333333,"CURRENCY":"EUR"}`, V2: `{"DESK":"Berlin","SYMBOL":"ACME","TRADES":3,"VOLUME":1204,"AVERAGE":401.3333333333341,"CURRENCY":"EUR"}`,
		Columns: []diff.ColumnDiff{{Name: "AVERAGE", V1: "401.3333333333333", V2: "401.3333333333341"}}, Causes: []diff.Cause{{Topic: "trades", Partition: 0, Offset: 44_300_002}}, V2Partitions: []int32{1}, Batch: 80_076,
	})
	add(lostRow, diff.Missing, "large-trades", 5*time.Hour, diff.Example{
		V1: `{"SYMBOL":"ACME","PRICE":1000.5,"TRADER":"t-1904"}`, Causes: []diff.Cause{{Topic: "trades", Partition: 0, Offset: 5_120_002}}, V2Partitions: []int32{2}, Batch: 4_711,
	})
	add(longDash, diff.ValueClass, "last-price", 2*time.Hour, diff.Example{
		Key: map[string]string{"SYMBOL": "ZETA"}, V1: `{"SYMBOL":"ZETA","PRICE":12.25,"NOTE":""}`, V2: `{"SYMBOL":"ZETA","PRICE":12.25,"NOTE":null}`,
		Columns: []diff.ColumnDiff{{Name: "NOTE", V1: `""`, V2: "NULL"}}, Causes: []diff.Cause{{Topic: "trades", Partition: 1, Offset: 40_118_220}}, V2Partitions: []int32{0}, Batch: 61_204,
	})
	return list
}

const explanation = `8f9717a99f45  value in volumes-by-minute: TRADES, VOLUME, AVERAGE
  who is wrong  The oracle agrees with V1: V2 is wrong.
  where         VOLUMES, the only stage (GROUP BY in TUMBLING windows)
  when          It shows only with more than one partition: routing, the merge, or state that is not shared.
  hypothesis    V2's partitions each hold a part of the group and the parts add up to V1's value: one key is routed to several partitions (routing, split key)
  input         2 records of 5000 replayed, all in one batch (84 tries)
    trades/1@43902116  {"desk":"Seoul","symbol":"CB","quantity":546}
    trades/1@43902147  {"desk":"Seoul","symbol":"CB","quantity":426}

Rows that differ (* marks a column)

  volumes-by-minute, SYMBOL=CB, DESK=Seoul in [14:14:00Z, 14:15:00Z), made by trades/1@43902147
            TRADES  VOLUME
    V1      2       972
    V2      1 *     546 *
    oracle  2       972

Does it show?
                                   a batch each  in one batch
  v2:1                             no            no
  v2:2                             yes           yes
  v2:4                             yes           yes
  v2:4, restarted between batches  yes
`
