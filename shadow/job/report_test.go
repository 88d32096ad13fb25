package job_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/shadow/candidate"
	"parallax/shadow/embedded"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
	"parallax/shadow/workload"
)

// TestAJobSaysWhatItHasShownSoFar: while the job runs its report grows with the input, and
// its verdict is that so far; at the end the report is what Run returned.
func TestAJobSaysWhatItHasShownSoFar(t *testing.T) {
	broker, err := embedded.Start(embedded.Options{Clean: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Stop()
	scenario, err := workload.Lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	const partitions = 2
	for _, topic := range append([]string{"by-trader-symbol"}, scenario.Topics...) {
		if err := broker.CreateTopic(t.Context(), topic, partitions, embedded.Retention{}); err != nil {
			t.Fatal(err)
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	cfg := config.Default()
	cfg.Name, cfg.SQL, cfg.Processors.V2.Partitions = "j", scenario.SQL, 2
	cfg.State.Dir = t.TempDir()
	cfg.Kafka.Brokers, cfg.Kafka.Group, cfg.Kafka.Batch = broker.Addrs(), "g", 100
	cfg.Gate.MinRecords, cfg.Gate.MinKeys, cfg.Gate.MinUnits, cfg.Gate.MaxProbability, cfg.Gate.MinEventTime = 1_000, 1, 1, 1, "0s"
	cfg.V2.OnOverload, cfg.State.Dir = candidate.Block, t.TempDir()
	l, err := config.Of("the test", cfg)
	if err != nil {
		t.Fatal(err)
	}
	j, err := job.Load(l, job.Options{Flush: true})
	if err != nil {
		t.Fatal(err)
	}
	if j.Report() != nil {
		t.Error("a job that has not begun has a report")
	}
	stream := scenario.Generate(workload.Options{Records: 1 << 20, Seed: 1, Partitions: partitions})
	produced := int64(0)
	j.Feed = func(ctx context.Context, _ *kafka.Task) error {
		for {
			var records []*kgo.Record
			for range 500 {
				rec, ok := stream.Next()
				if !ok {
					return errors.New("the input is at its end, and no report has 2,000 records")
				}
				records = append(records, &kgo.Record{Topic: rec.Topic, Partition: rec.Partition, Value: rec.Value})
			}
			if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
				return err
			}
			produced += int64(len(records))
			r := j.Report()
			if r == nil {
				return errors.New("a job that runs has no report")
			}
			e := r.Evidence
			switch {
			case !e.Running || e.Ledger.Gap != 0 || r.Verdict.State == gate.Fail || r.Verdict.State == gate.Error:
				return fmt.Errorf("running %v, ledger %+v, %s: %s", e.Running, e.Ledger, r.Verdict.State, r.Verdict.Reason)
			case e.Ledger.Compared < 2_000:
			case e.Processed() < e.Ledger.Compared || len(e.Offsets) != partitions || e.Program != j.Program:
				return fmt.Errorf("%+v", e)
			default:
				return nil
			}
		}
	}
	result, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if l := result.Evidence.Ledger; l.Compared != produced || result.Evidence.Running || result.Verdict.State != gate.Pass {
		t.Errorf("%d produced, ledger %+v; %s: %s", produced, l, result.Verdict.State, result.Verdict.Reason)
	}
	if last := j.Report(); !reflect.DeepEqual(last, result) {
		t.Errorf("the last report is\n%+v\nthe run's\n%+v", last, result)
	}
}
