package job_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/config"
	"parallax/processors/row"
	"parallax/shadow/job"
)

// TestACheckpointOlderThanHalfTheRetentionIsWarnedOf while the job runs without storing another one, and when it starts
// after a long stop. Times are the bubble's.
func TestACheckpointOlderThanHalfTheRetentionIsWarnedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := config.Default()
		base.Name, base.SQL, base.Kafka.Group = "job", counted, "group"
		base.State.Dir, base.State.Interval = stateDir(t), 12*time.Hour
		j := newJourney(t, base, map[string]int32{"s": 1})
		fourMinutes := "240000"
		if _, err := kadm.NewClient(j.client).AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &fourMinutes}}, "s"); err != nil {
			t.Fatal(err)
		}
		one := func() {
			j.produce([]row.Record{{TopicPartition: row.TopicPartition{Topic: "s"}, Timestamp: time.Now().UnixMilli(), Key: []byte("k"), Value: []byte(`{"x":1}`)}})
		}
		const said = "the newest checkpoint is older than half the retention of a topic that the job reads"
		live := func(most time.Duration) int {
			j.log.Reset()
			ctx, cancel := context.WithTimeout(t.Context(), most)
			defer cancel()
			go func() {
				for ctx.Err() == nil {
					one()
					select {
					case <-ctx.Done():
					case <-time.After(20 * time.Second):
					}
				}
			}()
			if _, err := j.run(ctx, func(_ *config.Job, o *job.Options) { o.UntilEnd = false }); err != nil {
				t.Fatalf("%v\n%s", err, j.log.String())
			}
			return strings.Count(j.log.String(), said)
		}
		if n := live(90 * time.Second); n != 0 {
			t.Errorf("after 90 seconds it was said %d times, want not at all:\n%s", n, j.log.String())
		}
		if n := live(210 * time.Second); n != 1 {
			t.Errorf("after 210 seconds without a checkpoint it was said %d times, want once:\n%s", n, j.log.String())
		}
		time.Sleep(150 * time.Second)
		if n := live(10 * time.Second); n != 1 {
			t.Errorf("after a stop of 150 seconds it was said %d times, want once:\n%s", n, j.log.String())
		}
	})
}
