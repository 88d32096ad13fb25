package shadow_test

import (
	"context"
	"testing"
	"testing/synctest"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
)

// refusing are jobs that send some of their records to the dead-letter topic.
var refusing = map[string]struct {
	query string
	opt   processors.Options
}{
	"late: dlq": {
		"SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 0 SECONDS) GROUP BY symbol EMIT FINAL",
		processors.Options{LateToDeadLetter: true},
	},
	"on_error: dlq": {
		"SELECT symbol, SUM(100 / (quantity % 5)) AS total FROM trades GROUP BY symbol EMIT CHANGES",
		processors.Options{ErrorsToDeadLetter: true},
	},
}

// refusingJob is such a job over 2,000 records, of which percent of the keys are
// compared; spoil sees each of V2's outcomes before anybody else.
func refusingJob(t *testing.T, query string, opt processors.Options, percent float64, spoil func(*row.Outcome) error) shadow.Job {
	t.Helper()
	p, err := plan.Compile("CREATE STREAM trades (trader STRING, symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');\n"+query,
		plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	j, _ := stateJob(p, &input{batches: processortest.Batches(processortest.RandomTrades(11, 2000), 100, true)}, config(), 3, nil)
	j.Control = func() (processors.Processor, error) { return pipeline.New(p, opt) }
	cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}
	if percent == 100 {
		j.Candidate = func() (processors.Processor, error) {
			inner, err := partitions.New(p, cfg, opt, partitions.Hooks{})
			return &v2{V2: inner, spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { return o, spoil(o) }}, err
		}
		return j
	}
	if j.Sample, err = partitions.NewSampler(p, percent); err != nil {
		t.Fatal(err)
	}
	j.Candidate = func() (processors.Processor, error) {
		inner, err := partitions.NewSampled(cfg, p, opt, percent)
		return &spoilt{inner.(sampledV2), spoil}, err
	}
	return j
}

// Nothing but the dead letters shows that V2 lost the records.
func TestAV2ThatLosesItsDeadLettersDiffers(t *testing.T) {
	for name, c := range refusing {
		for _, percent := range []float64{100, 40} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					right, err := run(t, t.Context(), refusingJob(t, c.query, c.opt, percent, func(*row.Outcome) error { return nil }))
					if err != nil || right.Diff.Root != 0 || right.Outputs.V2DeadLetters == 0 {
						t.Fatalf("a right V2, %v %%: %v, %+v, %d dead letters", percent, err, right.Diff.ByClass, right.Outputs.V2DeadLetters)
					}
					lost, err := run(t, t.Context(), refusingJob(t, c.query, c.opt, percent, func(o *row.Outcome) error {
						o.DeadLetters = nil
						return nil
					}))
					if err != nil {
						t.Fatal(err)
					}
					if lost.Diff.ByClass[diff.Missing] != right.Outputs.V2DeadLetters || lost.Diff.Root != right.Outputs.V2DeadLetters {
						t.Errorf("%v %%: %d dead letters were lost, found %+v", percent, right.Outputs.V2DeadLetters, lost.Diff.ByClass)
					}
				})
			})
		}
	}
}

// Which records V2 takes decides what it owes; that is looked at in sampled batches.
func TestAV2ThatClaimsToTakeFewerRecordsThanItsKeysIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := refusing["late: dlq"]
		rep, err := run(t, t.Context(), refusingJob(t, c.query, c.opt, 40, func(o *row.Outcome) error {
			clear(o.Shares)
			o.DeadLetters = nil
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		if rep.Diff.ByClass[diff.ArmError] == 0 {
			t.Errorf("found %+v", rep.Diff.ByClass)
		}
	})
}
